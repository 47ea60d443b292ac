"""The fire ledger: one row for each time that a job is due. Rows are the truth; jobs in memory only wake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.domain.fires import FireState, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """A fire that was taken: `attempts` counts this taking too and proves whose the fire is.

    `is_announced` where work was announced for the job: the fire is a wake, or makes one up.
    """

    id: int
    job: str
    key: str
    due_at: datetime
    attempts: int
    is_announced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the ledger holds of a job, over the days that it is kept.

    `last_due_at` is the due time of the newest slot that was opened; `waits_until` when the first waiting fire may
    run; `missed` how many slots passed without a fire of their own; `failed` how many fires failed.
    """

    last_due_at: datetime | None
    waits_until: datetime | None
    is_running: bool
    missed: int
    failed: int


class FireStore(Protocol):
    """Fires. `now` is business time, `real` is real time; a lease ends on real time."""

    def is_due(self, job: str, schedules: Sequence[Schedule], *, now: datetime, real: datetime) -> bool:
        """Whether `take` would find something: cheap, reads only."""
        ...

    def take(
        self, job: str, schedules: Sequence[Schedule], *, now: datetime, real: datetime, lease_until: datetime
    ) -> Fire | None:
        """Open the job's present slots and take its newest fire that is due; every older one is made up by it.

        None where nothing is due or somebody runs the job under a lease that still holds. A running fire whose lease
        is over is due again. The first slots of a job are due now and never for the time before.
        """
        ...

    def renew(self, fire: Fire, *, lease_until: datetime) -> bool:
        """Let the lease end later; False where the fire is no longer the caller's."""
        ...

    def settle(
        self,
        fire: Fire,
        *,
        state: FireState,
        real: datetime,
        run_id: int,
        error: str | None = None,
        not_before: datetime | None = None,
    ) -> bool:
        """Note how the fire ended; `due` gives it back, not to be taken before `not_before` (real time).

        False, without a change, where the fire is no longer the caller's.
        """
        ...

    def standings(self, *, real: datetime) -> Mapping[str, Standing]:
        """What the ledger holds, by job."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Delete fires that ended before a moment of real time, each job's newest of each cause excepted; how many."""
        ...
