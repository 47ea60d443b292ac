"""What every store of records must do with what is gone: tombstones, restored records, merges, full pulls."""

from typing import Any

from connector.domain.records import RecordKind
from connector.ports.crm import Removal
from connector.ports.storage.records import PageCounts
from connector.ports.storage.unit import Storage
from connector.testing.store_pages import CRM, full, gone, hour, page, record, store
from connector.testing.store_rows import Rows, changes, record_row


class RemovalContract:
    """Tombstones and their end."""

    def test_a_removed_record_becomes_a_tombstone_with_a_change(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", name="Anna", stamp=hour(0)), record("B")), at=hour(1))
        assert store(storage, gone("A"), at=hour(2)) == PageCounts(removed=1, field_changes=1)
        assert [(row["crm_id"], row["name"], row["removed_at"]) for row in rows("contact")] == [
            ("A", "Anna", hour(2)),
            ("B", None, None),
        ]
        assert changes(rows, "crm", "kind", "record_id", "fact", "old", "new", "seen_at", "stamp", "cause") == [
            (CRM, "contact", record_row(rows, "A")["id"], "removed", False, True, hour(2), hour(0), "removed")
        ]

    def test_a_removal_stored_again_or_of_an_unknown_record_changes_nothing(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A")), at=hour(1))
        store(storage, gone("A"), at=hour(2))
        assert store(storage, gone("A", "never seen"), at=hour(3)) == PageCounts()
        assert record_row(rows, "A")["removed_at"] == hour(2)

    def test_a_removal_in_one_crm_leaves_the_other_crm_alone(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A")), at=hour(1), crm="salesforce")
        store(storage, page(record("A")), at=hour(1), crm="hubspot")
        store(storage, gone("A"), at=hour(2), crm="hubspot")
        assert [(row["crm"], row["removed_at"]) for row in rows("contact")] == [
            ("salesforce", None),
            ("hubspot", hour(2)),
        ]

    def test_a_restored_record_lives_again_and_its_changes_say_so(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", title="Buyer")), at=hour(1))
        store(storage, gone("A"), at=hour(2))
        counts = store(storage, page(record("A", title="CEO", stamp=hour(3))), at=hour(4))
        assert counts == PageCounts(changed=1, field_changes=2)
        stored = record_row(rows, "A")
        assert (stored["removed_at"], stored["title"], stored["first_seen_at"]) == (None, "CEO", hour(1))
        assert sorted(changes(rows, "seen_at", "fact", "old", "new", "cause")) == [
            (hour(2), "removed", False, True, "removed"),
            (hour(4), "removed", True, False, "restored"),
            (hour(4), "title", "Buyer", "CEO", "restored"),
        ]

    def test_a_record_that_comes_back_unchanged_is_restored(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", title="Buyer")), at=hour(1))
        store(storage, gone("A"), at=hour(2))
        store(storage, page(record("A", title="Buyer")), at=hour(3))
        assert record_row(rows, "A")["removed_at"] is None

    def test_a_row_older_than_the_tombstones_record_restores_nothing(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A", stamp=hour(3))), at=hour(4))
        store(storage, gone("A"), at=hour(5))
        assert store(storage, page(record("A", stamp=hour(2))), at=hour(6)) == PageCounts(unchanged=1)
        assert record_row(rows, "A")["removed_at"] == hour(5)

    def test_a_page_with_a_record_in_both_lists_removes_it_however_often_it_comes(
        self, storage: Storage, rows: Rows
    ) -> None:
        store(storage, page(record("A", title="Buyer")), at=hour(1))
        both = page(record("A", title="CEO", stamp=hour(2)), removed=[Removal(crm_id="A")])
        assert store(storage, both, at=hour(3)) == PageCounts(removed=1, field_changes=1)
        assert store(storage, both, at=hour(4)) == PageCounts()
        assert record_row(rows, "A")["removed_at"] == hour(3)


class FullPullContract:
    """What a full pull does not show is gone, and only at its end."""

    def test_records_unseen_by_a_full_pull_are_removed_at_its_end(self, storage: Storage, rows: Rows) -> None:
        store(storage, full(record("A"), record("B"), record("C")), at=hour(1))
        first = store(storage, page(record("A"), is_full=True, cursor="2"), at=hour(2))
        last = store(storage, page(record("C"), is_full=True, is_last=True, cursor="3"), at=hour(3))
        assert (first, last) == (PageCounts(unchanged=1), PageCounts(unchanged=1, removed=1, field_changes=1))
        assert [(row["crm_id"], row["removed_at"]) for row in rows("contact")] == [
            ("A", None),
            ("B", hour(3)),
            ("C", None),
        ]

    def test_pages_of_changes_never_remove_what_they_do_not_show(self, storage: Storage, rows: Rows) -> None:
        store(storage, full(record("A"), record("B")), at=hour(1))
        store(storage, page(record("A", stamp=hour(2)), is_last=True), at=hour(3))
        assert [row["removed_at"] for row in rows("contact")] == [None, None]

    def test_a_full_pull_removes_what_is_unseen_even_while_the_clock_stands_still(
        self, storage: Storage, rows: Rows
    ) -> None:
        store(storage, full(record("A"), record("B")), at=hour(1))
        assert store(storage, full(record("A")), at=hour(1)).removed == 1
        assert store(storage, full(record("A")), at=hour(0)) == PageCounts(unchanged=1)
        assert [row["removed_at"] is None for row in rows("contact")] == [True, False]

    def test_a_row_that_is_passed_over_as_older_is_still_seen(self, storage: Storage, rows: Rows) -> None:
        store(storage, full(record("A", stamp=hour(1))), at=hour(2))
        assert store(storage, full(record("A", stamp=hour(0))), at=hour(3)) == PageCounts(unchanged=1)
        assert record_row(rows, "A")["removed_at"] is None

    def test_a_full_pull_of_one_kind_or_crm_leaves_the_others_alone(self, storage: Storage, rows: Rows) -> None:
        store(storage, full(record("A"), kind=RecordKind.ACCOUNT), at=hour(1))
        store(storage, full(record("A")), at=hour(1), crm="hubspot")
        store(storage, full(record("B")), at=hour(2))
        assert [row["removed_at"] for row in (*rows("account"), *rows("contact"))] == [None, None, None]

    def test_an_empty_last_page_ends_the_full_pull(self, storage: Storage, rows: Rows) -> None:
        store(storage, full(record("A"), record("B")), at=hour(1))
        store(storage, page(record("B"), is_full=True, cursor="2"), at=hour(2))
        assert store(storage, full(cursor="3"), at=hour(3)) == PageCounts(removed=1, field_changes=1)


class MergeContract:
    """A merged record's alias leads to the winner."""

    def test_a_merge_leads_the_losers_alias_to_the_winner(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("L"), record("W", title="Buyer")), at=hour(1))
        merge = page(record("W", title="CEO", stamp=hour(2)), removed=[Removal(crm_id="L", merged_into="W")])
        counts = store(storage, merge, at=hour(3))
        assert counts == PageCounts(changed=1, removed=1, field_changes=2)
        assert (record_row(rows, "L")["merged_into"], record_row(rows, "L")["removed_at"]) == ("W", hour(3))
        assert self._aliases(rows) == [("contact", "L", "W", hour(3), None, "merge")]
        assert changes(rows, "fact", "cause") == [("removed", "merge"), ("title", "merge")]

    def test_a_winner_that_comes_later_is_joined_then(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("L")), at=hour(1))
        store(storage, gone("L", into="W"), at=hour(2))
        assert self._aliases(rows) == []
        store(storage, page(record("W")), at=hour(3))
        assert self._aliases(rows) == [("contact", "L", "W", hour(3), None, "merge")]

    def test_a_merge_stored_again_adds_no_alias(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("L"), record("W")), at=hour(1))
        for n in (2, 3):
            store(storage, gone("L", into="W"), at=hour(n))
        assert self._aliases(rows) == [("contact", "L", "W", hour(2), None, "merge")]

    def test_merges_of_merges_lead_to_the_last_winner(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("A"), record("B"), record("C")), at=hour(1))
        store(storage, gone("A", into="B"), at=hour(2))
        store(storage, gone("B", into="C"), at=hour(3))
        assert self._live(rows) == {("A", "C"), ("B", "C")}
        assert ("contact", "A", "B", hour(2), hour(3), "merge") in self._aliases(rows)

    def test_a_chain_of_merges_in_one_page_leads_to_its_end(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(*(record(name) for name in "ABCDE")), at=hour(1))
        chain = [Removal(crm_id=loser, merged_into=winner) for loser, winner in zip("ABCD", "BCDE", strict=True)]
        store(storage, page(removed=chain), at=hour(2))
        assert self._live(rows) == {("A", "E"), ("B", "E"), ("C", "E"), ("D", "E")}

    def test_a_restored_loser_is_parted_again(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("L"), record("W")), at=hour(1))
        store(storage, gone("L", into="W"), at=hour(2))
        store(storage, page(record("L", stamp=hour(3))), at=hour(4))
        assert self._aliases(rows) == [("contact", "L", "W", hour(2), hour(4), "merge")]
        assert record_row(rows, "L")["merged_into"] is None

    def test_accounts_merge_as_contacts_do(self, storage: Storage, rows: Rows) -> None:
        accounts = RecordKind.ACCOUNT
        store(storage, page(record("L"), record("W"), kind=accounts), at=hour(1))
        store(storage, gone("L", into="W", kind=accounts), at=hour(2))
        assert self._aliases(rows, kind="account") == [("account", "L", "W", hour(2), None, "merge")]

    def _aliases(self, rows: Rows, *, kind: str = "contact") -> list[tuple[Any, ...]]:
        names = {row["id"]: row["crm_id"] for row in rows(kind)}
        return [
            (row["kind"], names[row["record_id"]], names[row["into_id"]], row["from_at"], row["to_at"], row["cause"])
            for row in rows("record_alias")
        ]

    def _live(self, rows: Rows) -> set[tuple[str, str]]:
        return {(loser, winner) for _, loser, winner, _, to_at, _ in self._aliases(rows) if to_at is None}
