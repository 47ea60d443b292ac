"""The plan of the next days for those who look at it again and again: decided once for as long as nothing moved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from connector.domain.plans import Inputs
from connector.domain.programs import Policy
from connector.ports.clock import Clock
from connector.ports.storage.unit import Storage
from connector.ports.wiring import Crm
from connector.usecases.show_plan import ShownPlan, show_plan

DECIDED_BY = ("derive", "plan")
"""The jobs that change what comes without reading a CRM."""
_Basis = tuple[Inputs, Sequence[tuple[str, datetime | None]]]


@dataclass(slots=True)
class _Kept:
    """One plan, and what it was decided from; who holds the lock decides it."""

    lock: Lock = field(default_factory=Lock)
    basis: _Basis | None = None
    shown: ShownPlan | None = None


class KeptPlans:
    """Plans in memory, for any number of threads at once.

    A plan is decided anew on another day, under another configuration, and after a sync, a derive or a plan has run.
    What else moves in between, such as an answer, shows after the next of them: `made_at` says as of when a plan is.
    """

    def __init__(self, *, storage: Storage, policy: Policy, crms: Sequence[Crm], clock: Clock) -> None:
        self._storage, self._policy, self._crms, self._clock = storage, policy, crms, clock
        self._lock, self._kept = Lock(), dict[int, _Kept]()

    def next_days(self, days: int) -> ShownPlan:
        """What is planned from today on, for so many days; who comes while it is decided waits and gets the same."""
        with self._lock:
            kept = self._kept.setdefault(days, _Kept())
        with kept.lock:
            # What it rests on is read first: what moves while it is decided makes the next one who looks decide anew.
            basis = self._basis()
            if kept.shown is None or kept.basis != basis:
                kept.shown = self._show(days)
                kept.basis = basis
            return kept.shown

    def _show(self, days: int) -> ShownPlan:
        return show_plan(storage=self._storage, policy=self._policy, crms=self._crms, clock=self._clock, days=days)

    def _basis(self) -> _Basis:
        today = self._policy.organisation.day_of(self._clock.now())
        with self._storage.snapshot() as unit:
            inputs = Inputs(as_of=today, configuration=self._policy.digest, watermark=unit.plans.watermark())
            runs = [(run.stage, run.finished_at) for run in unit.runs.latest() if run.stage in DECIDED_BY]
        return inputs, sorted(runs, key=lambda run: run[0])
