"""Sync: pull what changed from a CRM and store it page by page, each page with its cursor in one commit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from connector.domain.records import OPTIONAL_KINDS, RecordKind
from connector.ports.clock import Clock
from connector.ports.crm import CrmAdapter, Page
from connector.ports.errors import CrmHiddenKind, CrmMissingField, CrmWrongOrg, StorageError
from connector.ports.storage.records import Joining, PageCounts
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.wiring import Crm, home_of
from connector.usecases.derive import by_stage, has_changed_since
from connector.usecases.translation import translated

JOINED = (RecordKind.ACCOUNT, RecordKind.CONTACT)
"""Kinds of records that can be one over two CRMs."""

DERIVE = "derive"
"""The job that tells the facts that several records tell."""
OURS = "ours."
"""Before a word that is written back and read, among the words of a kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSync:
    """What the sync of one kind did; `records` is the number of rows and removals that came.

    `unread` says why nothing could come where the CRM does not show the kind; what is known of it stays as it was.
    """

    kind: RecordKind
    pages: int
    records: int
    counts: PageCounts
    unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Syncing:
    """What the sync of one CRM works with; `crms` are all connections of the settings."""

    crm: Crm
    crms: Sequence[Crm]
    storage: Storage
    clock: Clock


def sync(crm: Crm, *, storage: Storage, clock: Clock, crms: Sequence[Crm] = ()) -> list[KindSync]:
    """Pull every kind that the adapter reads, owners and accounts first; `crms` are all connections that there are.

    A kind that the CRM does not show, and that it need not, is passed over: the next sync asks for it again.
    What is one over two CRMs is joined in the commit of the page that shows it, of a full pull at its last page.

    Raises CrmWrongOrg before anything is read where the credentials open another org than the pinned one, and
    whatever the adapter raises; pages stored until then stay, and the next sync goes on after them.
    """
    syncing = _Syncing(crm=crm, crms=crms or (crm,), storage=storage, clock=clock)
    with crm.open() as adapter:
        pin_organisation(crm, adapter, storage=storage, clock=clock)
        _forget_remapped(crm, storage=storage, clock=clock)
        _join_as_set(syncing)
        kinds = [kind for kind in RecordKind if kind in crm.capabilities.reads]
        with _deriving_what_came(syncing):
            return [_sync_shown(syncing, adapter, kind) for kind in kinds]


@contextmanager
def _deriving_what_came(syncing: _Syncing) -> Iterator[None]:
    """Where the block fails, make derived facts due for the pages that were stored until then: plans wait for them."""
    try:
        yield
    except Exception:
        with suppress(StorageError), syncing.storage.begin() as unit:
            if has_changed_since(unit, syncing.crm):
                unit.wake(DERIVE, at=syncing.clock.now())
            unit.commit()
        raise


def joining(crms: Sequence[Crm], kind: RecordKind) -> Joining:
    """Which connections' records of a kind name records of another connection that there is, and which one is home."""
    names = {crm.name for crm in crms}
    pairs = {
        crm.name: crm.same_as.crm
        for crm in crms
        if crm.same_as is not None and crm.same_as.crm in names and f"{kind}.same_as" in crm.sources
    }
    return Joining(pairs=pairs, home=home_of(crms))


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


def _join_as_set(syncing: _Syncing) -> None:
    """Let joins be as the settings say now, where these were changed since the last sync."""
    wanted = {kind: joining(syncing.crms, kind) for kind in JOINED}
    words = "; ".join(f"{kind}: {sorted(how.pairs.items())}, home {how.home}" for kind, how in wanted.items())
    with syncing.storage.begin() as unit:
        before = unit.connections.joined_as(syncing.crm.name)
        if before == words:
            return
        for kind, how in wanted.items():
            unit.records.join(kind, how, at=syncing.clock.now())
            if before is not None:
                unit.records.mark_joined(kind, at=syncing.clock.now())
        unit.connections.join_as(syncing.crm.name, words)
        unit.commit()


def _sync_shown(syncing: _Syncing, adapter: CrmAdapter, kind: RecordKind) -> KindSync:
    try:
        return _sync_kind(syncing, adapter, kind)
    except CrmHiddenKind as error:
        _pass_over(syncing, kind)
        return KindSync(kind=kind, pages=0, records=0, counts=PageCounts(), unread=str(error))


def _pass_over(syncing: _Syncing, kind: RecordKind) -> None:
    """Note that the kind is not shown: what is derived of it need not wait for it any longer."""
    at = syncing.clock.now()
    with syncing.storage.begin() as unit:
        if unit.records.pass_over(syncing.crm.name, kind, at=at) and by_stage(syncing.crm):
            unit.wake(DERIVE, at=at)
        unit.commit()


def _sync_kind(syncing: _Syncing, adapter: CrmAdapter, kind: RecordKind) -> KindSync:
    with syncing.storage.begin() as unit:
        position = unit.records.position(syncing.crm.name, kind)
    pages, records, counts = 0, 0, PageCounts()
    for page_records, page_counts in _stored(syncing, adapter, kind, position.cursor if position else None):
        pages, records, counts = pages + 1, records + page_records, counts + page_counts
    return KindSync(kind=kind, pages=pages, records=records, counts=counts)


def _stored(
    syncing: _Syncing, adapter: CrmAdapter, kind: RecordKind, cursor: str | None
) -> Iterator[tuple[int, PageCounts]]:
    crm = syncing.crm
    for page in adapter.pull(kind, cursor):
        with syncing.storage.begin() as unit:
            if page.is_full and page.is_last and not page.rows:
                _refuse_emptiness(crm, kind, unit=unit)
            seen_at = syncing.clock.now()
            counts = unit.records.store_page(crm.name, translated(page, crm=crm), seen_at=seen_at)
            _join_page(unit, page, syncing=syncing, at=seen_at)
            if page.is_full and page.is_last and by_stage(crm):
                # Also where no value changed: what is derived by another definition waits for this.
                unit.wake(DERIVE, at=seen_at)
            unit.commit()
        yield len(page.rows) + len(page.removed), counts


def _join_page(unit: UnitOfWork, page: Page, *, syncing: _Syncing, at: datetime) -> None:
    """Join what the page shows; of a full pull only its end shows what is gone, so everything is looked at then."""
    how = joining(syncing.crms, page.kind)
    is_concerned = syncing.crm.name in (*how.pairs.keys(), *how.pairs.values())
    if page.kind not in JOINED or not is_concerned or (page.is_full and not page.is_last):
        return
    shown = [str(row[0]) for row in page.rows] + [removal.crm_id for removal in page.removed]
    unit.records.join(page.kind, how, at=at, near=None if page.is_full else (syncing.crm.name, shown))


def _refuse_emptiness(crm: Crm, kind: RecordKind, *, unit: UnitOfWork) -> None:
    """A full pull without a single record, in this run or before, is more likely a lost right than an emptied CRM."""
    known = unit.records.counts().get(crm.name, {}).get(kind, 0)
    if known and not unit.records.shown_by_full_pull(crm.name, kind):
        refusal = CrmHiddenKind if kind in OPTIONAL_KINDS else CrmMissingField
        raise refusal(
            f"{crm.name} shows no {kind} any more, and {known} are known: nothing was removed. Give the integration"
            " user its rights back; the next sync goes on.",
            crm=crm.name,
            kind=kind,
        )
