"""Connections and what is pinned to them, runs, and the stop switch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a job, whose key is `stage`; `outcome` is None while it runs or after a crash."""

    stage: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    counts: Mapping[str, Any]
    error: str | None


class ConnectionStore(Protocol):
    """What is remembered of each CRM connection and of configurations."""

    def pinned_org(self, crm: str) -> str | None:
        """The org id that the connection is pinned to, or None before the first sync."""
        ...

    def pin(self, crm: str, org_id: str, *, at: datetime) -> None:
        """Pin the connection to an org id; a pinned one is never changed."""
        ...

    def joined_as(self, crm: str) -> str | None:
        """How records were to be joined over connections, in words, when this one was synced last."""
        ...

    def join_as(self, crm: str, words: str) -> None:
        """Remember how records are to be joined, of a pinned connection."""
        ...

    def remap(self, crm: str, sources: Mapping[str, str], *, at: datetime) -> frozenset[str]:
        """Remember from which field, and as which type, each fact is read; returns what is new or read otherwise now.

        A fact that is not among the sources is forgotten: should it come again, it is new.
        """
        ...

    def remember(self, digest: str, texts: Mapping[str, str], *, at: datetime) -> None:
        """Store a configuration's texts under its digest, once."""
        ...

    def remembered(self, *, limit: int) -> Sequence[Mapping[str, str]]:
        """The texts of so many configurations, the one that was first used last before the others."""
        ...


class RunStore(Protocol):
    """The history of runs."""

    def start(self, stage: str, *, at: datetime) -> int:
        """Note that a run begins and return its id."""
        ...

    def finish(
        self, run_id: int, *, at: datetime, outcome: str, counts: Mapping[str, Any], error: str | None = None
    ) -> None:
        """Note how a run ended: ok, postponed or failed."""
        ...

    def latest(self) -> Sequence[Run]:
        """The newest run of each job, by its key."""
        ...

    def forget(self, *, before: datetime) -> int:
        """Delete runs that began before a moment, the newest of each job excepted; how many."""
        ...


class SwitchStore(Protocol):
    """The stop switch, read before every mail and every batch of writes."""

    def stop(self, *, at: datetime, reason: str | None) -> None:
        """Halt mail and writes."""
        ...

    def resume(self) -> bool:
        """Let mail and writes go on; whether they had been halted."""
        ...

    def stopped_at(self) -> datetime | None:
        """Since when mail and writes are halted, or None."""
        ...

    def stop_reason(self) -> str | None:
        """Why mail and writes are halted, where somebody said so."""
        ...
