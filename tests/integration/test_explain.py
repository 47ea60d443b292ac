"""`explain` on both databases: every reason of ten asked and ten unasked people, and why nothing was decided."""

from datetime import date, timedelta
from typing import Any

import pytest

from connector.cli.explained import document
from connector.domain.leaves import SeenLeaf
from connector.domain.programs import RelationshipRule
from connector.domain.records import RecordKind
from connector.domain.selection import Reason
from connector.testing.store_rows import record_row
from connector.usecases.explain import Explanation, UnknownPerson, explain
from tests.builders import before_renewal, condition, make_policy, make_program, won
from tests.worlds import Standing, World, account, answer, contact, opportunity

RULES = (
    RelationshipRule(type="partner", when=condition("account.kind = 'Partner' and account.revenue > 3")),
    RelationshipRule(type="ongoing", when=None),
)
POLICY = make_policy(
    programs=[
        make_program(who=condition("contact.level in ('user', 'manager')")),
        make_program(id="won", milestones=(won(),)),
        make_program(id="partners", relationship="partner"),
    ],
    relationships=RULES,
)

MOMENTS = {
    "ongoing": "120 days before account.renewal_on",
    "won": "on the day on which opportunity.stage became Closed Won",
    "partners": "120 days before account.renewal_on",
}


@pytest.fixture
def world(storage):
    return World(storage)


def look(world: World, text: str) -> Explanation:
    found = explain(text, storage=world.storage, policy=POLICY, crms=[world.crm], clock=Standing(world.now))
    assert isinstance(found, Explanation)
    return found


def reasons(explanation: Explanation) -> list[Reason]:
    """All reasons of all verdicts, newest first."""
    return [reason for each in explanation.decisions for verdict in each.seen.verdicts for reason in verdict.reasons]


def undecided(explanation: Explanation, program: str) -> Reason:
    (found,) = [each for each in explanation.undecided if each.program == program]
    return found.reason


def opt_out(world: World, rows: Any, crm_id: str) -> None:
    row = record_row(rows, crm_id)
    with world.storage.begin() as unit:
        unit.opt_outs.add(person_id=row["person_id"], address=row["address"], at=world.now, source="unsubscribe-page")
        unit.commit()


def live_through(world: World, rows: Any) -> None:
    """Ten people are asked; of ten others one each is not, for a reason of their own; the two last were never due."""
    others = [
        contact("004A", level="executive"),
        contact("004B", opted_out=True),
        contact("004C", address=None),
        contact("004D", address="info@harbour.example"),
        contact("004E", bounced=True),
        contact("004F", left_company=True),
        contact("004G", hold_until=date(2026, 3, 20), hold_reason="merger talks"),
        contact("004H"),
        contact("004I", account="001B"),
        contact("004J", account=None),
    ]
    asked = [contact(f"003{n}") for n in range(10)]
    world.load(
        accounts=[account(renewal_on=date(2026, 7, 3)), account("001B", renewal_on=None)],
        contacts=[*asked, *others],
        opportunitys=[opportunity()],
    )
    opt_out(world, rows, "004H")
    world.plan(policy=POLICY)
    world.wait(days=3)
    world.plan(policy=POLICY)


def test_ten_asked_and_ten_unasked_people_each_have_rule_value_threshold_record_and_day_in_a_sentence(world, rows):
    live_through(world, rows)
    first = {}
    for crm_id in [*(f"003{n}" for n in range(10)), *(f"004{letter}" for letter in "ABCDEFGHIJ")]:
        told = document(look(world, f"sf/{crm_id}"), {"sf": "Level"})
        decided = [
            reason for each in told["decisions"] for verdict in each["verdicts"] for reason in verdict["reasons"]
        ]
        assert all(each["moment"] == MOMENTS[each["program"]] for each in told["decisions"])
        given = [*decided, *(each["reason"] for each in told["undecided"])]
        given += [reason for each in told["now"] for reason in each["reasons"]]
        for reason in given:
            assert all(reason[part] for part in ("rule", "value", "threshold", "source", "on", "sentence")), reason
            assert date.fromisoformat(reason["on"]) >= date(2026, 3, 2)
            assert reason["sentence"].endswith(").")
            assert reason["source"] in reason["sentence"]
        first[crm_id] = decided[0]["rule"] if decided else told["undecided"][0]["reason"]["rule"]
    assert first == {f"003{n}": "asked" for n in range(10)} | {
        "004A": "no seat",
        "004B": "opted out",
        "004C": "no address",
        "004D": "shared mailbox",
        "004E": "bounced",
        "004F": "left company",
        "004G": "hold",
        "004H": "opted out",
        "004I": "no date",
        "004J": "no account",
    }


def test_who_it_is_tells_account_type_rule_and_leaves(world):
    world.load(accounts=[account(kind="Partner", revenue=2.5)], contacts=[contact()])
    seen = look(world, "ANN.003A@harbour.example")
    assert [(each.key, each.name, each.account_name) for each in seen.contacts] == [
        ("sf/003A", "Ann 003A", "Harbour 001A")
    ]
    (found,) = seen.accounts
    assert (found.seen.relationship, found.rule, found.leaves) == ("ongoing", None, ())
    assert undecided(seen, "partners") == Reason(
        rule="other relationship", value="ongoing", threshold="partner", source="sf/001A", on="2026-03-02"
    )
    assert seen.undecided[-1].leaves == [
        SeenLeaf(text="account.kind = 'Partner'", value="Partner", is_true=True),
        SeenLeaf(text="account.revenue > 3", value="2.5", is_true=False),
    ]


def test_the_rule_that_gave_the_type_is_told_with_its_leaves(world):
    world.load(accounts=[account(kind="Partner", revenue=7)], contacts=[contact()])
    (found,) = look(world, "sf/003A").accounts
    assert (found.seen.relationship, found.rule) == ("partner", RULES[0].when.text)
    assert [leaf.is_true for leaf in found.leaves] == [True, True]


def test_a_decision_s_condition_is_explained_with_what_it_saw_then(world):
    world.load(accounts=[account()], contacts=[contact(level="executive")])
    world.plan(policy=POLICY)
    world.change(RecordKind.CONTACT, contact(level="user"))
    (decision,) = look(world, "sf/003A").decisions
    assert decision.leaves == (SeenLeaf(text="contact.level in ('user', 'manager')", value="executive", is_true=False),)


def test_who_moved_to_another_account_is_gone_since_that_day(world):
    world.load(accounts=[account(), account("001B")], contacts=[contact(level=None)])
    world.plan(policy=POLICY)
    world.wait(days=2)
    world.change(RecordKind.CONTACT, contact(level=None, account="001B"))
    world.wait(days=1)
    world.plan(policy=POLICY)
    newest = next(each for each in reasons(look(world, "sf/003A")) if each.rule == "contact gone")
    assert (newest.source, newest.on) == ("sf/003A", "2026-03-04")


def test_every_block_of_one_person_has_its_own_day(world, rows):
    world.load(accounts=[account(renewal_on=date(2026, 7, 9))], contacts=[contact("003A")])
    world.wait(days=1)
    opt_out(world, rows, "003A")
    world.wait(days=1)
    world.change(RecordKind.CONTACT, contact(address=None, bounced=True, left_company=True))
    world.wait(days=7)
    world.plan(policy=POLICY)
    assert {each.rule: each.on for each in reasons(look(world, "sf/003A"))} == {
        "left company": "2026-03-04",
        "no address": "2026-03-04",
        "opted out": "2026-03-03",
        "bounced": "2026-03-04",
    }


def test_a_contact_that_was_removed_is_dated_by_that_day(world):
    world.load(accounts=[account()], contacts=[contact("003A", level=None), contact("003B")])
    world.plan(policy=POLICY)
    world.wait(days=2)
    world.change(RecordKind.CONTACT, removed=["003A"])
    world.wait(days=1)
    world.plan(policy=POLICY)
    seen = look(world, "sf/003A")
    newest = reasons(seen)[0]
    assert (newest.rule, newest.on) == ("contact gone", "2026-03-04")
    assert undecided(seen, "won").rule == "contact gone"


def test_equal_inputs_give_equal_digests_a_day_later_too(world, rows):
    world.load(accounts=[account()], contacts=[contact("003A", opted_out=True), contact("003B", level=None)])
    opt_out(world, rows, "003A")
    first = world.plan(policy=POLICY)
    world.wait(days=1)
    assert world.plan(policy=POLICY).digest == first.digest


def test_milestones_that_never_decided_tell_the_nearest_record(world):
    world.load(
        accounts=[account(renewal_on=date(2026, 8, 1))],
        contacts=[contact()],
        opportunitys=[opportunity("006A"), opportunity("006B", stage="Closed Won")],
    )
    world.plan(policy=POLICY)
    seen = look(world, "sf/003A")
    assert undecided(seen, "ongoing") == Reason(
        rule="not due yet",
        value="2026-04-03",
        threshold="120 days before account.renewal_on 2026-08-01",
        source="sf/001A",
        on="2026-04-03",
    )
    assert undecided(seen, "won").rule in ("not changed", "was so before")


def test_who_came_after_the_draw_hears_so(world):
    world.load(accounts=[account()], contacts=[contact("003A")])
    world.plan(policy=POLICY)
    world.wait(days=1)
    world.change(RecordKind.CONTACT, contact("003B"))
    assert undecided(look(world, "sf/003B"), "ongoing") == Reason(
        rule="came later",
        value="2026-03-03",
        threshold="at the account on 2026-03-02",
        source="sf/003B",
        on="2026-03-03",
    )


def test_a_filter_is_explained_leaf_by_leaf(world):
    program = make_program(milestones=(before_renewal(where=condition("account.tier = 'A' or account.is_key")),))
    world.load(accounts=[account(tier="B")], contacts=[contact()])
    policy = make_policy(programs=[program])
    found = explain("sf/003A", storage=world.storage, policy=policy, crms=[world.crm], clock=Standing(world.now))
    assert isinstance(found, Explanation)
    (each,) = found.undecided
    assert (each.reason.rule, each.reason.value) == ("filter", "account.tier = B, account.is_key = unknown")
    assert [(leaf.value, leaf.is_true) for leaf in each.leaves] == [("B", False), ("unknown", None)]


def test_answers_are_told_newest_first(world):
    world.load(accounts=[account()], contacts=[contact()])
    answer(world, "003A", 7)
    world.now += timedelta(days=40)
    answer(world, "003A", 4, kind="transaction")
    assert [(each.seen.score, each.seen.kind) for each in look(world, "sf/003A").responses] == [
        (4, "transaction"),
        (7, "relationship"),
    ]


@pytest.mark.parametrize(
    "text", ["003A", "sf/003A", " sf/003A ", "ann 003a", "003a@harbour", "Ann.003A@Harbour.example"]
)
def test_somebody_is_found_by_address_id_or_name(world, text):
    world.load(accounts=[account()], contacts=[contact("003A", name="Ann 003A (003a@harbour)"), contact("003B")])
    assert [each.key for each in look(world, text).contacts] == ["sf/003A"]


def test_several_people_of_a_name_come_back_to_choose_from(world):
    world.load(accounts=[account()], contacts=[contact("003A", name="Ann Berg"), contact("003B", name="Ann Berg")])
    found = explain("ann berg", storage=world.storage, policy=POLICY, crms=[world.crm], clock=Standing(world.now))
    assert not isinstance(found, Explanation)
    assert [each.contacts[0].key for each in found.people] == ["sf/003A", "sf/003B"]


def test_a_former_address_still_finds_its_person_and_a_live_holder_comes_first(world):
    world.load(accounts=[account()], contacts=[contact("003A", address="old@harbour.example")])
    world.wait(days=1)
    world.change(RecordKind.CONTACT, contact("003A", address="new@harbour.example"))
    assert look(world, "old@harbour.example").contacts[0].key == "sf/003A"
    world.change(RecordKind.CONTACT, contact("003B", address="old@harbour.example"))
    assert look(world, "old@harbour.example").contacts[0].key == "sf/003B"


def test_nobody_is_told_so(world):
    world.load(accounts=[account()], contacts=[contact()])
    with pytest.raises(UnknownPerson, match=r"Nobody is known by 'Zoe'.*give a mail address"):
        look(world, "Zoe")
