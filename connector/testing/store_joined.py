"""What every store of records must do about records that are one over two CRMs: who stands for whom, and since when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from connector.domain.records import RecordKind
from connector.ports.crm import Removal
from connector.ports.storage.records import Joining
from connector.ports.storage.unit import Storage
from connector.testing.store_pages import gone, hour, page, record, store
from connector.testing.store_rows import Rows

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
ORG, PORTAL, SHOP = "salesforce", "hubspot", "shop"
PAIRED = Joining(pairs={PORTAL: ORG})
AT_ORG, AT_PORTAL = Joining(pairs={PORTAL: ORG}, home=ORG), Joining(pairs={PORTAL: ORG}, home=PORTAL)


def join(
    storage: Storage,
    joining: Joining = PAIRED,
    *,
    at: datetime,
    kind: RecordKind = ACCOUNT,
    near: tuple[str, Sequence[str]] | None = None,
) -> None:
    """Join in a unit of its own."""
    with storage.begin() as unit:
        unit.records.join(kind, joining, at=at, near=near)
        unit.commit()


def two_crms(storage: Storage, *portal: Any, org: Sequence[Any] = (), kind: RecordKind = ACCOUNT) -> None:
    """Records in the org (`A` and `B` where none are named) and in the portal, at hour 1, not joined yet."""
    store(storage, page(*(org or (record("A"), record("B"))), kind=kind), at=hour(1), crm=ORG)
    store(storage, page(*portal, kind=kind), at=hour(1), crm=PORTAL)


def leads(rows: Rows) -> dict[str, str]:
    """By CRM id: the account that stands for it, where another one does."""
    names = {row["id"]: row["crm_id"] for row in rows("account")}
    return {row["crm_id"]: names[row["joined_id"]] for row in rows("account") if row["joined_id"] is not None}


def joins(rows: Rows, kind: RecordKind = ACCOUNT) -> list[tuple[Any, ...]]:
    """The joins of a kind as they began: record, first record, from, to."""
    names = {row["id"]: row["crm_id"] for row in rows(kind.value)}
    return [
        (names[row["record_id"]], names[row["into_id"]], row["from_at"], row["to_at"])
        for row in rows("record_alias")
        if (row["kind"], row["cause"]) == (kind, "same_as")
    ]


def marks(rows: Rows) -> list[tuple[str, str, str]]:
    """The dirty marks as kind, CRM id and cause."""
    names = {(kind.value, row["id"]): row["crm_id"] for kind in (ACCOUNT, CONTACT) for row in rows(kind.value)}
    return [(row["kind"], names[row["kind"], row["record_id"]], row["cause"]) for row in rows("dirty")]


class JoinContract:
    """Accounts; contacts are joined alike."""

    def test_a_record_that_names_another_crms_record_is_joined_to_it(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as=None), record("3", same_as="never seen"))
        join(storage, at=hour(2))
        assert (leads(rows), joins(rows)) == ({"1": "A"}, [("1", "A", hour(2), None)])
        assert marks(rows) == [("account", "A", "joined"), ("account", "1", "joined")]

    def test_joining_again_changes_nothing(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="A"))
        for n in (2, 3):
            join(storage, at=hour(n))
            join(storage, at=hour(n), near=(PORTAL, ["1"]))
        assert (joins(rows), len(marks(rows))) == ([("1", "A", hour(2), None)], 2)

    def test_everybody_of_a_group_is_marked_when_one_comes_or_goes(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as=None))
        join(storage, at=hour(2))
        for n, (named, cause) in enumerate((("A", "joined"), (None, "split")), start=3):
            before = len(marks(rows))
            store(storage, page(record("2", same_as=named, stamp=hour(n)), kind=ACCOUNT), at=hour(n), crm=PORTAL)
            join(storage, at=hour(n), near=(PORTAL, ["2"]))
            assert marks(rows)[before:] == [("account", crm_id, cause) for crm_id in ("A", "1", "2")]

    @pytest.mark.parametrize(
        ("joining", "expected"),
        [(PAIRED, {"1": "A", "2": "A"}), (AT_ORG, {"1": "A", "2": "A"}), (AT_PORTAL, {"A": "1", "2": "1"})],
        ids=["no home", "the org", "the portal"],
    )
    def test_the_first_is_homes_record_of_the_lowest_id_else_the_one_pointed_at(
        self, storage: Storage, rows: Rows, joining: Joining, expected: dict[str, str]
    ) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as="A"))
        join(storage, joining, at=hour(2))
        assert leads(rows) == expected

    def test_a_target_that_comes_later_is_joined_then(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="C"))
        join(storage, at=hour(2))
        store(storage, page(record("C"), kind=ACCOUNT), at=hour(3), crm=ORG)
        join(storage, at=hour(3), near=(ORG, ["C"]))
        assert joins(rows) == [("1", "C", hour(3), None)]

    def test_only_the_groups_of_the_named_records_are_looked_at(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as="B"))
        join(storage, at=hour(2), near=(PORTAL, ["2", "not known"]))
        assert leads(rows) == {"2": "B"}

    @pytest.mark.parametrize(("now", "expected"), [(None, {}), ("B", {"1": "B"}), ("never seen", {})])
    def test_a_cleared_or_changed_name_splits(
        self, storage: Storage, rows: Rows, now: str | None, expected: dict[str, str]
    ) -> None:
        two_crms(storage, record("1", same_as="A"))
        join(storage, at=hour(2))
        store(storage, page(record("1", same_as=now, stamp=hour(3)), kind=ACCOUNT), at=hour(3), crm=PORTAL)
        join(storage, at=hour(3), near=(PORTAL, ["1"]))
        assert leads(rows) == expected
        assert joins(rows)[0] == ("1", "A", hour(2), hour(3))
        assert marks(rows)[2:4] == [("account", "A", "split"), ("account", "1", "split")]

    @pytest.mark.parametrize(("crm", "crm_id"), [(PORTAL, "1"), (ORG, "A")], ids=["pointing", "pointed at"])
    def test_a_removed_record_leaves_its_group_and_a_restored_one_returns(
        self, storage: Storage, rows: Rows, crm: str, crm_id: str
    ) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as="A"))
        join(storage, at=hour(2))
        store(storage, gone(crm_id, kind=ACCOUNT), at=hour(3), crm=crm)
        join(storage, at=hour(3), near=(crm, [crm_id]))
        assert leads(rows) == ({"2": "A"} if crm == PORTAL else {})
        named = {"same_as": "A"} if crm == PORTAL else {}
        store(storage, page(record(crm_id, stamp=hour(4), **named), kind=ACCOUNT), at=hour(4), crm=crm)
        join(storage, at=hour(4), near=(crm, [crm_id]))
        assert leads(rows) == {"1": "A", "2": "A"}

    def test_another_home_or_none_takes_effect_and_keeps_the_history(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="A"))
        for n, joining in enumerate((AT_ORG, AT_PORTAL, PAIRED), start=2):
            join(storage, joining, at=hour(n))
        assert joins(rows) == [
            ("1", "A", hour(2), hour(3)),
            ("A", "1", hour(3), hour(4)),
            ("1", "A", hour(4), None),
        ]
        assert leads(rows) == {"1": "A"}

    def test_a_connection_that_names_nobody_any_more_is_split_off(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="A"))
        store(storage, page(record("x", same_as="A"), kind=ACCOUNT), at=hour(1), crm=SHOP)
        join(storage, Joining(pairs={PORTAL: ORG, SHOP: ORG}), at=hour(2))
        assert leads(rows) == {"1": "A", "x": "A"}
        join(storage, Joining(pairs={SHOP: ORG}), at=hour(3))
        assert leads(rows) == {"x": "A"}
        join(storage, Joining(pairs={}), at=hour(4))
        assert leads(rows) == {}

    def test_the_first_of_three_crms_is_homes_even_where_another_is_pointed_at(
        self, storage: Storage, rows: Rows
    ) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as="B"))
        store(storage, page(record("x", same_as="A"), kind=ACCOUNT), at=hour(1), crm=SHOP)
        join(storage, Joining(pairs={PORTAL: ORG, SHOP: ORG}, home=SHOP), at=hour(2))
        assert leads(rows) == {"A": "x", "1": "x", "2": "B"}

    def test_a_merge_leads_to_its_winner_and_where_that_is_joined_to_the_first(
        self, storage: Storage, rows: Rows
    ) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as="B"))
        store(storage, gone("A", into="B", kind=ACCOUNT), at=hour(2), crm=ORG)
        assert leads(rows) == {"A": "B"}
        join(storage, AT_PORTAL, at=hour(2), near=(ORG, ["A"]))
        assert leads(rows) == {"A": "1", "B": "1", "2": "1"}

    def test_who_names_a_merged_record_follows_to_the_winner_of_the_last_merge(
        self, storage: Storage, rows: Rows
    ) -> None:
        two_crms(storage, record("1", same_as="A"), org=[record("A"), record("B"), record("C")])
        join(storage, at=hour(2))
        for n, (loser, winner) in enumerate((("A", "B"), ("B", "C")), start=3):
            store(storage, gone(loser, into=winner, kind=ACCOUNT), at=hour(n), crm=ORG)
            join(storage, at=hour(n), near=(ORG, [loser]))
        assert leads(rows) == {"A": "C", "B": "C", "1": "C"}
        assert joins(rows) == [
            ("1", "A", hour(2), hour(3)),
            ("1", "B", hour(3), hour(4)),
            ("1", "C", hour(4), None),
        ]

    def test_a_merged_first_is_followed_by_its_group(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as=None))
        join(storage, AT_PORTAL, at=hour(2))
        winner = record("2", same_as="A", stamp=hour(3))
        merge = page(winner, removed=[Removal(crm_id="1", merged_into="2")], kind=ACCOUNT)
        store(storage, merge, at=hour(3), crm=PORTAL)
        join(storage, AT_PORTAL, at=hour(3), near=(PORTAL, ["1", "2"]))
        assert leads(rows) == {"A": "2", "1": "2"}

    def test_a_restored_loser_stands_for_itself_and_takes_back_who_names_it(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="A"))
        store(storage, gone("A", into="B", kind=ACCOUNT), at=hour(2), crm=ORG)
        join(storage, at=hour(2))
        store(storage, page(record("A", stamp=hour(3)), kind=ACCOUNT), at=hour(3), crm=ORG)
        join(storage, at=hour(3), near=(ORG, ["A"]))
        assert leads(rows) == {"1": "A"}

    def test_everybody_of_a_join_is_marked_where_another_home_leaves_the_joins(
        self, storage: Storage, rows: Rows
    ) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as=None))
        join(storage, AT_ORG, at=hour(2))
        before = len(marks(rows))
        with storage.begin() as unit:
            unit.records.mark_joined(ACCOUNT, at=hour(3))
            unit.records.mark_joined(CONTACT, at=hour(3))
            unit.commit()
        assert marks(rows)[before:] == [("account", "A", "home"), ("account", "1", "home")]

    def test_contacts_are_joined_apart_from_accounts(self, storage: Storage, rows: Rows) -> None:
        two_crms(storage, record("1", same_as="A"), kind=CONTACT)
        two_crms(storage, record("1", same_as="A"))
        join(storage, at=hour(2), kind=CONTACT)
        assert (joins(rows, CONTACT), joins(rows), leads(rows)) == ([("1", "A", hour(2), None)], [], {})
        assert marks(rows) == [("contact", "A", "joined"), ("contact", "1", "joined")]
