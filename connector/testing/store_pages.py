"""Pages as short words, for the store suites: records as mappings, moments as hours after a fixed one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.domain.records import FactValue, RecordKind
from connector.ports.crm import Page, Removal
from connector.ports.storage.records import PageCounts
from connector.ports.storage.unit import Storage

CRM = "salesforce"
_START = datetime(2026, 1, 5, 9, tzinfo=UTC)
_LEADING = ("crm_id", "stamp")


def hour(hours: int) -> datetime:
    """So many hours after the suites' first moment."""
    return _START + timedelta(hours=hours)


def record(crm_id: str, *, stamp: datetime | None = None, **facts: FactValue) -> Mapping[str, FactValue]:
    """A record by its words; `ours_x` stands for `ours.x`. Stamped at hour 0 unless told."""
    words = {word.replace("ours_", "ours.", 1): value for word, value in facts.items()}
    return {"crm_id": crm_id, "stamp": stamp or hour(0), **words}


def page(
    *records: Mapping[str, FactValue],
    kind: RecordKind = RecordKind.CONTACT,
    cursor: str = "1",
    removed: Sequence[Removal] = (),
    is_full: bool = False,
    is_last: bool = False,
) -> Page:
    """A page of these records; its columns are every word that one of them has, None where another has not."""
    columns = tuple(dict.fromkeys((*_LEADING, *(word for each in records for word in each))))
    return Page(
        kind=kind,
        columns=columns,
        rows=[tuple(each.get(word) for word in columns) for each in records],
        cursor=cursor,
        removed=removed,
        is_full=is_full,
        is_last=is_last,
    )


def full(*records: Mapping[str, FactValue], **more: Any) -> Page:
    """A full pull that has one page."""
    return page(*records, is_full=True, is_last=True, **more)


def gone(*crm_ids: str, into: str | None = None, **more: Any) -> Page:
    """A page that only says which records are gone."""
    return page(removed=[Removal(crm_id=crm_id, merged_into=into) for crm_id in crm_ids], **more)


def store(storage: Storage, stored: Page, *, at: datetime, crm: str = CRM) -> PageCounts:
    """Store a page in a unit of its own."""
    with storage.begin() as unit:
        counts = unit.records.store_page(crm, stored, seen_at=at)
        unit.commit()
    return counts
