"""Programs: whom we listen to, at which milestones, with which survey; and the rules around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from connector.domain.actions import ActionPolicy, ActionRule
from connector.domain.condition import Condition
from connector.domain.listed import Listed
from connector.domain.records import Fact, RecordKind
from connector.domain.surveys import AskKind, Survey


class Mode(StrEnum):
    """How far closedloop goes: shadow decides and shows only, test reaches who is listed, live sends and writes."""

    SHADOW = "shadow"
    TEST = "test"
    LIVE = "live"

    @property
    def reach(self) -> int:
        """How far this goes, to compare two modes by."""
        return list(Mode).index(self)


class Track(StrEnum):
    """Which history a decision belongs to (design 5.1)."""

    SHADOW = "shadow"
    REAL = "real"


class WhenKind(StrEnum):
    """What makes a milestone."""

    BEFORE = "before"
    AFTER = "after"
    CHANGED = "changed"
    EVERY = "every"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A milestone's moment: `days` before or after the date in `fact`, or `days` after `fact` changed to `value`.

    `every` comes each `days` after the date in `fact`, or after `from_on`, a date that all accounts share: `fact` is
    None then, and only then. Days are calendar days in the organisation's time zone.
    """

    kind: WhenKind
    fact: Fact | None
    days: int = 0
    value: str | None = None
    from_on: date | None = None

    @property
    def anchor(self) -> RecordKind:
        """The kind of record whose milestone it is: the fact's, or the account where all share a date."""
        return RecordKind.ACCOUNT if self.fact is None else self.fact.kind

    @property
    def in_words(self) -> str:
        """Such as: 120 days before account.renewal_on."""
        name = self.fact.name if self.fact else "the day from which it counts"
        event = f"{name} became {self.value}" if self.kind is WhenKind.CHANGED else name
        if self.days == 0:
            return f"on the day of {name}" if event == name else f"on the day on which {event}"
        order = {WhenKind.BEFORE: "before", WhenKind.EVERY: "after each time since"}.get(self.kind, "after")
        return f"{self.days} day{'' if self.days == 1 else 's'} {order} {event}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A point in the relationship where people are asked. Durations are in days."""

    id: str
    when: When
    where: Condition | None = None
    expires_days: int = 14
    new_after_days: int = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program; its own mode or the organisation's counts, whichever reaches less."""

    id: str
    name: str
    relationship: str
    who: Condition
    survey: Survey
    milestones: tuple[Milestone, ...]
    starts_on: date
    mode: Mode = Mode.LIVE
    closes_days: int = 21
    act: tuple[ActionRule, ...] = ()
    """In their order: the first that matches a response opens its action. Settings refuse a program without one."""

    @property
    def kind(self) -> AskKind:
        """The kind of ask, which is its survey's."""
        return self.survey.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipRule:
    """A relationship type and when an account has it; `when` is None for the leftover rule, which comes last."""

    type: str
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Spacing:
    """Days between asks of one person: `days[new kind][earlier kind]`."""

    days: Mapping[AskKind, Mapping[AskKind, int]] = field(default_factory=dict)

    def between(self, earlier: AskKind, *, new: AskKind) -> int:
        """Days that must lie between an earlier ask and a new one; 0 where no rule speaks."""
        return self.days.get(new, {}).get(earlier, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Who asks: the name shown to people and the time zone of milestone arithmetic (an IANA name)."""

    name: str
    timezone: str
    language: str = "en"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which milestones fall due."""
        return ZoneInfo(self.timezone)

    def day_of(self, moment: datetime) -> date:
        """The organisation's calendar day at an aware moment."""
        return moment.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """The first moment of a calendar day, in UTC; of two midnights the earlier one."""
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that decisions depend on, as one value; `digest` is the hash of the configuration's text."""

    mode: Mode
    organisation: Organisation
    relationships: tuple[RelationshipRule, ...]
    programs: tuple[Program, ...]
    spacing: Spacing
    digest: str
    actions: ActionPolicy = field(default_factory=ActionPolicy)
    listed: Listed = field(default_factory=Listed)
    """Whom test mode reaches; nobody where settings say nothing."""

    def mode_of(self, program: Program) -> Mode:
        """How far a program goes: never further than the organisation."""
        return min(self.mode, program.mode, key=lambda mode: mode.reach)

    def programs_in(self, *modes: Mode) -> tuple[str, ...]:
        """The ids of the programs that are in one of these modes, sorted."""
        return tuple(sorted(program.id for program in self.programs if self.mode_of(program) in modes))
