"""Connections with their pinned orgs and fact sources, configurations, runs, and the stop switch, in SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, insert, select, update
from sqlmodel import SQLModel

from connector.ports.errors import StorageError
from connector.ports.storage.running import Run
from connector.storage import tables
from connector.storage.upserts import insert_for

_CONNECTION: Table = SQLModel.metadata.tables[tables.running.ConnectionRow.__tablename__]
_MAPPING: Table = SQLModel.metadata.tables[tables.records.FactMappingRow.__tablename__]
_CONFIGURATION: Table = SQLModel.metadata.tables[tables.running.ConfigurationRow.__tablename__]
_RUN: Table = SQLModel.metadata.tables[tables.running.RunRow.__tablename__]
_SWITCH: Table = SQLModel.metadata.tables[tables.running.SwitchRow.__tablename__]
_STOP = "stop"


class SqlConnections:
    """What is remembered of each CRM connection and of configurations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pinned_org(self, crm: str) -> str | None:
        """The org id that the connection is pinned to, or None before the first sync."""
        query = select(_CONNECTION.c.org_id).where(_CONNECTION.c.crm == crm)
        return self._connection.execute(query).scalar_one_or_none()

    def pin(self, crm: str, org_id: str, *, at: datetime) -> None:
        """Pin the connection to an org id. Raises StorageError where it is pinned to another one."""
        row = {"crm": crm, "org_id": org_id, "pinned_at": at}
        self._connection.execute(insert_for(self._connection, _CONNECTION).on_conflict_do_nothing(), row)
        if self.pinned_org(crm) != org_id:
            raise StorageError(f"The connection {crm} is pinned to another org already, which is never changed")

    def joined_as(self, crm: str) -> str | None:
        """How records were to be joined over connections, in words, when this one was synced last."""
        return self._connection.execute(select(_CONNECTION.c.joined_as).where(_CONNECTION.c.crm == crm)).scalar()

    def join_as(self, crm: str, words: str) -> None:
        """Remember how records are to be joined, of a pinned connection."""
        self._connection.execute(update(_CONNECTION).where(_CONNECTION.c.crm == crm).values(joined_as=words))

    def remap(self, crm: str, sources: Mapping[str, str], *, at: datetime) -> frozenset[str]:
        """Remember from which field each fact is read, and forget facts that are not read any more; see the port."""
        query = select(_MAPPING.c.fact, _MAPPING.c.source).where(_MAPPING.c.crm == crm)
        known = {row.fact: row.source for row in self._connection.execute(query)}
        left = [fact for fact in known if fact not in sources]
        if left:
            self._connection.execute(delete(_MAPPING).where(_MAPPING.c.crm == crm, _MAPPING.c.fact.in_(left)))
        moved = {fact: source for fact, source in sources.items() if known.get(fact) != source}
        if moved:
            statement = insert_for(self._connection, _MAPPING)
            statement = statement.on_conflict_do_update(
                index_elements=["crm", "fact"],
                set_={"source": statement.excluded.source, "mapped_at": statement.excluded.mapped_at},
            )
            rows = [{"crm": crm, "fact": fact, "source": source, "mapped_at": at} for fact, source in moved.items()]
            self._connection.execute(statement, rows)
        return frozenset(moved)

    def remember(self, digest: str, texts: Mapping[str, str], *, at: datetime) -> None:
        """Store a configuration's texts under its digest, once."""
        row = {"digest": digest, "texts": dict(texts), "first_used_at": at}
        self._connection.execute(insert_for(self._connection, _CONFIGURATION).on_conflict_do_nothing(), row)

    def remembered(self, *, limit: int) -> Sequence[Mapping[str, str]]:
        """The texts of so many configurations, the one that was first used last before the others."""
        query = select(_CONFIGURATION.c.texts).order_by(_CONFIGURATION.c.first_used_at.desc(), _CONFIGURATION.c.digest)
        return list(self._connection.scalars(query.limit(limit)))


class SqlRuns:
    """The history of runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(self, stage: str, *, at: datetime) -> int:
        """Note that a run begins and return its id."""
        statement = insert(_RUN).values(stage=stage, started_at=at, counts={}).returning(_RUN.c.id)
        return int(self._connection.execute(statement).scalar_one())

    def finish(
        self, run_id: int, *, at: datetime, outcome: str, counts: Mapping[str, Any], error: str | None = None
    ) -> None:
        """Note how a run ended: ok, postponed or failed."""
        values = {"finished_at": at, "outcome": outcome, "counts": dict(counts), "error": error}
        self._connection.execute(update(_RUN).where(_RUN.c.id == run_id).values(**values))

    def latest(self) -> Sequence[Run]:
        """The newest run of each job, in order of their keys."""
        newest = select(func.max(_RUN.c.id)).group_by(_RUN.c.stage)
        query = select(_RUN).where(_RUN.c.id.in_(newest)).order_by(_RUN.c.stage)
        return [_run(row) for row in self._connection.execute(query)]

    def forget(self, *, before: datetime) -> int:
        """Delete runs that began before a moment, the newest of each job excepted; how many."""
        newest = select(func.max(_RUN.c.id)).group_by(_RUN.c.stage)
        old = delete(_RUN).where(_RUN.c.started_at < before, _RUN.c.id.not_in(newest))
        return self._connection.execute(old).rowcount


class SqlSwitches:
    """The stop switch."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stop(self, *, at: datetime, reason: str | None) -> None:
        """Halt mail and writes; where they are halted already, the first moment and reason stand."""
        row = {"name": _STOP, "set_at": at, "reason": reason}
        self._connection.execute(insert_for(self._connection, _SWITCH).on_conflict_do_nothing(), row)

    def resume(self) -> bool:
        """Let mail and writes go on; whether they had been halted."""
        return self._connection.execute(delete(_SWITCH).where(_SWITCH.c.name == _STOP)).rowcount > 0

    def stopped_at(self) -> datetime | None:
        """Since when mail and writes are halted, or None."""
        query = select(_SWITCH.c.set_at).where(_SWITCH.c.name == _STOP)
        return self._connection.execute(query).scalar_one_or_none()

    def stop_reason(self) -> str | None:
        """Why mail and writes are halted, where somebody said so."""
        query = select(_SWITCH.c.reason).where(_SWITCH.c.name == _STOP)
        return self._connection.execute(query).scalar_one_or_none()


def _run(row: Row[Any]) -> Run:
    return Run(
        stage=row.stage,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        counts=row.counts,
        error=row.error,
    )
