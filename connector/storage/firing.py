"""The fire ledger in SQL. What is due is decided by its rows alone, so any number of processes can share it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    String,
    Table,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from connector.domain.fires import Cause, FireState, Schedule, Slot
from connector.ports.storage.firing import Fire, Standing
from connector.storage.tables.firing import FireRow
from connector.storage.tables.rows import table_of
from connector.storage.upserts import insert_for

_FIRE: Table = table_of(FireRow)
_WAKE = "wake"
_ENDED = (FireState.DONE, FireState.FAILED, FireState.MADE_UP)


class SqlFires:
    """Fires."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_due(self, job: str, schedules: Sequence[Schedule], *, now: datetime, real: datetime) -> bool:
        """Whether `take` would find something."""
        if self._is_held(job, real):
            return False
        if any(True for _ in self._unopened(job, schedules, now)):
            return True
        return self._connection.execute(select(exists().where(_ready(job, now, real)))).scalar_one()

    def take(
        self, job: str, schedules: Sequence[Schedule], *, now: datetime, real: datetime, lease_until: datetime
    ) -> Fire | None:
        """Open the job's present slots and take its newest fire that is due, see the port."""
        if self._is_held(job, real):
            return None
        self._open(job, schedules, now)
        # All of them are locked, newest first: a second taker waits here and then finds none that is ready.
        newest_first = (
            select(_FIRE.c.id).where(_ready(job, now, real)).order_by(_FIRE.c.due_at.desc(), _FIRE.c.id.desc())
        )
        fire_id = next(iter(self._connection.execute(newest_first.with_for_update()).scalars().all()), None)
        if fire_id is None:
            return None
        taken = update(_FIRE).where(_FIRE.c.id == fire_id, _ready(job, now, real)).values(_taking(real, lease_until))
        row = self._connection.execute(taken.returning(_FIRE)).one_or_none()
        if row is None:
            return None
        causes = {row.cause, *self._make_up(row, now=now, real=real)}
        return Fire(
            id=row.id,
            job=row.job,
            key=row.key,
            due_at=row.due_at,
            attempts=row.attempts,
            is_announced=Cause.WAKE in causes,
        )

    def renew(self, fire: Fire, *, lease_until: datetime) -> bool:
        """Let the lease end later; False where the fire is no longer the caller's."""
        return self._connection.execute(_held_by(fire).values(lease_until=lease_until)).rowcount == 1

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
        """Note how the fire ended, or give it back; False where it is no longer the caller's."""
        values = {
            "state": state,
            "lease_until": None,
            "finished_at": None if state is FireState.DUE else real,
            "not_before": not_before,
            "run_id": run_id,
            "error": error,
        }
        return self._connection.execute(_held_by(fire).values(values)).rowcount == 1

    def standings(self, *, real: datetime) -> Mapping[str, Standing]:
        """What the ledger holds, by job."""
        waits_until = case((_FIRE.c.state == FireState.DUE, func.coalesce(_FIRE.c.not_before, _FIRE.c.due_at)))
        is_running = and_(_FIRE.c.state == FireState.RUNNING, _FIRE.c.lease_until > real)
        query = select(
            _FIRE.c.job,
            func.max(case((_FIRE.c.cause != Cause.WAKE, _FIRE.c.due_at))).label("last_due_at"),
            func.min(waits_until).label("waits_until"),
            func.max(case((is_running, 1), else_=0)).label("running"),
            func.sum(_FIRE.c.missed).label("missed"),
            func.sum(case((_FIRE.c.state == FireState.FAILED, 1), else_=0)).label("failed"),
        ).group_by(_FIRE.c.job)
        return {row.job: _standing(row) for row in self._connection.execute(query)}

    def forget(self, *, before: datetime) -> int:
        """Delete fires that ended before a moment, each job's newest of each cause excepted; how many."""
        newest = select(func.max(_FIRE.c.id)).group_by(_FIRE.c.job, _FIRE.c.cause)
        old = and_(_FIRE.c.finished_at < before, _FIRE.c.state.in_(_ENDED), _FIRE.c.id.not_in(newest))
        return self._connection.execute(delete(_FIRE).where(old)).rowcount

    def wake(self, job: str, *, at: datetime, not_before: datetime | None) -> None:
        """Make a job due as of `at`; one wake of a job waits at a time, and the earliest `not_before` stands.

        A wake that waits is locked until this transaction ends, so that nobody runs the job before it can see its work.
        """
        values = _new(job, Slot(key=_WAKE, due_at=at), Cause.WAKE) | {"not_before": not_before}
        statement = insert_for(self._connection, _FIRE).values(values)
        waiting, added = _FIRE.c.not_before, statement.excluded.not_before
        earlier = case((or_(waiting.is_(None), added.is_(None)), None), (waiting < added, waiting), else_=added)
        merged = statement.on_conflict_do_update(index_elements=["job", "key"], set_={"not_before": earlier})
        self._connection.execute(merged)

    def _is_held(self, job: str, real: datetime) -> bool:
        held = exists().where(_FIRE.c.job == job, _FIRE.c.state == FireState.RUNNING, _FIRE.c.lease_until > real)
        return bool(self._connection.execute(select(held)).scalar_one())

    def _unopened(
        self, job: str, schedules: Sequence[Schedule], now: datetime
    ) -> Iterator[tuple[Schedule, datetime | None]]:
        """The schedules whose present slot has no fire yet, each with the due time of its newest one."""
        for schedule in schedules:
            of_cause = and_(_FIRE.c.job == job, _FIRE.c.cause == schedule.cause)
            last = self._connection.execute(
                select(_FIRE.c.due_at).where(of_cause).order_by(_FIRE.c.due_at.desc()).limit(1)
            ).scalar()
            if last is None or schedule.slot(now).due_at > last:
                yield schedule, last

    def _open(self, job: str, schedules: Sequence[Schedule], now: datetime) -> None:
        for schedule, last in list(self._unopened(job, schedules, now)):
            slot, missed = schedule.slot(now), 0 if last is None else schedule.missed(last, now=now)
            due_at = now if last is None else slot.due_at
            row = _new(job, Slot(key=slot.key, due_at=due_at), schedule.cause, missed=missed)
            self._connection.execute(insert_for(self._connection, _FIRE).values(row).on_conflict_do_nothing())

    def _make_up(self, taken: Row[Any], *, now: datetime, real: datetime) -> Sequence[str]:
        """Every other fire of the job that is due or waits for another attempt: this run does what they were for.

        Returns their causes.
        """
        waits = and_(_FIRE.c.state == FireState.DUE, _FIRE.c.attempts > 0, _FIRE.c.due_at <= now)
        others = update(_FIRE).where(
            _FIRE.c.job == taken.job, _FIRE.c.id != taken.id, or_(_ready(taken.job, now, real), waits)
        )
        values = {"state": FireState.MADE_UP, "made_up_by": taken.key, "lease_until": None, "finished_at": real}
        return self._connection.scalars(others.values(values | {"key": _own_key()}).returning(_FIRE.c.cause)).all()


def _new(job: str, slot: Slot, cause: Cause, *, missed: int = 0) -> dict[str, Any]:
    return {
        "job": job,
        "key": slot.key,
        "cause": cause,
        "due_at": slot.due_at,
        "missed": missed,
        "state": FireState.DUE,
        "attempts": 0,
    }


def _ready(job: str, now: datetime, real: datetime) -> ColumnElement[bool]:
    """A fire of the job that may run: due and not held back, or left by a process whose lease is over."""
    is_due = and_(
        _FIRE.c.state == FireState.DUE,
        _FIRE.c.due_at <= now,
        or_(_FIRE.c.not_before.is_(None), _FIRE.c.not_before <= real),
    )
    is_left = and_(_FIRE.c.state == FireState.RUNNING, _FIRE.c.lease_until <= real)
    return and_(_FIRE.c.job == job, or_(is_due, is_left))


def _taking(real: datetime, lease_until: datetime) -> dict[str, Any]:
    return {
        "state": FireState.RUNNING,
        "key": _own_key(),
        "attempts": _FIRE.c.attempts + 1,
        "lease_until": lease_until,
        "started_at": real,
        "not_before": None,
    }


def _own_key() -> ColumnElement[str]:
    """A wake leaves the one key of waiting wakes, so that work announced from now on is a fire of its own."""
    numbered = literal(f"{_WAKE} ").concat(cast(_FIRE.c.id, String))
    return case((_FIRE.c.key == _WAKE, numbered), else_=_FIRE.c.key)


def _held_by(fire: Fire) -> Any:
    return update(_FIRE).where(
        _FIRE.c.id == fire.id, _FIRE.c.state == FireState.RUNNING, _FIRE.c.attempts == fire.attempts
    )


def _standing(row: Row[*tuple[Any, ...]]) -> Standing:
    return Standing(
        last_due_at=row.last_due_at,
        waits_until=row.waits_until,
        is_running=bool(row.running),
        missed=row.missed,
        failed=row.failed,
    )
