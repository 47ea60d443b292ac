"""What every store must count for whoever checks the settings: types, levels, what is filled, and who stands alone."""

from collections.abc import Mapping
from datetime import date

from connector.domain.condition import Compare, Comparison, Condition, Span
from connector.domain.listed import Listed
from connector.domain.programs import RelationshipRule, Track
from connector.domain.records import Fact, FactType, FactValue, Level, RecordKind
from connector.ports.storage.counting import Reached
from connector.ports.storage.unit import Storage
from connector.testing.asking_world import decide_to_ask, store_records
from connector.testing.store_joined import AT_ORG, ORG, PORTAL, join, two_crms
from connector.testing.store_pages import gone, hour, page, record, store

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
KIND = Fact(kind=ACCOUNT, word="kind", type=FactType.TEXT)
RENEWAL = Fact(kind=ACCOUNT, word="renewal_on", type=FactType.DATE)
TITLE = Fact(kind=CONTACT, word="title", type=FactType.TEXT)


def _is_kind(value: str) -> Condition:
    return Condition("", Compare(fact=KIND, op=Comparison.EQ, literal=value, span=Span(0, 0)))


RULES = (
    RelationshipRule(type="partner", when=_is_kind("Partner")),
    RelationshipRule(type="strategic", when=_is_kind("nobody's")),
    RelationshipRule(type="transactional", when=None),
)


def _at(crm_id: str, address: str, account: str) -> Mapping[str, FactValue]:
    return record(crm_id, address=address, account=account)


class CountContract:
    """Counts over what is live."""

    def test_accounts_are_counted_by_type_in_the_order_of_the_rules(self, storage: Storage) -> None:
        kinds = {"A": "Partner", "B": "Shop", "C": None, "D": "Partner"}
        store(storage, page(*(record(key, kind=kind) for key, kind in kinds.items()), kind=ACCOUNT), at=hour(1))
        store(storage, gone("D", kind=ACCOUNT), at=hour(2))
        with storage.snapshot() as unit:
            counted = unit.counts.types(RULES)
        assert list(counted.items()) == [("partner", 1), ("strategic", 0), ("transactional", 2)]

    def test_a_joined_account_counts_once_with_the_fact_of_either(self, storage: Storage) -> None:
        org, portal = [record("A", kind=None), record("B", kind="Shop")], [record("1", same_as="A", kind="Partner")]
        two_crms(storage, *portal, record("2", kind="Partner"), org=org)
        join(storage, AT_ORG, at=hour(2))
        with storage.snapshot() as unit:
            assert dict(unit.counts.types(RULES)) == {"partner": 2, "strategic": 0, "transactional": 1}

    def test_accounts_of_a_crm_that_are_joined_with_no_other_are_those_that_stand_alone(self, storage: Storage) -> None:
        two_crms(storage, record("1", same_as="A"), record("2", same_as=None), record("3", same_as="never seen"))
        join(storage, AT_ORG, at=hour(2))
        with storage.snapshot() as unit:
            alone = unit.counts.accounts_without
            assert (alone(PORTAL, [ORG]), alone(ORG, [PORTAL]), alone(PORTAL, [])) == (2, 1, 3)

    def test_nobody_is_counted_before_anything_is_stored(self, storage: Storage) -> None:
        with storage.snapshot() as unit:
            counts = unit.counts
            assert dict(counts.types(RULES)) == {"partner": 0, "strategic": 0, "transactional": 0}
            assert (counts.levels(titles=5).total, counts.levels(titles=5).titles) == (0, [])
            assert (counts.filled(ORG, [KIND]), counts.occurrences()) == ({"account.kind": (0, 0)}, {})

    def test_persons_are_counted_by_level_and_a_reps_word_stands_first(self, storage: Storage) -> None:
        people = [
            record("1", address="a@x.example", level="user"),
            record("2", address="a@x.example", title="Buyer"),  # the same person, known by the other contact
            record("3", address="b@x.example", level="user", rep_level="executive"),
            record("4", address="c@x.example", title="Buyer"),
            record("5", address=None, title="Buyer"),
            record("6", address="d@x.example", title="Owner"),
            record("7", address="e@x.example"),
            record("8", address="f@x.example", level="manager"),
        ]
        store(storage, page(*people), at=hour(1))
        store(storage, gone("8"), at=hour(2))
        with storage.snapshot() as unit:
            levels = unit.counts.levels(titles=5)
            (common,) = unit.counts.levels(titles=1).titles
        assert dict(levels.persons) == {Level.EXECUTIVE: 1, Level.MANAGER: 0, Level.USER: 1, None: 4}
        assert (levels.titles, common) == ([("Buyer", 2), ("Owner", 1)], ("Buyer", 2))
        assert (levels.total, levels.unknown) == (6, 4)

    def test_a_fact_is_filled_on_so_many_of_the_live_records_of_one_crm(self, storage: Storage) -> None:
        org = [record("A", kind="Shop", renewal_on=date(2026, 5, 5)), record("B", kind=None), record("C", kind="x")]
        two_crms(storage, record("1", kind="Shop"), org=org)
        store(storage, gone("C", kind=ACCOUNT), at=hour(2), crm=ORG)
        store(storage, page(record("9", title="Buyer")), at=hour(1), crm=ORG)
        with storage.snapshot() as unit:
            filled = unit.counts.filled(ORG, [KIND, TITLE, RENEWAL])
        assert filled == {"account.kind": (1, 2), "account.renewal_on": (1, 2), "contact.title": (1, 1)}

    def test_records_with_a_value_are_counted_in_one_crm_while_they_live(self, storage: Storage) -> None:
        org = [record("A", kind="Shop"), record("B", kind="Shop"), record("C", kind="Shop"), record("D", kind=None)]
        two_crms(storage, record("1", kind="Shop"), record("2", kind="shop"), org=org)
        store(storage, gone("C", kind=ACCOUNT), at=hour(2), crm=ORG)
        store(storage, page(record("9", title="Shop")), at=hour(1), crm=ORG)
        with storage.snapshot() as unit:
            holding = unit.counts.holding
            counted = [holding(ORG, KIND, "Shop"), holding(PORTAL, KIND, "Shop"), holding(ORG, TITLE, "Shop")]
            assert [*counted, holding(ORG, KIND, "Partner")] == [2, 1, 1, 0]

    def test_a_test_list_reaches_persons_of_listed_addresses_at_listed_accounts(self, storage: Storage) -> None:
        """The account of the org is one with the portal's 1; somebody with two contacts there is one person."""
        two_crms(
            storage, record("1", same_as="A", name="Harbour"), org=[record("A", name="Kea"), record("B", name="B")]
        )
        store(
            storage, page(_at("3", "ann@kea.example", "1"), _at("4", "bo_b@kea.example", "1")), at=hour(1), crm=PORTAL
        )
        org = [_at("5", "ann@kea.example", "A"), _at("6", "boxb@kea.example", "B"), _at("7", "cy@tui.example", "A")]
        store(storage, page(*org, _at("8", "gone@kea.example", "A")), at=hour(1), crm=ORG)
        store(storage, gone("8"), at=hour(2), crm=ORG)
        join(storage, AT_ORG, at=hour(2))
        listed = Listed(
            recipients=("*n@kea.example", "bo_b@kea.example", "boxb@kea.example", "gone@kea.example"),
            accounts=(" kea ", "A-00", "nobody"),
            ids={"A": "A-00"},
        )
        with storage.snapshot() as unit:
            reached, nobody = unit.counts.reached(listed), unit.counts.reached(Listed(recipients=("*",)))
        assert reached == Reached(
            persons=2,
            accounts=1,
            words={" kea ": 1, "A-00": 1, "nobody": 0},
            recipients={
                "*n@kea.example": (1, 1),
                "bo_b@kea.example": (1, 1),
                "boxb@kea.example": (0, 1),
                "gone@kea.example": (0, 0),
            },
        )
        assert nobody == Reached(persons=0, accounts=0, words={}, recipients={"*": (0, 4)})

    def test_occurrences_are_counted_by_program_and_milestone(self, storage: Storage) -> None:
        store_records(storage)
        decide_to_ask(storage)
        with storage.snapshot() as unit:
            counts = unit.counts
            assert counts.occurrences() == counts.occurrences(track=Track.REAL) == {("ongoing", "renewal"): 2}
            assert counts.occurrences(track=Track.SHADOW) == {}
