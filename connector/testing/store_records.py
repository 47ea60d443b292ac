"""What every store of records must do with pages: rows, stamps, field changes, cursors."""

from datetime import date
from typing import Any

import pytest

from connector.domain.records import RecordKind
from connector.ports.errors import StorageError
from connector.ports.storage.records import PageCounts, Position
from connector.ports.storage.unit import Storage
from connector.testing.store_pages import CRM, full, gone, hour, page, record, store
from connector.testing.store_rows import Rows, changes, record_row

CONTACT, ACCOUNT, OPPORTUNITY = RecordKind.CONTACT, RecordKind.ACCOUNT, RecordKind.OPPORTUNITY
ANNA = record("A", name="Anna Berg", address="anna@berg.example", title="Buyer", opted_out=False)


class PageContract:
    """Rows and what is counted."""

    def test_a_page_stores_its_records_and_counts_them(self, storage: Storage, rows: Rows) -> None:
        given = record("A", name="Berg AG", renewal_on=date(2026, 9, 1), segment="gold", ours_score=7.5)
        counts = store(storage, page(given, record("B", name="Uhl"), kind=ACCOUNT), at=hour(1))
        stored = record_row(rows, "A", kind="account")
        assert counts == PageCounts(inserted=2)
        assert {name: stored[name] for name in stored if name != "id"} == {
            "crm": CRM,
            "crm_id": "A",
            "stamp": hour(0),
            "first_seen_at": hour(1),
            "seen_at": hour(1),
            "removed_at": None,
            "merged_into": None,
            "name": "Berg AG",
            "parent": None,
            "owner": None,
            "renewal_on": date(2026, 9, 1),
            "hold_until": None,
            "hold_reason": None,
            "same_as": None,
            "joined_id": None,
            "facts": {"segment": "gold"},
            "ours": {"score": 7.5},
        }

    def test_a_page_stored_again_changes_nothing(self, storage: Storage, rows: Rows) -> None:
        deal = record("D", name="Renewal", amount=12.5, is_won=False, closes_on=date(2026, 3, 1), risk=None, seats=4.0)
        store(storage, page(deal, kind=OPPORTUNITY), at=hour(1))
        before = rows("opportunity"), rows("field_change")
        assert store(storage, page(deal, kind=OPPORTUNITY), at=hour(1)) == PageCounts(unchanged=1)
        assert (rows("opportunity"), rows("field_change")) == before

    def test_an_older_stamp_never_overwrites(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna Berg", stamp=hour(5))), at=hour(6))
        counts = store(storage, page(record("A", name="Anna Alt", stamp=hour(4))), at=hour(7))
        stored = record_row(rows, "A")
        assert counts == PageCounts(unchanged=1)
        assert (stored["name"], stored["stamp"], stored["seen_at"]) == ("Anna Berg", hour(5), hour(7))

    @pytest.mark.parametrize("stamps", [(2, 1), (1, 2)])
    def test_of_two_rows_of_one_record_in_a_page_the_newer_counts(
        self, storage: Storage, rows: Rows, stamps: tuple[int, int]
    ) -> None:
        twice = [record("A", name=f"Stamped {stamp}", stamp=hour(stamp)) for stamp in stamps]
        assert store(storage, page(*twice), at=hour(3)) == PageCounts(inserted=1)
        assert record_row(rows, "A")["name"] == "Stamped 2"

    def test_what_a_row_says_for_the_first_time_is_stored_under_the_same_stamp(
        self, storage: Storage, rows: Rows
    ) -> None:
        store(storage, page(record("A", address="Anna@berg.example")), at=hour(1))
        counts = store(storage, page(record("A", address="anna@berg.example")), at=hour(2))
        assert (counts, record_row(rows, "A")["address_given"]) == (PageCounts(unchanged=1), "anna@berg.example")
        counts = store(storage, page(record("A", segment="gold")), at=hour(3))
        assert (counts, record_row(rows, "A")["facts"]) == (PageCounts(unchanged=1), {"segment": "gold"})

    def test_facts_outside_the_columns_stay_as_they_are(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", title="Buyer", segment="gold", ours_score=1)), at=hour(1))
        store(storage, page(record("A", name="Anna B", region=None, stamp=hour(2))), at=hour(3))
        stored = record_row(rows, "A")
        assert (stored["name"], stored["title"]) == ("Anna B", "Buyer")
        assert (stored["facts"], stored["ours"]) == ({"segment": "gold", "region": None}, {"score": 1})

    def test_one_id_in_two_crms_is_two_records(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna")), at=hour(1), crm="salesforce")
        store(storage, page(record("A", name="Bert")), at=hour(1), crm="hubspot")
        assert [(row["crm"], row["name"]) for row in rows("contact")] == [("salesforce", "Anna"), ("hubspot", "Bert")]

    def test_an_address_is_held_in_its_normal_form_and_as_given(self, storage: Storage, rows: Rows) -> None:
        given = record("A", name="Anna", address=" Anna@Bücher.example ")
        store(storage, page(given, record("B", address="none")), at=hour(1))
        pairs = [(row["address"], row["address_given"]) for row in rows("contact")]
        assert pairs == [("anna@xn--bcher-kva.example", " Anna@Bücher.example "), (None, "none")]

    def test_text_that_a_database_cannot_hold_is_made_storable(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="An\0na", note="half \ud83d pair\0")), at=hour(1))
        stored = record_row(rows, "A")
        assert (stored["name"], stored["facts"]) == ("Anna", {"note": "half ? pair"})

    def test_live_records_are_counted_by_crm_and_kind(self, storage: Storage) -> None:
        store(storage, page(record("A"), record("B")), at=hour(1))
        store(storage, gone("B"), at=hour(2))
        store(storage, page(record("O"), kind=RecordKind.OWNER), at=hour(1))
        with storage.snapshot() as unit:
            assert unit.records.counts() == {
                CRM: {kind: int(kind in (RecordKind.OWNER, RecordKind.CONTACT)) for kind in RecordKind}
            }

    def test_a_page_of_five_thousand_rows_is_stored(self, storage: Storage, rows: Rows) -> None:
        many = [record(f"{n}", name=f"Person {n}", address=f"p{n}@firm.example", segment=n % 3) for n in range(5000)]
        assert store(storage, full(*many), at=hour(1)) == PageCounts(inserted=5000)
        assert store(storage, full(*many), at=hour(2)) == PageCounts(unchanged=5000)
        assert len({row["person_id"] for row in rows("contact")}) == 5000

    def test_facts_beyond_the_argument_limit_of_sql_functions_are_merged(self, storage: Storage, rows: Rows) -> None:
        words: dict[str, Any] = {f"fact_{n}": n for n in range(130)}
        store(storage, page(record("A", **words)), at=hour(1))
        doubled: dict[str, Any] = {word: 2 * n for word, n in words.items()}
        assert store(storage, page(record("A", stamp=hour(2), **doubled)), at=hour(3)).field_changes == 129
        assert record_row(rows, "A")["facts"] == doubled


class FieldChangeContract:
    """Which transitions are noted, and how."""

    def test_a_first_value_is_the_row_itself(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(ANNA), at=hour(1))
        store(storage, page(record("A", name="Anna Berg", segment="gold", stamp=hour(2))), at=hour(3))
        assert rows("field_change") == []

    def test_each_later_value_is_noted_with_moment_stamp_and_cause(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", title="Buyer", opted_out=False, seats=3, since=date(2026, 1, 1))), at=hour(1))
        now = record("A", title="CEO", opted_out=True, seats=4, since=date(2026, 2, 1), stamp=hour(2))
        assert store(storage, page(now), at=hour(3)) == PageCounts(changed=1, field_changes=4)
        assert sorted(changes(rows, "fact", "old", "new", "seen_at", "stamp", "cause")) == [
            ("opted_out", False, True, hour(3), hour(2), "crm"),
            ("seats", 3, 4, hour(3), hour(2), "crm"),
            ("since", "2026-01-01", "2026-02-01", hour(3), hour(2), "crm"),
            ("title", "Buyer", "CEO", hour(3), hour(2), "crm"),
        ]
        assert set(changes(rows, "crm", "kind", "record_id")) == {(CRM, "contact", record_row(rows, "A")["id"])}

    def test_to_and_from_unknown_are_transitions(self, storage: Storage, rows: Rows) -> None:
        for n, value in enumerate((None, "x", None)):
            store(storage, page(record("A", title=value, segment=value, stamp=hour(n))), at=hour(n))
        assert sorted(changes(rows, "fact", "seen_at", "old", "new")) == [
            ("segment", hour(1), None, "x"),
            ("segment", hour(2), "x", None),
            ("title", hour(1), None, "x"),
            ("title", hour(2), "x", None),
        ]

    @pytest.mark.parametrize(
        ("before", "after"), [(4, 4.0), (True, True), ("é", "é"), (date(2026, 1, 1), date(2026, 1, 1)), ("1", "1")]
    )
    def test_equal_values_make_no_change(self, storage: Storage, rows: Rows, before: Any, after: Any) -> None:
        store(storage, page(record("A", fact=before)), at=hour(1))
        counts = store(storage, page(record("A", fact=after, stamp=hour(2))), at=hour(3))
        assert (counts, rows("field_change")) == (PageCounts(unchanged=1), [])

    @pytest.mark.parametrize(("before", "after"), [(1, "1"), (True, 1), ("", None), ("a", "A"), (1, 1.5)])
    def test_values_of_another_type_or_case_are_different(
        self, storage: Storage, rows: Rows, before: Any, after: Any
    ) -> None:
        store(storage, page(record("A", fact=before)), at=hour(1))
        store(storage, page(record("A", fact=after, stamp=hour(2))), at=hour(3))
        ((old, new),) = changes(rows, "old", "new")
        assert (repr(old), repr(new)) == (repr(before), repr(after))

    def test_our_own_fields_make_no_change_but_are_kept(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", ours_score=None)), at=hour(1))
        counts = store(storage, page(record("A", name="Anna", ours_score=8, stamp=hour(2))), at=hour(3))
        assert (counts, rows("field_change")) == (PageCounts(unchanged=1), [])
        assert record_row(rows, "A")["ours"] == {"score": 8}

    def test_the_value_as_of_a_moment_follows_from_row_and_changes(self, storage: Storage, rows: Rows) -> None:
        for n, stage in enumerate(("Open", "Talks", "Won")):
            store(storage, page(record("D", stage=stage, stamp=hour(n)), kind=OPPORTUNITY), at=hour(2 * n))

        def as_of(moment: Any) -> Any:
            later = (row["old"] for row in rows("field_change") if row["seen_at"] > moment)
            return next(later, record_row(rows, "D", kind="opportunity")["stage"])

        assert [as_of(hour(n)) for n in range(6)] == ["Open", "Open", "Talks", "Talks", "Won", "Won"]

    def test_a_full_pull_after_a_mapping_carries_its_cause_to_the_end(self, storage: Storage, rows: Rows) -> None:
        store(storage, full(record("A", title="a"), record("B", title="b")), at=hour(1))
        with storage.begin() as unit:
            unit.records.forget_position(CRM, CONTACT, moved=["title"])
            unit.commit()
        store(storage, page(record("A", title="x"), is_full=True, cursor="2"), at=hour(2))
        store(storage, page(record("B", title="y"), is_full=True, is_last=True, cursor="3"), at=hour(3))
        store(storage, full(record("A", title="z"), record("B", title="y"), cursor="4"), at=hour(4))
        assert changes(rows, "new", "cause") == [("x", "mapping"), ("y", "mapping"), ("z", "crm")]

    def test_only_facts_that_moved_change_by_the_mapping(self, storage: Storage, rows: Rows) -> None:
        store(storage, full(record("A", title="a", level="user", segment="a", region="a")), at=hour(1))
        self._move(storage, "title", "segment")
        now = record("A", title="b", level="executive", segment="b", region="b", stamp=hour(2))
        store(storage, full(now), at=hour(3))
        assert sorted(changes(rows, "fact", "cause")) == [
            ("level", "crm"),
            ("region", "crm"),
            ("segment", "mapping"),
            ("title", "mapping"),
        ]

    def test_facts_that_move_one_after_the_other_add_up_until_a_full_pull_has_ended(
        self, storage: Storage, rows: Rows
    ) -> None:
        store(storage, full(record("A", title="a", level="a"), record("B", title="a", level="a")), at=hour(1))
        self._move(storage, "title")
        store(storage, page(record("A", title="b", level="a"), is_full=True, cursor="2"), at=hour(2))
        self._move(storage, "level")
        store(storage, full(record("A", title="b", level="b"), record("B", title="b", level="b")), at=hour(3))
        store(storage, full(record("A", title="c", level="b"), record("B", title="b", level="b")), at=hour(4))
        assert changes(rows, "fact", "new", "cause") == [
            ("title", "b", "mapping"),
            ("title", "b", "mapping"),
            ("level", "b", "mapping"),
            ("level", "b", "mapping"),
            ("title", "c", "crm"),
        ]

    def _move(self, storage: Storage, *words: str) -> None:
        with storage.begin() as unit:
            unit.records.forget_position(CRM, CONTACT, moved=words)
            unit.commit()


class CursorContract:
    """The cursor belongs to its page."""

    def test_before_the_first_page_there_is_no_position(self, storage: Storage) -> None:
        with storage.snapshot() as unit:
            assert unit.records.position(CRM, CONTACT) is None

    def test_the_cursor_is_saved_with_its_page(self, storage: Storage) -> None:
        store(storage, page(ANNA, is_full=True, cursor="after A"), at=hour(1))
        assert self._position(storage) == Position(cursor="after A", is_loaded=False)
        store(storage, page(record("B"), is_full=True, is_last=True, cursor="after B"), at=hour(2))
        assert self._position(storage) == Position(cursor="after B", is_loaded=True)

    def test_a_page_that_is_undone_takes_its_cursor_with_it(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(ANNA, cursor="1"), at=hour(1))
        with storage.begin() as unit:
            unit.records.store_page(CRM, page(record("A", name="X"), record("B"), cursor="2"), seen_at=hour(2))
        assert self._position(storage) == Position(cursor="1", is_loaded=False)
        assert [(row["crm_id"], row["name"]) for row in rows("contact")] == [("A", "Anna Berg")]

    def test_a_crash_between_pages_is_resumed_from_the_cursor(self, storage: Storage, rows: Rows) -> None:
        store(storage, full(ANNA, record("B"), record("C")), at=hour(1))
        store(storage, page(ANNA, is_full=True, cursor="after A"), at=hour(2))
        # Here the process died; the next one resumes the same full pull, in which C is missing.
        store(storage, page(record("B"), is_full=True, is_last=True, cursor="after B"), at=hour(9))
        assert [(row["crm_id"], row["removed_at"]) for row in rows("contact")] == [
            ("A", None),
            ("B", None),
            ("C", hour(9)),
        ]

    def test_a_forgotten_position_leaves_the_records_and_that_they_were_loaded(self, storage: Storage) -> None:
        store(storage, full(ANNA, cursor="1"), at=hour(1))
        with storage.begin() as unit:
            unit.records.forget_position(CRM, CONTACT, moved=["title"])
            unit.commit()
        assert self._position(storage) is None
        store(storage, page(ANNA, is_full=True, cursor="2"), at=hour(2))
        assert self._position(storage) == Position(cursor="2", is_loaded=True)

    def test_two_pages_in_one_unit_are_stored(self, storage: Storage, rows: Rows) -> None:
        with storage.begin() as unit:
            unit.records.store_page(CRM, page(ANNA), seen_at=hour(1))
            unit.records.store_page(CRM, page(record("B"), cursor="2"), seen_at=hour(1))
            unit.commit()
        assert [row["crm_id"] for row in rows("contact")] == ["A", "B"]

    def _position(self, storage: Storage) -> Position | None:
        with storage.snapshot() as unit:
            return unit.records.position(CRM, CONTACT)


class RefusalContract:
    """What a refusal says."""

    def test_a_time_without_a_zone_is_refused_without_showing_any_value(self, storage: Storage) -> None:
        naive = hour(1).replace(tzinfo=None)
        with pytest.raises(StorageError) as caught, storage.begin() as unit:
            unit.switches.stop(at=naive, reason="anna.geheim@berg.example asked for it")
        assert "geheim" not in str(caught.value)

    def test_a_snapshot_refuses_to_write(self, storage: Storage, rows: Rows) -> None:
        with pytest.raises(StorageError), storage.snapshot() as unit:
            unit.records.store_page(CRM, page(ANNA), seen_at=hour(1))
        assert rows("contact") == []
