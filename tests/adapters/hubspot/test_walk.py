"""The order and the bounds of a pull, against a scripted portal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.hubspot.client import Batch
from adapters.hubspot.cursor import Cursor, cursor_text, read_cursor
from adapters.hubspot.layout import Column, Layout, LinkColumn
from adapters.hubspot.mapping import milliseconds
from adapters.hubspot.walk import OVERLAP, Walk
from connector.domain.records import RecordKind
from connector.ports.crm import Page, Removal

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
MARK = NOON - timedelta(hours=1)
LONG_AGO = NOON - timedelta(days=30)
DONE = Cursor(mark=MARK, swept=MARK)
DONE_AT_NOON = Cursor(mark=NOON, swept=NOON)


def record(number: int, at: datetime = LONG_AGO, *, merged: str = "", archived_at: datetime | None = None) -> Any:
    found = {
        "id": str(number),
        "updatedAt": at.isoformat(),
        "properties": {"name": f"n{number}", "hs_merged_object_ids": merged or None},
    }
    return found | ({"archivedAt": archived_at.isoformat()} if archived_at else {})


@dataclass(slots=True)
class ScriptedPortal:
    """Gives its batches in turn and remembers the questions; the doors of `HubspotClient` that a walk uses."""

    lists: list[Batch] = field(default_factory=list)
    searches: list[Batch] = field(default_factory=list)
    bins: list[Batch] = field(default_factory=lambda: [Batch(records=[], after=None)])
    asked: list[str] = field(default_factory=list)
    bodies: list[Mapping[str, Any]] = field(default_factory=list)
    time: datetime | None = NOON

    def server_time(self) -> datetime | None:
        return self.time

    def records(
        self, name: str, *, properties: Sequence[str], after: str | None = None, archived: bool = False
    ) -> Batch:
        self.asked.append(f"{'bin' if archived else 'list'} {after} {','.join(properties)}")
        return (self.bins if archived else self.lists).pop(0)

    def search(self, name: str, body: Mapping[str, Any]) -> Batch:
        self.asked.append("search")
        self.bodies.append(body)
        return self.searches.pop(0)

    def read(self, name: str, *, ids: Sequence[str], properties: Sequence[str]) -> list[dict[str, Any]]:
        self.asked.append(f"read {','.join(ids)}")
        return [record(int(crm_id)) | {"properties": dict.fromkeys(properties, "x")} for crm_id in ids]

    def associations(self, name: str, target: str, *, ids: Sequence[str]) -> dict[str, list[Any]]:
        self.asked.append(f"associations {target} {len(ids)}")
        return {crm_id: [(f"9{crm_id}", frozenset({5}))] for crm_id in ids}


NAME = Column(word="name", properties=("name",), convert=lambda values: values[0])
LAYOUT = Layout(kind=RecordKind.CONTACT, columns=(NAME,), gaps=(), tells_merges=True)


def walk(portal: ScriptedPortal, since: Cursor | None = None, *, layout: Layout = LAYOUT) -> list[Page]:
    pulled = Walk(client=portal, layout=layout, now=NOON - timedelta(days=900))  # type: ignore[arg-type]  # scripted
    return list(pulled.pages(since and cursor_text(since)))


def batch(*records: Any, after: str | None = None) -> Batch:
    return Batch(records=list(records), after=after)


def ids(pages: Sequence[Page]) -> list[list[str]]:
    return [[str(row[0]) for row in page.rows] for page in pages]


def filters(body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    (group,) = body["filterGroups"]
    return [(one["propertyName"], one["operator"], one["value"]) for one in group["filters"]]


def test_everything_is_read_by_lists_up_to_the_portals_own_time() -> None:
    portal = ScriptedPortal(lists=[batch(record(1), record(2), after="3"), batch(record(3))])
    pages = walk(portal)
    assert portal.asked == ["list None name,hs_merged_object_ids", "list 3 name,hs_merged_object_ids"]
    assert [read_cursor(page.cursor) for page in pages] == [Cursor(bound=NOON, after="3"), DONE_AT_NOON]
    assert [(page.is_full, page.is_last) for page in pages] == [(True, False), (True, True)]


def test_a_pull_of_everything_that_was_cut_goes_on_to_its_old_bound() -> None:
    bound = NOON - timedelta(minutes=20)
    portal = ScriptedPortal(lists=[batch(record(3))])
    assert [read_cursor(page.cursor) for page in walk(portal, Cursor(bound=bound, after="3"))] == [
        Cursor(mark=bound, swept=bound)
    ]
    assert portal.asked == ["list 3 name,hs_merged_object_ids"]


def test_changes_are_searched_from_id_to_id_in_a_fixed_window_that_begins_before_the_mark() -> None:
    first = [record(7, MARK + timedelta(minutes=5)), record(9, MARK + timedelta(minutes=6))]
    portal = ScriptedPortal(searches=[batch(*first, after="200"), batch(record(12, MARK + timedelta(minutes=4)))])
    pages = walk(portal, DONE)
    start, end = str(milliseconds(MARK - OVERLAP)), str(milliseconds(NOON))
    window = [("lastmodifieddate", "GTE", start), ("lastmodifieddate", "LT", end)]
    assert [filters(body) for body in portal.bodies] == [window, [*window, ("hs_object_id", "GT", "9")]]
    assert portal.bodies[0]["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    assert portal.bodies[0]["limit"] == 200
    assert ids(pages) == [["7", "9"], ["12"]]
    assert [(page.is_full, page.is_last) for page in pages] == [(False, False), (False, True)]
    assert [read_cursor(page.cursor) for page in pages] == [
        Cursor(mark=MARK, bound=NOON, after="9", swept=MARK),
        replace(DONE_AT_NOON, bin_pages=1),
    ]


def test_other_objects_than_contacts_have_another_property_for_the_time_of_change() -> None:
    portal = ScriptedPortal(searches=[batch()])
    walk(portal, DONE, layout=replace(LAYOUT, kind=RecordKind.ACCOUNT))
    assert {name for name, _, _ in filters(portal.bodies[0])} == {"hs_lastmodifieddate"}


def test_what_was_seen_in_the_overlap_is_passed_over_and_what_changed_again_is_not() -> None:
    at = MARK - timedelta(minutes=3)
    since = replace(DONE, seen={"7": milliseconds(at), "8": milliseconds(at)})
    late = record(9, MARK - timedelta(minutes=9))
    portal = ScriptedPortal(searches=[batch(record(7, at), record(8, at + timedelta(seconds=1)), late)])
    assert ids(walk(portal, since)) == [["8", "9"]]


def test_pages_that_hold_only_what_was_seen_do_not_come() -> None:
    at = MARK - timedelta(minutes=3)
    since = replace(DONE, seen={"7": milliseconds(at), "8": milliseconds(at)})
    portal = ScriptedPortal(searches=[batch(record(7, at), after="200"), batch(record(8, at))])
    pages = walk(portal, since)
    assert [(page.rows, page.is_last) for page in pages] == [([], True)]
    assert len(portal.bodies) == 2


def test_rows_of_the_last_minutes_are_remembered_and_those_behind_the_bound_come_again() -> None:
    near, behind = NOON - timedelta(minutes=2), NOON + timedelta(seconds=1)
    portal = ScriptedPortal(lists=[batch(record(1), record(2, near), record(3, behind))])
    (full,) = walk(portal)
    assert read_cursor(full.cursor).seen == {"2": milliseconds(near)}
    portal = ScriptedPortal(searches=[batch(record(2, near), record(3, behind))], time=NOON + timedelta(minutes=15))
    (changes,) = walk(portal, read_cursor(full.cursor))
    assert ids([changes]) == [["3"]]
    assert read_cursor(changes.cursor).seen == {}


def test_a_walk_that_was_cut_goes_on_behind_its_last_id_and_to_its_old_bound() -> None:
    bound = NOON - timedelta(minutes=30)
    portal = ScriptedPortal(searches=[batch()])
    (page,) = walk(portal, replace(DONE, bound=bound, after="9"))
    assert filters(portal.bodies[0])[1:] == [
        ("lastmodifieddate", "LT", str(milliseconds(bound))),
        ("hs_object_id", "GT", "9"),
    ]
    assert read_cursor(page.cursor) == Cursor(mark=bound, swept=bound, bin_pages=1)


@pytest.mark.parametrize("time", [MARK - timedelta(minutes=5), MARK])
def test_a_portal_whose_time_goes_back_keeps_the_mark(time: datetime) -> None:
    (page,) = walk(ScriptedPortal(searches=[batch()], time=time), DONE)
    assert read_cursor(page.cursor) == replace(DONE, bin_pages=1)


def test_removals_come_after_the_changes_and_only_those_since_the_last_look() -> None:
    inside, before, behind = MARK + timedelta(minutes=1), MARK - timedelta(minutes=3), NOON
    bins = [
        batch(record(21, archived_at=inside), record(22, archived_at=before), after="23"),
        batch(record(23, archived_at=behind), record(24, archived_at=MARK - timedelta(minutes=1))),
    ]
    portal = ScriptedPortal(searches=[batch(record(7, MARK + timedelta(minutes=5)))], bins=bins)
    pages = walk(portal, DONE)
    assert portal.asked == ["search", "bin None hs_merged_object_ids", "bin 23 hs_merged_object_ids"]
    assert [list(page.removed) for page in pages] == [[], [Removal(crm_id="21"), Removal(crm_id="24")]]
    assert read_cursor(pages[-1].cursor) == replace(DONE_AT_NOON, bin_pages=2)


def test_a_removal_of_the_overlap_is_told_once() -> None:
    at = NOON - timedelta(minutes=1)
    (first,) = walk(ScriptedPortal(searches=[batch()], bins=[batch(record(21, archived_at=at))]), DONE)
    assert first.removed == [Removal(crm_id="21")]
    later = ScriptedPortal(
        searches=[batch()], bins=[batch(record(21, archived_at=at))], time=NOON + timedelta(minutes=1)
    )
    (second,) = walk(later, read_cursor(first.cursor))
    assert second.removed == ()


def test_a_cut_between_removals_looks_through_the_bin_again_but_searches_no_more() -> None:
    portal = ScriptedPortal(bins=[batch(record(21, archived_at=MARK + timedelta(minutes=1)))])
    (page,) = walk(portal, replace(DONE, bound=NOON, is_sweeping=True))
    assert page.removed == [Removal(crm_id="21")]
    assert portal.asked == ["bin None hs_merged_object_ids"]


@pytest.mark.parametrize(("pages", "minutes", "looks"), [(10, 0, True), (71, 60, False), (70, 60, True)])
def test_a_full_bin_is_given_a_rest(pages: int, minutes: int, looks: bool) -> None:
    portal = ScriptedPortal(searches=[batch()])
    since = replace(DONE, swept=NOON - timedelta(minutes=minutes), bin_pages=pages)
    (page,) = walk(portal, since)
    assert (len(portal.asked) == 2) is looks
    assert read_cursor(page.cursor).swept == (NOON if looks else since.swept)


def test_where_the_bin_may_have_forgotten_everything_is_read() -> None:
    portal = ScriptedPortal(lists=[batch(record(1))])
    (page,) = walk(portal, replace(DONE, swept=NOON - timedelta(days=86)))
    assert (page.is_full, page.is_last) == (True, True)
    assert read_cursor(page.cursor) == DONE_AT_NOON


def test_a_merge_names_its_winner_even_where_the_bin_holds_the_losers() -> None:
    at = MARK + timedelta(minutes=5)
    joined = record(30, at, merged="21;22")
    bins = [batch(record(21, archived_at=at), record(22, archived_at=at), record(23, archived_at=at))]
    pages = walk(ScriptedPortal(searches=[batch(joined)], bins=bins), DONE)
    assert [list(page.removed) for page in pages] == [
        [Removal(crm_id="21", merged_into="30"), Removal(crm_id="22", merged_into="30")],
        [Removal(crm_id="23")],
    ]


def test_a_merged_record_that_was_deleted_before_anybody_saw_it_takes_its_losers_along() -> None:
    gone = record(30, merged="21;22", archived_at=MARK + timedelta(minutes=5))
    (page,) = walk(ScriptedPortal(searches=[batch()], bins=[batch(gone)]), DONE)
    assert page.removed == [Removal(crm_id="21"), Removal(crm_id="22"), Removal(crm_id="30")]


def test_a_pull_of_everything_tells_merges_too() -> None:
    (page,) = walk(ScriptedPortal(lists=[batch(record(30, merged="21;22"))]))
    assert page.removed == [Removal(crm_id="21", merged_into="30"), Removal(crm_id="22", merged_into="30")]


def test_associations_are_read_for_ten_pages_of_the_list_at_once() -> None:
    company = LinkColumn(word="account", target="companies", primary_type=5)
    layout = replace(LAYOUT, kind=RecordKind.OPPORTUNITY, columns=(NAME, company), tells_merges=False)
    pages = [batch(*map(record, range(start, start + 100)), after=str(start + 100)) for start in range(0, 1100, 100)]
    portal = ScriptedPortal(lists=[*pages, batch()])
    found = walk(portal, layout=layout)
    assert [len(page.rows) for page in found] == [1000, 100]
    assert [asked for asked in portal.asked if asked.startswith("assoc")] == [
        "associations companies 1000",
        "associations companies 100",
    ]
    assert found[0].rows[7] == ("7", LONG_AGO, "n7", "97")


def test_where_the_properties_are_too_many_records_are_read_by_id() -> None:
    wide = replace(LAYOUT, columns=tuple(replace(NAME, properties=(f"{'name' * 10}{n}",)) for n in range(50)))
    portal = ScriptedPortal(searches=[batch(record(7, MARK), record(9, MARK))])
    (page,) = walk(portal, DONE, layout=wide)
    assert portal.bodies[0]["properties"] == ["lastmodifieddate"]
    assert portal.asked[:2] == ["search", "read 7,9"]
    assert page.rows[1][2:4] == ("x", "x")
