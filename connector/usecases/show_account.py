"""One account as its page shows it: what it is and why, who is there, what they said, what was decided and done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.domain.actions import ActionState, days_late
from connector.domain.programs import Organisation, Policy
from connector.domain.records import FactValue, Level
from connector.ports.clock import Clock
from connector.ports.storage.explaining import AccountSeen
from connector.ports.storage.unit import Storage
from connector.ports.storage.viewing_account import AccountRecord, AccountView, ActionView, PersonView
from connector.usecases.deciding_rule import deciding_rule
from connector.usecases.full_voices import FullVoice, Scale, full_voices, relationship_scale

SHOWN = 60
"""How many of each kind of event a page shows; older ones stay in the database."""
LEVELS = (*(level.value for level in Level), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """A fact's value that counts, and the record that tells it."""

    word: str
    value: FactValue
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeReason:
    """The relationship type, the rule that decided it, and the values that this rule read, by word."""

    type: str
    rule: str | None
    saw: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionLine:
    """An action, and by how many days it came or is late: 0 where it was in time, is not due yet or was dropped."""

    action: ActionView
    days_late: int

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been done before today, and still is not."""
        return self.action.state is ActionState.OPEN and self.days_late > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAccount:
    """Everything on an account's page.

    People (`levels`) and `voices` stand by level from executive to unknown, levels without anybody left out; of a
    level the newest voice comes first.
    """

    view: AccountView
    name: str
    relationship: TypeReason
    facts: Sequence[FactLine]
    levels: Mapping[str, Sequence[PersonView]]
    voices: Mapping[str, Sequence[FullVoice]]
    actions: Sequence[ActionLine]
    mean: float | None
    scale: Scale | None
    people_heard: int
    open_actions: int
    overdue: int
    today: date


def show_account(account_id: int, *, storage: Storage, policy: Policy, clock: Clock) -> ShownAccount | None:
    """The joined account that an account's id belongs to by now, or None where there is none."""
    with storage.snapshot() as unit:
        view = unit.views.account(account_id, limit=SHOWN)
        if view is None:
            return None
        voices = full_voices(unit, view.voices, policy=policy)
        seen = unit.prospects.account(view.id, policy=policy)
    today = policy.organisation.day_of(clock.now())
    actions = [_action(each, organisation=policy.organisation, today=today) for each in view.actions]
    return ShownAccount(
        view=view,
        name=view.records[0].name or view.records[0].key,
        relationship=_relationship(seen, policy=policy),
        facts=_facts(view.records),
        levels=_by_level(view.people),
        voices=_voices_by_level(voices, people=view.people),
        actions=actions,
        mean=view.score,
        scale=relationship_scale(policy),
        people_heard=view.people_heard,
        open_actions=sum(line.action.state is ActionState.OPEN for line in actions),
        overdue=sum(line.is_overdue for line in actions),
        today=today,
    )


def _facts(records: Sequence[AccountRecord]) -> list[FactLine]:
    """Of several records the first that knows a fact tells it."""
    lines: dict[str, FactLine] = {}
    for record in records:
        for word, value in record.values.items():
            if value is not None and word not in lines:
                lines[word] = FactLine(word=word, value=value, source=record.key)
    return list(lines.values())


def _relationship(seen: AccountSeen, *, policy: Policy) -> TypeReason:
    """The type as lists and plans tell it, with what its own rule read."""
    when = deciding_rule(seen, policy=policy).when
    if when is None:
        return TypeReason(type=seen.relationship, rule=None, saw={})
    saw = {fact.name: seen.values[fact.name] for fact in when.facts()}
    return TypeReason(type=seen.relationship, rule=" ".join(when.text.split()), saw=saw)


def _by_level(people: Sequence[PersonView]) -> dict[str, Sequence[PersonView]]:
    groups = {
        level or "unknown": sorted((each for each in people if _level(each.level) == level), key=_name)
        for level in LEVELS
    }
    return {level: group for level, group in groups.items() if group}


def _action(action: ActionView, *, organisation: Organisation, today: date) -> ActionLine:
    """A task is done on a day of the organisation's calendar, as it is due on one, wherever its CRM shows it."""
    match action.state:
        case ActionState.OPEN:
            return ActionLine(action=action, days_late=days_late(action.due_on, on=today))
        case ActionState.DONE if action.closed_at is not None:
            closed_on = organisation.day_of(action.closed_at)
            return ActionLine(action=action, days_late=days_late(action.due_on, on=closed_on))
        case _:
            return ActionLine(action=action, days_late=0)


def _voices_by_level(voices: Sequence[FullVoice], *, people: Sequence[PersonView]) -> dict[str, Sequence[FullVoice]]:
    """By the level of the person, or of the contact that was asked where the person is no longer there."""
    known: dict[int | None, str | None] = {person.person_id: _level(person.level) for person in people}
    said = [(known.get(each.voice.person_id, _level(each.voice.level)), each) for each in voices]
    groups = {level or "unknown": [each for own, each in said if own == level] for level in LEVELS}
    return {level: group for level, group in groups.items() if group}


def _level(level: str | None) -> str | None:
    return level if level in LEVELS else None


def _name(person: PersonView) -> str:
    return (person.name or "").casefold()
