"""The reps of both CRMs: they do with their tasks what they mean to do, and that helps the people concerned."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import datetime

from adapters.sandbox import duties
from adapters.sandbox.duties import Outcome, Step
from adapters.sandbox.hubspot import desk as portal_desk
from adapters.sandbox.moods import help_somebody
from adapters.sandbox.salesforce import desk as org_desk
from adapters.sandbox.state import State
from adapters.sandbox.world.population import Plan
from adapters.sandbox.zone import day_of

_DESKS = {"salesforce": org_desk.act, "hubspot": portal_desk.act}


@dataclass(frozen=True, slots=True)
class Reps:
    """Everybody who owns tasks."""

    state: State
    _: KW_ONLY
    plan: Plan

    def due(self, until: datetime) -> list[Step]:
        """What they mean to do up to this instant, in time order."""
        return duties.due(self.state, until)

    def act(self, step: Step, *, at: datetime) -> None:
        """Do one step, with all that follows from it, in one change."""
        with self.state.change():
            outcome = _DESKS[step.crm](self.state, self.plan, step, at=at)
            duties.close(self.state, step, outcome.note)
            if outcome.is_done:
                self._help(outcome, at)

    def _help(self, outcome: Outcome, at: datetime) -> None:
        is_late = outcome.due_on is not None and day_of(at) > outcome.due_on
        help_somebody(self.state, list(outcome.addresses), outcome.company, at=at, is_late=is_late)
