"""What every store must do about facts that other records tell: values, sources, and what counts as a change."""

from collections.abc import Mapping, Set
from datetime import date, datetime
from typing import Any

import pytest

from connector.conditions.parsing import parse
from connector.domain.derivation import (
    CountPart,
    DatePart,
    Derivation,
    FieldPart,
    Take,
    Window,
    default_counterpart,
)
from connector.domain.records import WELL_KNOWN, Fact, FactType, RecordKind
from connector.ports.storage.unit import Storage
from connector.testing.store_pages import CRM, gone, hour, page, record, store
from connector.testing.store_rows import Rows, changes, record_row

ACCOUNT, CONTACT, OPPORTUNITY = RecordKind.ACCOUNT, RecordKind.CONTACT, RecordKind.OPPORTUNITY
CONTRACT = RecordKind.CONTRACT
DAY = date(2026, 3, 2)
FACTS = {
    f"{kind}.{word}": Fact(kind=kind, word=word, type=type_)
    for kind in WELL_KNOWN
    for word, type_ in (WELL_KNOWN[kind].items())
}
SIGNED_ON = Fact(kind=CONTRACT, word="signed_on", type=FactType.DATE)
VISIT_ON = Fact(kind=ACCOUNT, word="visit_on", type=FactType.DATE)
ORDERS = Fact(kind=ACCOUNT, word="orders", type=FactType.NUMBER)
NEXT_END = DatePart(
    take=Take.NEXT, fact=FACTS["contract.ends_on"], where=parse("contract.stage = 'Activated'", facts=FACTS)
)
RENEWAL = Derivation(fact=FACTS["account.renewal_on"], parts=(FieldPart(source="Account.Renewal__c"), NEXT_END))


def derive(
    storage: Storage,
    derivation: Derivation,
    *,
    at: datetime,
    today: date = DAY,
    definition: str = "v1",
    crm: str = CRM,
    unread: Set[RecordKind] = frozenset(),
) -> int:
    """Derive in a unit of its own."""
    with storage.begin() as unit:
        changed = unit.derived.derive(crm, derivation, definition=definition, today=today, at=at, unread=unread)
        unit.commit()
    return changed


def sources(storage: Storage, rows: Rows, kind: RecordKind = ACCOUNT) -> dict[str, tuple[str, str, date | None]]:
    """The sources of all derived facts by CRM id, as the store tells them."""
    names = {row["id"]: row["crm_id"] for row in rows(kind.value)}
    with storage.snapshot() as unit:
        found = unit.derived.sources(kind, list(names))
    return {names[each.record_id]: (each.fact, str(each), each.on) for each in found}


def contract(crm_id: str, ends_on: date | None, **facts: Any) -> Mapping[str, Any]:
    """An activated contract of the account A."""
    return record(crm_id, **({"account": "A", "ends_on": ends_on, "stage": "Activated"} | facts))


def load(storage: Storage, *contracts: Mapping[str, Any], accounts: tuple[Any, ...] = (), hours: int = 1) -> None:
    """Accounts A and B, or others, and contracts."""
    store(storage, page(*(accounts or (record("A"), record("B"))), kind=ACCOUNT), at=hour(hours))
    store(storage, page(*contracts, kind=CONTRACT), at=hour(hours))


class DerivedContract:
    """Dates, counts and owners of other records."""

    def test_a_date_of_a_child_is_taken_with_its_source_and_a_first_value_is_no_change(
        self, storage: Storage, rows: Rows
    ) -> None:
        load(
            storage,
            contract("1", date(2026, 3, 1)),
            contract("2", date(2027, 5, 1)),
            contract("3", date(2026, 9, 1)),
            contract("4", date(2026, 4, 1), stage="Draft"),
            contract("5", None),
            contract("6", date(2026, 4, 2), account="nobody"),
        )
        assert derive(storage, RENEWAL, at=hour(2)) == 1
        assert [row["renewal_on"] for row in rows("account")] == [date(2026, 9, 1), None]
        told = "contract 3 (next contract.ends_on where contract.stage = 'Activated')"
        assert sources(storage, rows) == {"A": ("account.renewal_on", told, date(2026, 9, 1))}
        assert rows("field_change") == []
        assert derive(storage, RENEWAL, at=hour(3)) == 0

    @pytest.mark.parametrize(
        ("take", "expected"),
        [(Take.NEXT, DAY), (Take.LATEST, DAY), (Take.FIRST, date(2020, 2, 29))],
    )
    def test_today_is_both_next_and_latest_and_equal_dates_are_those_of_the_oldest_record(
        self, storage: Storage, rows: Rows, take: Take, expected: date
    ) -> None:
        days = [date(2030, 1, 1), DAY, DAY, date(2020, 2, 29), date(2020, 2, 29)]
        load(storage, *(contract(str(number), day) for number, day in enumerate(days)))
        derivation = Derivation(fact=VISIT_ON, parts=(DatePart(take=take, fact=FACTS["contract.ends_on"]),))
        derive(storage, derivation, at=hour(2))
        assert record_row(rows, "A", kind="account")["facts"] == {"visit_on": expected.isoformat()}
        (_, told, _) = sources(storage, rows)["A"]
        assert told == f"contract {days.index(expected)} ({take} contract.ends_on)"

    def test_a_declared_date_of_a_child_is_read_and_text_that_is_none_is_passed_over(
        self, storage: Storage, rows: Rows
    ) -> None:
        load(
            storage,
            contract("1", None, signed_on="soon"),
            contract("2", None, signed_on=date(2026, 5, 1)),
            contract("3", None, signed_on=date(2026, 4, 1), stage="Draft"),
        )
        activated = NEXT_END.where
        part = DatePart(take=Take.NEXT, fact=SIGNED_ON, where=activated)
        derive(storage, Derivation(fact=FACTS["account.renewal_on"], parts=(part,)), at=hour(2))
        assert record_row(rows, "A", kind="account")["renewal_on"] == date(2026, 5, 1)

    def test_the_account_s_own_field_stands_before_its_children_and_falls_back_to_them(
        self, storage: Storage, rows: Rows
    ) -> None:
        own: Mapping[str, Any] = {"renewal_on#1": date(2026, 12, 24)}
        load(storage, contract("1", date(2026, 9, 1)), accounts=(record("A", **own),))
        derive(storage, RENEWAL, at=hour(2))
        assert record_row(rows, "A", kind="account")["renewal_on"] == date(2026, 12, 24)
        assert sources(storage, rows) == {"A": ("account.renewal_on", "account A (Account.Renewal__c)", None)}
        store(storage, page(record("A", **{"renewal_on#1": None}), kind=ACCOUNT), at=hour(3))
        assert derive(storage, RENEWAL, at=hour(4)) == 1
        assert record_row(rows, "A", kind="account")["renewal_on"] == date(2026, 9, 1)
        assert changes(rows, "fact", "old", "new", "cause")[-1] == (
            "renewal_on",
            "2026-12-24",
            "2026-09-01",
            "derived",
        )

    def test_the_next_date_moves_on_by_itself_when_its_day_has_passed(self, storage: Storage, rows: Rows) -> None:
        load(storage, contract("1", DAY), contract("2", date(2027, 3, 2)))
        derive(storage, RENEWAL, at=hour(2))
        assert derive(storage, RENEWAL, at=hour(26), today=date(2026, 3, 3)) == 1
        assert derive(storage, RENEWAL, at=hour(50), today=date(2027, 3, 3)) == 1
        assert changes(rows, "crm", "kind", "fact", "old", "new", "seen_at", "stamp", "cause") == [
            (CRM, "account", "renewal_on", "2026-03-02", "2027-03-02", hour(26), None, "derived"),
            (CRM, "account", "renewal_on", "2027-03-02", None, hour(50), None, "derived"),
        ]
        assert (record_row(rows, "A", kind="account")["renewal_on"], sources(storage, rows)) == (None, {})

    def test_another_definition_is_the_mapping_s_change_and_so_is_what_is_new_since_the_last_time(
        self, storage: Storage, rows: Rows
    ) -> None:
        load(storage, contract("1", date(2026, 9, 1)), contract("2", date(2026, 10, 1), account="B"))
        derive(storage, RENEWAL, at=hour(2))
        latest = Derivation(fact=RENEWAL.fact, parts=(DatePart(take=Take.FIRST, fact=FACTS["contract.starts_on"]),))
        store(storage, page(contract("1", date(2026, 9, 1), starts_on=DAY), kind=CONTRACT), at=hour(3))
        derive(storage, latest, at=hour(4), definition="v2")
        noted = changes(rows, "fact", "old", "new", "cause")[-2:]
        assert noted == [
            ("renewal_on", "2026-09-01", "2026-03-02", "mapping"),
            ("renewal_on", "2026-10-01", None, "mapping"),
        ]
        store(storage, page(record("C"), kind=ACCOUNT), at=hour(5))
        children = {"3": "B", "4": "C"}
        started = (contract(n, None, account=name, starts_on=date(2026, 1, 1)) for n, name in children.items())
        store(storage, page(*started, kind=CONTRACT), at=hour(5))
        before = len(rows("field_change"))
        assert derive(storage, latest, at=hour(6), definition="v2") == 2
        assert changes(rows, "fact", "old", "new", "cause")[before:] == [("renewal_on", None, "2026-01-01", "derived")]

    def test_children_are_counted_from_the_first_day_of_the_window_through_today_and_none_are_zero(
        self, storage: Storage, rows: Rows
    ) -> None:
        load(storage)
        days = [date(2024, 3, 1), date(2024, 3, 2), DAY, date(2026, 3, 3), None, DAY]
        deals = [
            record(str(n), account="A", closes_on=day, is_won=n != 5 or None, stage="x") for n, day in enumerate(days)
        ]
        store(storage, page(*deals, kind=OPPORTUNITY), at=hour(1))
        won = parse("opportunity.is_won", facts=FACTS)
        window, by = Window(months=24), FACTS["opportunity.closes_on"]
        part = CountPart(kind=OPPORTUNITY, where=won, window=window, by=by)
        derive(storage, Derivation(fact=ORDERS, parts=(part,)), at=hour(2))
        assert [row["facts"] for row in rows("account")] == [{"orders": 2}, {"orders": 0}]
        text = "count of opportunity where opportunity.is_won within 24 months by opportunity.closes_on"
        assert sources(storage, rows) == dict.fromkeys(("A", "B"), ("account.orders", text, None))
        store(storage, gone("1", kind=OPPORTUNITY), at=hour(3))
        assert derive(storage, Derivation(fact=ORDERS, parts=(part,)), at=hour(4)) == 1
        assert changes(rows, "fact", "old", "new", "cause")[-1] == ("orders", 2, 1, "derived")
        assert derive(storage, Derivation(fact=ORDERS, parts=(CountPart(kind=OPPORTUNITY),)), at=hour(5)) == 1
        assert record_row(rows, "A", kind="account")["facts"] == {"orders": 5}

    def test_of_kinds_that_are_not_read_nothing_is_known_and_other_parts_stand(
        self, storage: Storage, rows: Rows
    ) -> None:
        own: Mapping[str, Any] = {"renewal_on#1": date(2026, 12, 24)}
        load(storage, contract("1", DAY), contract("2", DAY, account="B"), accounts=(record("A", **own), record("B")))
        counted = Derivation(fact=ORDERS, parts=(CountPart(kind=CONTRACT),))
        for derivation in (RENEWAL, counted):
            derive(storage, derivation, at=hour(2), unread={CONTRACT})
        assert [(row["renewal_on"], row["facts"].get("orders")) for row in rows("account")] == [
            (date(2026, 12, 24), None),
            (None, None),
        ]
        for derivation in (RENEWAL, counted):
            derive(storage, derivation, at=hour(3), definition="v2")
        assert [(row["renewal_on"], row["facts"].get("orders")) for row in rows("account")] == [
            (date(2026, 12, 24), 1),
            (DAY, 1),
        ]
        assert rows("field_change") == []

    def test_children_of_a_merged_account_are_the_winner_s_and_a_removed_account_keeps_what_it_had(
        self, storage: Storage, rows: Rows
    ) -> None:
        load(storage, contract("1", date(2026, 9, 1)), contract("2", date(2026, 10, 1), account="B"))
        derive(storage, RENEWAL, at=hour(2))
        store(storage, gone("A", into="B", kind=ACCOUNT), at=hour(3))
        assert derive(storage, RENEWAL, at=hour(4)) == 1
        assert [row["renewal_on"] for row in rows("account")] == [date(2026, 9, 1), date(2026, 9, 1)]
        store(storage, gone("B", kind=ACCOUNT), at=hour(5))
        assert derive(storage, RENEWAL, at=hour(6), today=date(2030, 1, 1)) == 0

    def test_records_of_another_connection_are_neither_read_nor_written(self, storage: Storage, rows: Rows) -> None:
        load(storage, contract("1", date(2026, 9, 1)))
        store(storage, page(record("A"), kind=ACCOUNT), at=hour(1), crm="hubspot")
        store(storage, page(contract("9", date(2026, 3, 9)), kind=CONTRACT), at=hour(1), crm="hubspot")
        derive(storage, RENEWAL, at=hour(2), crm="hubspot")
        assert [(row["crm"], row["renewal_on"]) for row in rows("account")] == [
            (CRM, None),
            (CRM, None),
            ("hubspot", date(2026, 3, 9)),
        ]

    def test_a_counterpart_is_the_first_of_a_field_the_contact_s_owner_and_the_account_s(
        self, storage: Storage, rows: Rows
    ) -> None:
        accounts = (record("A", owner="u1"), record("B", owner=None), record("C", owner="u3"))
        load(storage, accounts=accounts)
        people = [
            {**record("1", account="A", owner="u2"), "counterpart#1": "u9"},
            record("2", account="A", owner="u2"),
            record("3", account="A", owner=None),
            record("4", account="B", owner=None),
            record("5", account=None, owner=None),
            record("6", account="C", owner=None),
        ]
        store(storage, page(*people), at=hour(1))
        store(storage, gone("C", into="A", kind=ACCOUNT), at=hour(1))
        default = default_counterpart()
        parts = (FieldPart(source="Contact.CSM__c"), *default.parts)
        derive(storage, Derivation(fact=default.fact, parts=parts), at=hour(2))
        assert [row["counterpart"] for row in rows("contact")] == ["u9", "u2", "u1", None, None, "u1"]
        assert sources(storage, rows, CONTACT) == {
            "1": ("contact.counterpart", "contact 1 (Contact.CSM__c)", None),
            "2": ("contact.counterpart", "contact 2 (contact.owner)", None),
            "3": ("contact.counterpart", "account A (account.owner)", None),
            "6": ("contact.counterpart", "account A (account.owner)", None),
        }

    def test_a_fact_that_is_derived_no_more_is_forgotten_with_its_sources(self, storage: Storage, rows: Rows) -> None:
        load(storage, contract("1", date(2026, 9, 1)))
        derive(storage, RENEWAL, at=hour(2))
        derive(storage, Derivation(fact=ORDERS, parts=(CountPart(kind=CONTRACT),)), at=hour(2), definition="v7")
        with storage.begin() as unit:
            unit.derived.forget(CRM, kept=["account.orders"])
            unit.commit()
        with storage.snapshot() as unit:
            assert dict(unit.derived.definitions(CRM)) == {"account.orders": "v7"}
        assert {row["fact"] for row in rows("derived_source")} == {"orders"}

    def test_a_value_that_a_record_s_own_field_told_has_its_source_from_the_page_while_it_has_several(
        self, storage: Storage, rows: Rows
    ) -> None:
        store(storage, page({**record("1", level="user"), "level#from": "Contact.Level__c"}), at=hour(1))
        assert self._mapped(storage, rows, "first of Contact.Level__c, titles Contact.Title as text") == {
            "1": ("contact.level", "contact 1 (Contact.Level__c)", None)
        }
        assert self._mapped(storage, rows, "Contact.Level__c") == {}

    def _mapped(self, storage: Storage, rows: Rows, source: str) -> dict[str, tuple[str, str, date | None]]:
        """The sources of contacts once the level is read so."""
        with storage.begin() as unit:
            unit.connections.remap(CRM, {"contact.level": source}, at=hour(2))
            unit.commit()
        return sources(storage, rows, CONTACT)
