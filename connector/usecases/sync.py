"""Sync: pull what changed from a CRM and store it page by page, each page with its cursor in one commit."""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.domain.records import RecordKind
from connector.ports.clock import Clock
from connector.ports.crm import CrmAdapter
from connector.ports.errors import CrmMissingField, CrmWrongOrg
from connector.ports.storage.records import PageCounts
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm

OURS = "ours."
"""Before a word that is written back and read, among the words of a kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSync:
    """What the sync of one kind did; `records` is the number of rows and removals that came."""

    kind: RecordKind
    pages: int
    records: int
    counts: PageCounts


def sync(crm: Crm, *, storage: Storage, clock: Clock) -> list[KindSync]:
    """Pull every kind that the adapter reads, owners and accounts first.

    Raises CrmWrongOrg before anything is read where the credentials open another org than the pinned one, and
    whatever the adapter raises; pages stored until then stay, and the next sync goes on after them.
    """
    with crm.open() as adapter:
        pin_organisation(crm, adapter, storage=storage, clock=clock)
        _forget_remapped(crm, storage=storage, clock=clock)
        kinds = [kind for kind in RecordKind if kind in crm.capabilities.reads]
        return [_sync_kind(crm, adapter, kind, storage=storage, clock=clock) for kind in kinds]


def pin_organisation(crm: Crm, adapter: CrmAdapter, *, storage: Storage, clock: Clock) -> None:
    """Pin the connection to the org that it opens, or refuse where it is pinned to another (principle 4)."""
    org_id = adapter.organisation()
    with storage.begin() as unit:
        pinned = unit.connections.pinned_org(crm.name)
        if pinned is None:
            unit.connections.pin(crm.name, org_id, at=clock.now())
            unit.commit()
        elif pinned != org_id:
            raise CrmWrongOrg(
                f"The credentials of {crm.name} open org {org_id}; this database is pinned to {pinned}. Use the"
                " credentials of that org, or another database for this one.",
                crm=crm.name,
            )


def _forget_remapped(crm: Crm, *, storage: Storage, clock: Clock) -> None:
    with storage.begin() as unit:
        moved = [fact.partition(".") for fact in unit.connections.remap(crm.name, crm.sources, at=clock.now())]
        for kind in {kind for kind, _, _ in moved}:
            words = [word for its, _, word in moved if its == kind]
            unit.records.forget_position(crm.name, RecordKind(kind), moved=words)
        if any(word.startswith(OURS) for _, _, word in moved):
            # What was answered before a word was added shows in it too, as soon as its old value is known.
            unit.write_backs.mark_answered(at=clock.now())
        unit.commit()


def _sync_kind(crm: Crm, adapter: CrmAdapter, kind: RecordKind, *, storage: Storage, clock: Clock) -> KindSync:
    with storage.begin() as unit:
        position = unit.records.position(crm.name, kind)
    pages, records, counts = 0, 0, PageCounts()
    for page_records, page_counts in _stored(crm, adapter, kind, position.cursor if position else None, storage, clock):
        pages, records, counts = pages + 1, records + page_records, counts + page_counts
    return KindSync(kind=kind, pages=pages, records=records, counts=counts)


def _stored(
    crm: Crm, adapter: CrmAdapter, kind: RecordKind, cursor: str | None, storage: Storage, clock: Clock
) -> Iterator[tuple[int, PageCounts]]:
    for page in adapter.pull(kind, cursor):
        with storage.begin() as unit:
            if page.is_full and page.is_last and not page.rows:
                _refuse_emptiness(crm, kind, unit=unit)
            counts = unit.records.store_page(crm.name, page, seen_at=clock.now())
            unit.commit()
        yield len(page.rows) + len(page.removed), counts


def _refuse_emptiness(crm: Crm, kind: RecordKind, *, unit: UnitOfWork) -> None:
    """A full pull without a single record, in this run or before, is more likely a lost right than an emptied CRM."""
    known = unit.records.counts().get(crm.name, {}).get(kind, 0)
    if known and not unit.records.shown_by_full_pull(crm.name, kind):
        raise CrmMissingField(
            f"{crm.name} shows no {kind} any more, and {known} are known: nothing was removed. Give the integration"
            " user its rights back; the next sync goes on.",
            crm=crm.name,
            kind=kind,
        )
