"""One human with a contact in each of two joined CRMs, through the jobs: one occasion, one mail, one voice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from connector.domain.programs import Milestone, When, WhenKind
from connector.domain.records import RecordKind
from connector.domain.surveys import AskKind
from connector.storage.standings import standings_of
from connector.testing.store_rows import record_row
from connector.usecases.plan import Planned, run_plan
from jobs import ask
from jobs.stages import run_stage
from tests.builders import FACTS, NOW, make_policy, make_program, make_survey
from tests.integration.test_two_crms import ASKED, Both
from tests.joined import assert_census, occurrences, person, tie, twin
from tests.worlds import World, account, contact

SAME_PERSON = ("block", "same person")
NOBODY_SPACED = replace(make_program(), survey=make_survey(kind=AskKind.TRANSACTION))
"""Asks of this kind have no spacing in the builders' policy, so that nothing else keeps a second mail from leaving."""


@pytest.fixture
def both(storage):
    both = Both(storage=storage, worlds={"sf": World(storage, org_id="00D1"), "hub": World(storage, org_id="4711")})
    both.policy = make_policy(programs=(NOBODY_SPACED,))
    tie(both)
    return both


def rises(both: Both) -> None:
    """People are asked when their title becomes Director."""
    when = When(kind=WhenKind.CHANGED, fact=FACTS["contact.title"], value="Director")
    both.policy = make_policy(programs=(replace(NOBODY_SPACED, milestones=(Milestone(id="rise", when=when),)),))


def show(both: Both, *, sf: dict, hub: dict, same_as: str | None = "003A", **facts) -> None:
    """Both CRMs show the account and the person with these facts."""
    both.show("sf", accounts=[account(**facts)], contacts=[contact(**sf)])
    both.show("hub", accounts=[twin(**facts)], contacts=[person(same_as=same_as, **hub)])
    run_stage("sync", both.ports)


def persons(rows) -> int:
    return len({row["person_id"] for row in rows("contact")})


@pytest.mark.parametrize(("home", "anchor"), [(None, "sf/003A"), ("sf", "sf/003A"), ("hub", "hub/52")])
def test_a_change_that_both_contacts_of_a_person_show_is_one_occasion(both, rows, home, anchor):
    tie(both, home=home)
    rises(both)
    show(both, sf={"title": "Head"}, hub={"title": "Head"})
    assert both.decided() == {}
    both.wait(days=1)
    show(both, sf={"title": "Director"}, hub={"title": "Director"})
    assert persons(rows) == 1
    assert both.decided() == {anchor: ASKED}
    ask.run(both.ports)
    assert (occurrences(rows), len(rows("message"))) == ([(anchor, 1, "asked")], 1)
    assert_census(both, rows)


@pytest.mark.parametrize("knows", ["sf", "hub"])
def test_a_change_that_one_contact_of_a_person_alone_knows_is_an_occasion_too(both, rows, knows):
    rises(both)
    show(both, **{name: {"title": "Head" if name == knows else None} for name in both.worlds})
    both.decided()
    both.wait(days=1)
    show(both, **{name: {"title": "Director" if name == knows else None} for name in both.worlds})
    assert both.decided() == {"sf/003A": ASKED}
    assert occurrences(rows) == [("sf/003A", 1, "asked")]


def test_a_level_that_a_rep_gives_in_the_other_crm_is_the_change_of_the_person(both, rows):
    when = When(kind=WhenKind.CHANGED, fact=FACTS["contact.level"], value="executive")
    both.policy = make_policy(programs=(replace(NOBODY_SPACED, milestones=(Milestone(id="rise", when=when),)),))
    show(both, sf={"level": "user"}, hub={"level": "user"})
    both.decided()
    both.wait(days=1)
    show(both, sf={"level": "user"}, hub={"level": "user", "rep_level": "executive"})
    assert both.decided() == {"sf/003A": ASKED}
    assert occurrences(rows) == [("sf/003A", 1, "asked")]


def test_a_contact_that_mail_can_reach_is_the_one_that_is_asked_about_a_change(both, rows):
    rises(both)
    show(both, sf={"title": "Head", "address": None}, hub={"title": "Head"})
    both.decided()
    both.wait(days=1)
    show(both, sf={"title": "Director", "address": None}, hub={"title": "Director"})
    assert both.decided() == {"hub/52": ASKED}


def test_an_occasion_of_a_contact_that_is_joined_meanwhile_goes_on_as_the_persons(both, rows):
    rises(both)
    hold = both.worlds["sf"].now.date() + timedelta(days=2)
    show(both, sf={"title": None}, hub={"title": "Head"}, same_as=None)
    both.decided()
    both.wait(days=1)
    show(both, sf={"title": None}, hub={"title": "Director"}, same_as=None, hold_until=hold)
    assert both.decided() == {"hub/52": ("defer", "hold")}
    both.wait(days=2)
    show(both, sf={"title": None}, hub={"title": "Director"})
    assert both.decided() == {"hub/52": ASKED}
    assert occurrences(rows) == [("hub/52", 1, "asked")]
    assert_census(both, rows)


def test_two_who_are_drawn_while_they_wait_and_turn_out_to_be_one_get_one_mail(both, rows):
    show(both, sf={}, hub={}, same_as=None, hold_until=both.worlds["sf"].now.date() + timedelta(days=1))
    assert both.decided() == {"hub/52": ("defer", "hold"), "sf/003A": ("defer", "hold")}
    both.wait(days=2)
    show(both, sf={}, hub={})
    assert persons(rows) == 1
    assert both.decided() == {"hub/52": ASKED, "sf/003A": SAME_PERSON}
    ask.run(both.ports)
    assert len(rows("message")) == 1
    assert_census(both, rows)


def test_who_was_asked_already_is_not_asked_again_as_the_contact_they_turn_out_to_be_too(both, rows):
    hold = both.worlds["sf"].now.date() + timedelta(days=1)
    show(both, sf={}, hub={"hold_until": hold}, same_as=None)
    assert both.decided() == {"hub/52": ("defer", "hold"), "sf/003A": ASKED}
    ask.run(both.ports)
    both.wait(days=2)
    show(both, sf={}, hub={})
    assert both.decided() == {"hub/52": SAME_PERSON, "sf/003A": ASKED}
    (verdict,) = [row for row in rows("verdict") if row["rule"] == "same person"]
    assert verdict["reasons"] == [
        {
            "rule": "same person",
            "value": "sf/003A",
            "threshold": "one ask of a person",
            "source": "hub/52",
            "on": "2026-03-02",
        }
    ]
    ask.run(both.ports)
    assert len(rows("message")) == 1


def test_who_turns_out_to_be_two_again_is_decided_as_two(both):
    hold = both.worlds["sf"].now.date() + timedelta(days=1)
    show(both, sf={}, hub={"hold_until": hold}, same_as=None)
    both.decided()
    both.wait(days=2)
    show(both, sf={}, hub={})
    assert both.decided()["hub/52"] == SAME_PERSON
    both.wait(days=1)
    show(both, sf={}, hub={}, same_as=None)
    assert both.decided() == {"hub/52": ASKED, "sf/003A": ASKED}


def test_what_people_are_asked_and_say_belongs_to_the_account_of_their_own_crm(both, rows):
    show(both, sf={}, hub={}, same_as=None)
    both.decided()
    ask.run(both.ports)
    own = {record_row(rows, crm_id)["id"]: where for crm_id, where in (("003A", "001A"), ("52", "51"))}
    names = {row["id"]: row["crm_id"] for row in rows("account")}
    for table in ("decision", "invitation"):
        assert {own[row["contact_id"]]: names[row["account_id"]] for row in rows(table)} == {"001A": "001A", "51": "51"}


def test_accounts_that_are_split_keep_the_voices_of_their_own_people(both, rows):
    show(both, sf={}, hub={}, same_as=None)
    both.decided()
    ask.run(both.ports)
    with both.storage.begin() as unit:
        for crm_id, score in (("003A", 9.0), ("52", 4.0)):
            unit.connection.execute(_ANSWERED, {"crm_id": crm_id, "score": score, "at": NOW, "asked_for": True})
        unit.commit()
    ids = {row["crm_id"]: row["id"] for row in rows("account")}
    assert voices(both, ids) == {"001A": [9.0, 4.0], "51": [9.0, 4.0]}
    both.wait(days=1)
    both.show("hub", accounts=[twin(of=None)], contacts=[person()])
    run_stage("sync", both.ports)
    assert voices(both, ids) == {"001A": [9.0], "51": [4.0]}


def voices(both: Both, ids: dict[str, int]) -> dict[str, list[float]]:
    """By account: the scores that count for it, oldest first."""
    with both.storage.snapshot() as unit:
        found = standings_of(unit.connection, RecordKind.ACCOUNT, list(ids.values()))
    return {name: [voice.score for voice in found[each].voices] for name, each in ids.items()}


_ANSWERED = text("""
    INSERT INTO response (invitation_id, person_id, contact_id, account_id, side, program, milestone, survey,
        survey_version, ask_kind, language, source, asked_for, attribution, score, answered_at)
    SELECT i.id, i.person_id, i.contact_id, i.account_id, i.side, i.program, i.milestone, i.survey, i.survey_version,
        'relationship', i.language, 'page', :asked_for, i.attribution, :score, :at
    FROM invitation i JOIN contact c ON c.id = i.contact_id WHERE c.crm_id = :crm_id""")


@pytest.mark.parametrize(
    ("home", "sf", "hub", "rests"),
    [
        (None, "005A", "77", "sf/005A"),
        ("hub", "005A", "77", "hub/77"),
        (None, None, "77", "hub/77"),
        ("hub", "005A", None, "sf/005A"),
        (None, None, None, None),
    ],
)
def test_the_owner_who_may_rest_is_the_first_that_is_known_of_the_joined_accounts(both, home, sf, hub, rests):
    tie(both, home=home)
    both.show("sf", accounts=[account(owner=sf)], contacts=[contact()])
    both.show("hub", accounts=[twin(owner=hub)], contacts=[person()])
    run_stage("sync", both.ports)
    ports = both.ports
    planned = run_plan(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
    assert isinstance(planned, Planned)
    assert [each.candidate.account_owner for each in planned.decisions] == [rests, rests]
