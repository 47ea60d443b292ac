"""What `check` counts in the database, on both of them, and what it finds there; it changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from connector.domain.findings import Spot
from connector.domain.programs import RelationshipRule
from connector.domain.records import Fact, FactType, Level, RecordKind
from connector.ports.errors import CrmUnavailable
from connector.ports.storage.records import Joining
from connector.ports.wiring import Crm, SameAs
from connector.usecases.check import NOT_SYNCED, Checked
from tests.builders import condition, make_policy, make_program
from tests.checked import DECLARED, RULES, Seen, checked, crm, told
from tests.worlds import OURS, World, account, contact, make_page


@pytest.fixture
def world(storage) -> World:
    world = World(storage, sources=crm().sources | OURS)
    world.load(
        accounts=[account("001A", kind="Partner"), account("001B"), account("001C")],
        contacts=[contact("003A", level="user"), contact("003B", level=None, title="Buyer", account="001B")],
    )
    return world


def counted(world: World, *others: Crm, **changes: Any) -> Checked:
    return checked(crm(sources=world.sources), *others, storage=world.storage, unready=None, **changes)


def test_what_is_synced_is_counted(world) -> None:
    result = counted(world, policy=make_policy(relationships=RULES))
    assert result.uncounted is None
    assert result.counted is not None
    assert dict(result.counted.types) == {"partner": 1, "ongoing": 2}
    assert dict(result.counted.levels.persons) == {Level.EXECUTIVE: 0, Level.MANAGER: 0, Level.USER: 1, None: 1}
    assert result.counted.levels.titles == [("Buyer", 1)]
    assert result.counted.filled == {"sf": {"account.kind": (1, 3)}}
    assert result.counted.forecast.asks == 0  # the only person with a seat is at a partner


def test_a_value_that_the_crm_no_longer_offers_and_records_still_have_is_a_warning(world) -> None:
    found = crm(sources=world.sources, seen=Seen(values={"Account.Type": ("Customer",)}))
    policy = make_policy(relationships=RULES)
    message = (
        "'Partner' is not a value of Account.Type in sf (Customer), and 1 account record has it: "
        "nobody else can be given it"
    )
    place = ("relationships", 0, "when"), 15
    assert told(checked(found, policy=policy, storage=world.storage, unready=None)) == [("warning", message, *place)]
    world.change(RecordKind.ACCOUNT, account("001A", kind="Customer"))
    again = told(checked(found, policy=policy, storage=world.storage, unready=None))
    nobody = "and no account record has it: this rule matches nobody"
    assert again == [("error", f"'Partner' is not a value of Account.Type in sf (Customer), {nobody}", *place)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("account.kind = 'partner'", "error"),
        ("account.kind = 'partner' and account.renewal_on is known", "error"),
        ("account.kind = 'partner' or account.renewal_on is known", "warning"),
        ("account.kind in ('partner', 'Customer')", "warning"),
        ("account.kind in ('partner', 'Guest')", "warning"),
        ("account.kind <> 'partner'", "warning"),
    ],
)
def test_a_value_in_no_list_and_no_record_is_an_error_where_the_type_is_empty_for_it(world, rule, expected) -> None:
    """The field takes any text, so that only the records tell; of guests there is one, in no list."""
    world.change(RecordKind.ACCOUNT, account("001B", kind="Guest"))
    seen = Seen(values={"Account.Type": ("Partner", "Customer")}, is_closed=False)
    policy = make_policy(relationships=(RelationshipRule(type="partner", when=condition(rule)), RULES[1]))
    found = told(checked(crm(sources=world.sources, seen=seen), policy=policy, storage=world.storage, unready=None))
    effect = {
        "error": ", and no account record has it: this rule matches nobody",
        "warning": "; but Account.Type may hold other texts",
    }
    message = f"'partner' is not a value of Account.Type in sf (Partner, Customer){effect[expected]}"
    told_of_it = [each[:2] for each in found if "'partner'" in each[1]]
    assert told_of_it == [(expected, f"{message}. Did you mean 'Partner'? Capitals count.")]


def test_what_records_of_a_crm_have_that_cannot_be_looked_at_counts_as_they_were_read(world) -> None:
    found = crm(sources=world.sources, seen=Seen(values={"Account.Type": ("Partner",)}))
    hub = crm("hub", sources=world.sources, error=CrmUnavailable("hub: the line is dead"))
    load_portal(world, hub, accounts=[account("51", kind="Guest"), account("52", kind="Guest")])
    rules = (RelationshipRule(type="guest", when=condition("account.kind = 'Guest'")), RULES[1])
    policy = make_policy(relationships=rules)
    result = checked(found, hub, policy=policy, storage=world.storage, unready=None)
    message = (
        "'Guest' is not a value of Account.Type in sf (Partner); hub could not be looked at, "
        "and 2 account records have it there"
    )
    assert told(result) == [("warning", message, ("relationships", 0, "when"), 15)]


def test_before_any_record_has_a_value_an_open_list_is_only_warned_of(storage) -> None:
    world = World(storage, sources=crm().sources | OURS)
    world.load(accounts=[account("001A")])
    seen = Seen(values={"Account.Type": ("Customer",)}, is_closed=False)
    result = checked(
        crm(sources=world.sources, seen=seen), policy=make_policy(relationships=RULES), storage=storage, unready=None
    )
    assert [each[0] for each in told(result)] == ["warning", "warning"]


def test_a_mapped_fact_that_rules_read_and_no_record_has_is_a_warning(world) -> None:
    tier = Fact(kind=RecordKind.ACCOUNT, word="tier", type=FactType.TEXT)
    rules = (
        RelationshipRule(type="partner", when=condition("account.kind = 'Partner' or account.tier = 'A'")),
        RULES[1],
    )
    sources = {**world.sources, "account.tier": "Account.Tier__c as text"}
    with world.storage.begin() as unit:
        unit.connections.remap("sf", sources, at=world.now)
        unit.commit()
    result = checked(
        crm(sources=sources),
        storage=world.storage,
        unready=None,
        declared={"sf": DECLARED | {tier: "Account.Tier__c"}},
        policy=make_policy(relationships=rules),
    )
    message = "account.tier is unknown on all of 3 account records in sf: rules see nothing there"
    assert [each[:3] for each in told(result)] == [
        ("warning", message, ("crms", "sf", "facts", "account.tier", "field"))
    ]


def test_settings_that_read_facts_from_elsewhere_than_the_last_sync_are_not_counted(world) -> None:
    moved = world.sources | {"account.kind": "Account.Class as text"}
    result = checked(crm(sources=moved), storage=world.storage, unready=None)
    assert (result.counted, result.uncounted) == (None, NOT_SYNCED)


def test_a_database_of_another_organisation_is_an_error_at_the_connection(world) -> None:
    with world.storage.begin() as unit:
        unit.connections.pin("sf", "00D7", at=world.now)
        unit.commit()
    message = "sf opens 00D1, but the database is that of 00D7: use another data_dir"
    assert told(counted(world)) == [("error", message, ("crms", "sf"), None)]


def test_accounts_that_never_match_for_want_of_a_fact_are_counted_without_the_joined_ones(storage) -> None:
    """Of the portal's three accounts one is an account of the org too, where the fact is known."""
    sf = World(storage, sources=crm().sources | OURS | {"account.tier": "Account.Tier__c"})
    hub = crm("hub", same_as=SameAs(crm="sf", read_id=str), sources=crm().sources)
    sf.load(accounts=[account("001A")])
    load_portal(sf, hub, accounts=[account("51", same_as="001A"), account("52"), account("53")])
    rules = (RelationshipRule(type="strategic", when=condition("account.tier = 'A'")), RULES[1])
    result = counted(sf, hub, policy=make_policy(relationships=rules))
    message = "account.tier has no fact in crm hub: 2 accounts can never be strategic. Map it under crms.hub.facts"
    assert [each[:2] for each in told(result)] == [("error", message)]


def load_portal(world: World, hub: Crm, *, accounts: Sequence[Mapping[str, Any]]) -> None:
    with world.storage.begin() as unit:
        unit.connections.remap("hub", hub.sources, at=world.now)
        for kind in RecordKind:
            rows = accounts if kind is RecordKind.ACCOUNT else []
            unit.records.store_page(
                "hub", make_page(kind, rows, at=world.now, is_full=True, is_last=True), seen_at=world.now
            )
        unit.records.join(RecordKind.ACCOUNT, Joining(pairs={"hub": "sf"}), at=world.now)
        unit.commit()


MOMENT = "milestones: [{id: %s, when: {before: account.renewal_on, by: %s}}]"


@pytest.mark.parametrize(
    ("milestone", "days", "is_found"),
    [("before-renewal", "120 days", True), ("renewal", "120 days", False), ("before-renewal", "90 days", False)],
)
def test_a_new_id_beside_a_vanished_one_of_the_same_moment_would_ask_again(world, milestone, days, is_found) -> None:
    world.plan()
    earlier = {"programs/ongoing.yaml": f"id: ongoing\n{MOMENT % ('renewal', '120 days')}"}
    with world.storage.begin() as unit:
        unit.connections.remember("old", earlier, at=world.now)
        unit.commit()
    texts = {"programs/ongoing.yaml": f"id: ongoing\n{MOMENT % (milestone, days)}"}
    program = make_program(milestones=(replace(make_program().milestones[0], id=milestone),))
    result = counted(world, texts=texts, policy=make_policy(programs=[program]))
    message = (
        "found the milestone `before-renewal` in the place of `renewal`, which came due 3 times and is gone with the "
        "same moment; expected the id `renewal`, or another moment: who was asked then may be asked again"
    )
    spot = Spot(path=("milestones", 0, "id"), program="ongoing")
    found = [(each.message, each.spot) for each in result.findings]
    assert found == ([(message, spot)] if is_found else [])
