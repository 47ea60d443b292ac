"""The order and the bounds of a pull, against a scripted org."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.salesforce.client import Batch, DeletedLog
from adapters.salesforce.cursor import Cursor, cursor_text, read_cursor
from adapters.salesforce.failures import RefusedWindow, StaleLocator
from adapters.salesforce.layout import Layout
from adapters.salesforce.walk import Walk
from connector.domain.records import RecordKind
from connector.ports.crm import Page, Removal

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
CLOCK = NOON + timedelta(seconds=42)


def crm_id(number: int) -> str:
    return f"0035e00001AbC{number:02d}AAA"


def record(number: int, stamp: str = "2026-05-01T11:00:00.000+0000") -> dict[str, Any]:
    return {"Id": crm_id(number), "SystemModstamp": stamp}


@dataclass(slots=True)
class ScriptedOrg:
    """Gives its batches in turn and remembers the queries; the doors of `SalesforceClient` that a walk uses."""

    batches: list[Batch | Exception] = field(default_factory=list)
    covered: datetime | None = NOON
    log: DeletedLog | None = None
    masters: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def server_time(self) -> datetime:
        return CLOCK

    def complete_until(self, name: str, *, start: datetime, end: datetime) -> datetime:
        self.asked.append(f"updated {start:%H:%M:%S} {end:%H:%M:%S}")
        if self.covered is None:
            raise RefusedWindow
        return self.covered

    def deleted(self, name: str, *, start: datetime, end: datetime) -> DeletedLog:
        self.asked.append(f"deleted {start:%d %H:%M:%S} {end:%d %H:%M:%S}")
        if self.log is None:
            raise RefusedWindow
        return self.log

    def query(self, soql: str, *, page_size: int) -> Batch:
        self.asked.append(soql)
        return self._next()

    def query_on(self, path: str, *, page_size: int) -> Batch:
        self.asked.append(path)
        return self._next()

    def query_rows(self, soql: str, *, page_size: int, with_deleted: bool) -> Iterator[dict[str, Any]]:
        assert with_deleted
        return iter([{"Id": loser, "MasterRecordId": winner} for loser, winner in self.masters.items()])

    def _next(self) -> Batch:
        batch = self.batches.pop(0)
        if isinstance(batch, Exception):
            raise batch
        return batch


def walk(org: ScriptedOrg, since: Cursor | None = None, *, kind: RecordKind = RecordKind.CONTACT) -> list[Page]:
    layout = Layout(kind=kind, object_name="Contact", columns=(), gaps=(), has_master=True, is_replicated=True)
    pulled = Walk(client=org, layout=layout, now=NOON - timedelta(days=900), page_size=2)  # type: ignore[arg-type]  # scripted
    return list(pulled.pages(since and cursor_text(since)))


def batch(*numbers: int, more: str | None = None) -> Batch:
    return Batch(records=[record(number) for number in numbers], more=more)


def no_deletions(complete_since: datetime = NOON - timedelta(days=15)) -> DeletedLog:
    return DeletedLog(records=[], complete_since=complete_since)


def cursors(pages: Sequence[Page]) -> list[Cursor]:
    return [read_cursor(page.cursor) for page in pages]


def test_everything_is_read_by_id_up_to_a_bound_that_the_org_fixed_before() -> None:
    org = ScriptedOrg(batches=[batch(1, 2, more="/next"), batch(3)])
    pages = walk(org)
    assert org.asked == [
        "updated 11:58:00 12:00:00",
        "SELECT Id, SystemModstamp FROM Contact ORDER BY Id",
        "/next",
    ]
    assert cursors(pages) == [Cursor(bound=NOON, crm_id=crm_id(2)), Cursor(mark=NOON)]
    assert [(page.is_full, page.is_last) for page in pages] == [(True, False), (True, True)]


def test_a_transaction_that_still_runs_holds_the_bound_back_to_its_minute() -> None:
    org = ScriptedOrg(batches=[batch()], covered=NOON - timedelta(minutes=3, seconds=20))
    assert cursors(walk(org)) == [Cursor(mark=NOON - timedelta(minutes=4))]


def test_where_the_org_cannot_tell_the_bound_lies_ten_minutes_before_its_own_time() -> None:
    org = ScriptedOrg(batches=[batch()], covered=None)
    assert cursors(walk(org)) == [Cursor(mark=NOON - timedelta(minutes=10))]


def test_an_expired_place_is_read_on_from_the_last_record() -> None:
    org = ScriptedOrg(batches=[batch(1, 2, more="/next"), StaleLocator(), batch(3)])
    assert [len(page.rows) for page in walk(org)] == [2, 1]
    assert org.asked[-1] == f"SELECT Id, SystemModstamp FROM Contact WHERE Id > '{crm_id(2)}' ORDER BY Id"


def test_of_cases_everything_is_the_open_ones_and_those_of_two_years_also_where_a_place_has_expired() -> None:
    org = ScriptedOrg(batches=[batch(1, 2, more="/next"), StaleLocator(), batch(3)])
    layout = Layout(
        kind=RecordKind.CASE,
        object_name="Case",
        columns=(),
        gaps=(),
        has_master=True,
        is_replicated=True,
        tells_closed=True,
    )
    pulled = Walk(client=org, layout=layout, now=NOON, page_size=2)  # type: ignore[arg-type]  # a scripted org
    assert [len(page.rows) for page in pulled.pages(None)] == [2, 1]
    recent = "(IsClosed = false OR SystemModstamp >= 2024-04-30T12:00:00Z)"
    assert org.asked[1:] == [
        f"SELECT Id, SystemModstamp FROM Case WHERE {recent} ORDER BY Id",
        "/next",
        f"SELECT Id, SystemModstamp FROM Case WHERE {recent} AND Id > '{crm_id(2)}' ORDER BY Id",
    ]


def test_changes_end_before_the_bound_and_go_from_key_to_key() -> None:
    mark = NOON - timedelta(hours=2)
    org = ScriptedOrg(batches=[batch(1, 2), batch(3)], log=no_deletions())
    pages = walk(org, Cursor(mark=mark))
    first = "SELECT Id, SystemModstamp FROM Contact WHERE SystemModstamp >= 2026-05-01T10:00:00Z"
    first += " AND SystemModstamp < 2026-05-01T12:00:00Z"
    order = " ORDER BY SystemModstamp, Id LIMIT 2"
    behind = f" AND ((SystemModstamp = 2026-05-01T11:00:00Z AND Id > '{crm_id(2)}')"
    behind += " OR SystemModstamp > 2026-05-01T11:00:00Z)"
    assert org.asked[1:] == ["deleted 01 10:00:00 01 12:00:00", first + order, first + behind + order]
    stamp = NOON - timedelta(hours=1)
    assert cursors(pages) == [Cursor(mark=mark, bound=NOON, stamp=stamp, crm_id=crm_id(2)), Cursor(mark=NOON)]


def test_a_walk_that_was_cut_goes_on_to_its_old_bound_without_asking_for_deletions_again() -> None:
    bound = NOON - timedelta(hours=1)
    since = Cursor(mark=NOON - timedelta(hours=2), bound=bound, stamp=bound - timedelta(minutes=5), crm_id=crm_id(1))
    org = ScriptedOrg(batches=[batch()])
    assert cursors(walk(org, since)) == [Cursor(mark=bound)]
    assert len(org.asked) == 1


def test_a_last_page_that_is_just_full_is_followed_by_an_empty_one() -> None:
    org = ScriptedOrg(batches=[batch(1, 2), batch()], log=no_deletions())
    pages = walk(org, Cursor(mark=NOON - timedelta(hours=1)))
    assert [(len(page.rows), page.is_last) for page in pages] == [(2, False), (0, True)]


def test_a_page_cut_short_by_the_org_is_not_the_last() -> None:
    org = ScriptedOrg(batches=[batch(1, more="/more"), batch(2)], log=no_deletions())
    pages = walk(org, Cursor(mark=NOON - timedelta(hours=1)))
    assert [(len(page.rows), page.is_last) for page in pages] == [(1, False), (1, True)]


@pytest.mark.parametrize("ahead", [0, 5])
def test_a_bound_that_has_not_passed_the_mark_reads_nothing_and_keeps_the_mark(ahead: int) -> None:
    mark = NOON + timedelta(minutes=ahead)
    org = ScriptedOrg()
    pages = walk(org, Cursor(mark=mark))
    assert [(page.rows, page.is_full, page.is_last) for page in pages] == [((), False, True)]
    assert cursors(pages) == [Cursor(mark=mark)]


def test_removals_come_first_in_pages_and_only_those_of_the_window() -> None:
    mark = NOON - timedelta(hours=1)
    inside = [(crm_id(number), mark + timedelta(minutes=number)) for number in (1, 2, 3)]
    outside = [(crm_id(8), mark - timedelta(seconds=1)), (crm_id(9), NOON)]
    log = DeletedLog(records=[*outside, *inside], complete_since=mark)
    org = ScriptedOrg(batches=[batch(4)], log=log, masters={crm_id(2): crm_id(4)})
    pages = walk(org, Cursor(mark=mark))
    assert [list(page.removed) for page in pages] == [
        [Removal(crm_id=crm_id(1)), Removal(crm_id=crm_id(2), merged_into=crm_id(4))],
        [Removal(crm_id=crm_id(3))],
        [],
    ]
    assert cursors(pages)[:2] == [Cursor(mark=mark, bound=NOON)] * 2


@pytest.mark.parametrize(
    ("age", "log", "asks"),
    [
        (timedelta(days=3), no_deletions(complete_since=NOON - timedelta(days=1)), True),
        (timedelta(days=3), None, True),
        (timedelta(days=15), no_deletions(), False),
    ],
)
def test_where_the_log_of_deletions_does_not_reach_back_everything_is_read(
    age: timedelta, log: DeletedLog | None, asks: bool
) -> None:
    org = ScriptedOrg(batches=[batch(1)], log=log)
    pages = walk(org, Cursor(mark=NOON - age))
    assert [(page.is_full, page.is_last) for page in pages] == [(True, True)]
    assert cursors(pages) == [Cursor(mark=NOON)]
    assert any(asked.startswith("deleted") for asked in org.asked) is asks


def test_users_are_never_deleted_so_an_old_mark_is_good_enough() -> None:
    org = ScriptedOrg(batches=[batch(1)])
    pages = walk(org, Cursor(mark=NOON - timedelta(days=300)), kind=RecordKind.OWNER)
    assert [(page.is_full, page.is_last) for page in pages] == [(False, True)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"form": 99}', "null", '{"after": "10"}'])
def test_a_cursor_that_is_none_of_ours_begins_anew(text: str) -> None:
    assert read_cursor(text) == Cursor()


def test_a_cursor_survives_its_text() -> None:
    cursor = Cursor(mark=NOON, bound=CLOCK, stamp=NOON, crm_id=crm_id(7))
    assert read_cursor(cursor_text(cursor)) == cursor
