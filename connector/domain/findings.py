"""What `check` finds before anything runs: one sentence, how bad it is, and which part of the settings it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from connector.domain.condition import Condition
from connector.domain.programs import Policy


class Severity(StrEnum):
    """An error keeps something from working; a warning is likely not what was meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A part of the settings by its path of keys: in a program's file where one is named, else by the first key.

    `offset` is a character of the text there; with `is_key` the key itself is meant and not its value.
    """

    path: tuple[str | int, ...]
    program: str | None = None
    offset: int | None = None
    is_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to look at: what was found, why it matters and what to do; `spot` is None where no file says it."""

    severity: Severity
    message: str
    spot: Spot | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A condition beside the part of the settings that states it."""

    condition: Condition
    path: tuple[str | int, ...]
    program: str | None = None

    def spot(self, offset: int = 0) -> Spot:
        """The place of a character of the condition's text."""
        return Spot(path=self.path, program=self.program, offset=offset)


def stated_conditions(policy: Policy) -> Iterator[Stated]:
    """Every condition of a policy: relationship rules first, then program by program in the order of their keys."""
    for index, rule in enumerate(policy.relationships):
        if rule.when is not None:
            yield Stated(condition=rule.when, path=("relationships", index, "when"))
    for program in policy.programs:
        yield Stated(condition=program.who, path=("who",), program=program.id)
        for index, milestone in enumerate(program.milestones):
            if milestone.where is not None:
                yield Stated(condition=milestone.where, path=("milestones", index, "where"), program=program.id)
        for index, act in enumerate(program.act):
            yield Stated(condition=act.when, path=("act", index, "when"), program=program.id)
