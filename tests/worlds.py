"""A little CRM for store and stage tests: pages made of plain dictionaries, and an adapter to pull and push them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from connector.domain.records import WELL_KNOWN, RecordKind
from connector.ports.crm import Capabilities, CrmAdapter, NewTask, Page, Receipt, Removal, TaskSeen, Write
from connector.ports.storage.unit import Storage
from connector.ports.wiring import Crm
from connector.usecases.plan import Planned, run_plan
from tests.builders import NOW, make_policy
from tests.little_tasks import Desk

DECLARED = {RecordKind.ACCOUNT: ("kind", "tier", "revenue", "is_key", "visited_on")}
SOURCES = {"account.renewal_on": "Account.Renewal", "opportunity.stage": "Opportunity.Stage"}
CONTACT_WORDS = {RecordKind.CONTACT: ("score", "answered_on")}
ALL_WORDS = CONTACT_WORDS | {RecordKind.ACCOUNT: ("score", "score_on", "voices", "open_actions")}
OURS = {f"{kind}.ours.{word}": "ours" for kind, words in ALL_WORDS.items() for word in words}
"""Our fields are read too, before anything is written to them."""
CAPABILITIES = Capabilities(
    reads=frozenset(RecordKind),
    writes=frozenset(ALL_WORDS),
    incremental=True,
    deletions=True,
    tasks=True,
    max_batch=2,
)


def make_page(kind: RecordKind, records: Sequence[Mapping[str, Any]], *, at: datetime, **changes: Any) -> Page:
    """A page of records given by word; a word that is not given is unknown."""
    words = (*WELL_KNOWN[kind], *DECLARED.get(kind, ()))
    rows = [(record["crm_id"], at, *(record.get(word) for word in words)) for record in records]
    page = Page(kind=kind, columns=("crm_id", "stamp", *words), rows=rows, cursor=f"{kind}-{at}")
    return replace(page, **changes)


def empty(kind: RecordKind, since: str | None) -> Iterator[Page]:
    """A pull of a kind of which there is nothing, or nothing new."""
    yield make_page(kind, (), at=NOW, is_full=since is None, is_last=True)


@dataclass(slots=True)
class World:
    """Records of one CRM in a storage, and time that only a test moves."""

    storage: Storage
    now: datetime = NOW
    pushed: list[Write] = field(default_factory=list)
    answer: Callable[[Write], Receipt] = lambda write: Receipt(key=write.key, crm_id=write.crm_id)
    pull: Callable[[RecordKind, str | None], Iterator[Page]] = empty
    pulled: list[tuple[RecordKind, str | None]] = field(default_factory=list)
    org_id: str = "00D1"
    sources: Mapping[str, str] = field(default_factory=lambda: SOURCES | OURS)
    write_words: Mapping[RecordKind, Sequence[str]] = field(default_factory=lambda: CONTACT_WORDS)
    desk: Desk = field(default_factory=Desk)

    def load(self, **kinds: Sequence[Mapping[str, Any]]) -> None:
        """A first load of every kind; kinds that are not named are empty."""
        with self.storage.begin() as unit:
            unit.connections.remap("sf", self.sources, at=self.now)
            unit.commit()
        for kind in RecordKind:
            records = kinds.get(f"{kind}s", ())
            self._store(make_page(kind, records, at=self.now, is_full=True, is_last=True))

    def change(self, kind: RecordKind, *records: Mapping[str, Any], removed: Sequence[str] = ()) -> None:
        """An incremental page: whole records as they are now, and the ids of removed ones."""
        gone = [Removal(crm_id=crm_id) for crm_id in removed]
        self._store(make_page(kind, records, at=self.now, removed=gone, is_last=True))

    def _store(self, page: Page) -> None:
        with self.storage.begin() as unit:
            unit.records.store_page("sf", page, seen_at=self.now)
            unit.commit()

    def wait(self, **duration: float) -> None:
        """Let time pass."""
        self.now += timedelta(**duration)

    def plan(self, **options: Any) -> Planned:
        """Run the plan stage; it must not be refused."""
        return self.plan_over([self.crm], **options)

    def plan_over(self, crms: Sequence[Crm], **options: Any) -> Planned:
        """Run the plan stage over these connections."""
        planned = run_plan(
            storage=self.storage,
            policy=options.pop("policy", None) or make_policy(),
            crms=crms,
            clock=Standing(self.now),
            **options,
        )
        assert isinstance(planned, Planned)
        return planned

    @property
    def crm(self) -> Crm:
        """The connection, as bootstrap would wire it."""
        return Crm(
            name="sf",
            adapter="little",
            capabilities=CAPABILITIES,
            sources=self.sources,
            write_words=self.write_words,
            every_seconds=900,
            open=self._open,
        )

    @contextmanager
    def _open(self) -> Iterator[CrmAdapter]:
        yield LittleAdapter(self)  # type: ignore[misc]  # a test double with the parts that the stage calls


@dataclass(frozen=True, slots=True)
class Standing:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at


class LittleAdapter:
    """Gives pages and takes writes as the test says."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.capabilities = CAPABILITIES

    def organisation(self) -> str:
        return self._world.org_id

    def pull(self, kind: RecordKind, since: str | None) -> Iterator[Page]:
        self._world.pulled.append((kind, since))
        return self._world.pull(kind, since)

    def push(self, kind: RecordKind, writes: Sequence[Write]) -> list[Receipt]:
        assert len(writes) <= CAPABILITIES.max_batch
        receipts = [self._world.answer(write) for write in writes]
        self._world.pushed.extend(writes)
        return receipts

    def open_task(self, task: NewTask, *, is_retry: bool) -> str:
        return self._world.desk.open_task(task, is_retry=is_retry)

    def tasks(self, crm_ids: Sequence[str]) -> list[TaskSeen]:
        return self._world.desk.tasks(crm_ids)


def account(crm_id: str = "001A", **facts: Any) -> dict[str, Any]:
    """An account whose renewal is 120 days after NOW."""
    return {"crm_id": crm_id, "name": f"Harbour {crm_id}", "renewal_on": date(2026, 6, 30), **facts}


def contact(crm_id: str = "003A", **facts: Any) -> dict[str, Any]:
    """A user at the account 001A with an address of their own."""
    return {
        "crm_id": crm_id,
        "name": f"Ann {crm_id}",
        "address": f"ann.{crm_id}@harbour.example",
        "level": "user",
        "account": "001A",
        "opted_out": False,
        "bounced": False,
        **facts,
    }


def opportunity(crm_id: str = "006A", **facts: Any) -> dict[str, Any]:
    """An open opportunity at the account 001A."""
    return {"crm_id": crm_id, "name": f"Deal {crm_id}", "account": "001A", "stage": "Proposal", **facts}


def at(year: int, month: int, day: int, hour: int = 7) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def answer(world: World, crm_id: str, score: float, *, kind: str = "relationship") -> None:
    """A response of a contact's person, as hearing stores it, with its dirty mark."""
    values = {"contact": crm_id, "score": score, "kind": kind, "at": world.now.isoformat(sep=" "), "true": True}
    with world.storage.begin() as unit:
        unit.connection.execute(
            text("""
                INSERT INTO response (person_id, contact_id, account_id, side, program, milestone, survey,
                    survey_version, ask_kind, language, source, asked_for, attribution, score, answered_at)
                SELECT c.person_id, c.id, a.id, 'theirs', 'p', 'm', 's', 'v', :kind, 'en', 'page', :true, 'attributed',
                    :score, :at FROM contact c JOIN account a ON a.crm_id = c.account WHERE c.crm_id = :contact"""),
            values,
        )
        unit.connection.execute(
            text("""
                INSERT INTO dirty (kind, record_id, cause, created_at)
                SELECT 'contact', id, 'response', :at FROM contact WHERE crm_id = :contact"""),
            values,
        )
        unit.commit()
