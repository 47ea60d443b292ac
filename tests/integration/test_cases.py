"""Cases over sync and plan: asked after closing, taken back when opened again, passed over where hidden."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.domain.programs import Milestone, Track, When, WhenKind
from connector.domain.records import RecordKind
from connector.ports.errors import CrmHiddenKind
from connector.ports.storage.records import PageCounts, Position
from connector.usecases.sync import KindSync, sync
from jobs.sync import has_changes, run
from tests.builders import FACTS, TODAY, before_renewal, condition, make_policy, make_program
from tests.ports import make_ports
from tests.worlds import Standing, World, account, contact, empty, make_page

CASE, CONTRACT = RecordKind.CASE, RecordKind.CONTRACT
ASKED = ("ask", "asked")
HIDDEN = "sf: HTTP 404 NOT_FOUND: the object is missing or hidden; grant the integration user access"


@pytest.fixture
def world(storage):
    return World(storage)


def case(crm_id="500A", **facts):
    """An open case of the contact 003A, brought today."""
    return {
        "crm_id": crm_id,
        "account": "001A",
        "contact": "003A",
        "stage": "Working",
        "opened_on": TODAY,
        "is_closed": False,
        **facts,
    }


def closed(crm_id="500A", *, on=TODAY, **facts):
    return case(crm_id, stage="Closed", closed_on=on, is_closed=True, **facts)


def after_closing():
    """The policy that asks a day after a case was closed, if it still is."""
    when = When(kind=WhenKind.AFTER, fact=FACTS["case.closed_on"], days=1)
    milestone = Milestone(id="closed", when=when, where=condition("case.is_closed"))
    return make_policy(programs=[make_program(milestones=(milestone,))])


def load(world, **cases):
    people = [contact("003A"), contact("003B")]
    world.load(accounts=[account(renewal_on=None)], contacts=people, **cases)


def verdicts(planned):
    return {row.person: (row.verdict, row.rule) for row in planned.rows}


def states(rows):
    return [(row["anchor_kind"], row["state"]) for row in rows("occurrence")]


def test_a_day_after_a_case_was_closed_its_own_contact_is_asked_and_nobody_else(world, rows):
    load(world, cases=[case(), case("500B", contact="003B")])
    assert world.plan(policy=after_closing()).rows == []
    world.wait(hours=2)
    world.change(CASE, closed(), case("500B", contact="003B"))
    assert world.plan(policy=after_closing()).rows == []
    world.wait(days=1)
    planned = world.plan(policy=after_closing())
    assert verdicts(planned) == {"sf/003A": ASKED}
    assert [row.occurrence for row in planned.rows] == ["ongoing/closed/sf/500A/1"]
    assert states(rows) == [("case", "asked")]


def test_of_a_case_one_candidate_is_counted_the_one_who_brought_it_when_it_was_decided(world):
    load(world, cases=[case()])
    world.plan(policy=after_closing())
    world.wait(hours=2)
    world.change(CASE, closed())
    world.wait(days=1)
    world.plan(policy=after_closing())
    world.wait(days=1)
    world.change(CASE, closed(on=TODAY, contact=None))
    world.change(RecordKind.CONTACT, contact("003A"), contact("003C"))
    with world.storage.begin() as unit:
        outcomes = unit.decisions.outcomes(track=Track.REAL, today=TODAY + timedelta(days=2))
        assert (unit.occurrences.count_candidates(), sum(outcomes.values())) == (1, 1)


def test_a_case_that_is_opened_again_before_the_ask_takes_it_back_and_asks_once_when_it_is_closed_for_good(world, rows):
    load(world, cases=[case()])
    world.plan(policy=after_closing())
    world.change(CASE, closed())
    world.plan(policy=after_closing())
    world.wait(hours=5)
    world.change(CASE, case())
    world.wait(days=1)
    assert world.plan(policy=after_closing()).rows == []
    assert [state for _, state in states(rows)] in ([], ["cancelled"])
    world.change(CASE, closed(on=TODAY + timedelta(days=1)))
    world.wait(days=1)
    assert verdicts(world.plan(policy=after_closing())) == {"sf/003A": ASKED}


def test_cases_that_were_closed_before_the_first_load_ask_nobody(world):
    load(world, cases=[closed(on=date(2026, 2, 27)), closed("500B", on=date(2026, 2, 20))])
    assert world.plan(policy=after_closing()).rows == []
    world.wait(days=1)
    assert world.plan(policy=after_closing()).rows == []


def showing(world, *, hidden=(), empty_of=()):
    """A CRM that shows an account with a contact and a case; not these kinds, and nothing of those."""
    records = {RecordKind.ACCOUNT: [account()], RecordKind.CONTACT: [contact()], CASE: [case()]}

    def pull(kind, since):
        if kind in hidden:
            raise CrmHiddenKind(HIDDEN, crm="sf", kind=kind)
        if kind in empty_of or kind not in records:
            yield from empty(kind, since)
            return
        yield make_page(kind, records[kind], at=world.now, cursor=f"{kind}/1", is_full=since is None, is_last=True)

    return pull


def synced(world):
    done = sync(world.crm, storage=world.storage, clock=Standing(world.now))
    return {each.kind: each for each in done}


def position(world, kind):
    with world.storage.snapshot() as unit:
        return unit.records.position("sf", kind)


def test_a_kind_that_is_not_shown_is_passed_over_and_told_and_the_next_ones_are_read(world, rows):
    world.pull = showing(world, hidden=(CASE,))
    done = synced(world)
    assert done[CASE] == KindSync(kind=CASE, pages=0, records=0, counts=PageCounts(), unread=HIDDEN)
    assert (done[CONTRACT].pages, done[RecordKind.CONTACT].counts.inserted) == (1, 1)
    assert (position(world, CASE), rows("service_case")) == (None, [])
    world.pull = showing(world)
    assert synced(world)[CASE].counts == PageCounts(inserted=1)


def test_a_kind_that_was_read_before_and_is_hidden_then_keeps_its_records_and_its_place(world, rows):
    world.pull = showing(world)
    synced(world)
    before, place = rows("service_case"), position(world, CASE)
    assert place == Position(cursor="case/1", is_loaded=True)
    world.pull = showing(world, hidden=(CASE,))
    assert synced(world)[CASE].unread == HIDDEN
    assert (rows("service_case"), position(world, CASE)) == (before, place)


def test_a_kind_of_which_nothing_is_shown_any_more_keeps_its_records_and_the_next_ones_are_read(world, rows):
    world.pull = showing(world)
    synced(world)
    before = rows("service_case")
    with world.storage.begin() as unit:
        unit.records.forget_position("sf", CASE, moved=())
        unit.commit()
    world.pull = showing(world, empty_of=(CASE,))
    done = synced(world)
    assert "shows no case any more, and 1 are known: nothing was removed" in done[CASE].unread
    assert (rows("service_case"), done[CONTRACT].pages) == (before, 1)


def test_the_job_tells_what_could_not_be_read_and_that_is_no_change(world):
    world.pull = showing(world, hidden=(CASE, CONTRACT))
    counts = run(make_ports(world.storage, world.crm, clock=Standing(world.now)), world.crm)
    assert counts["case"] == {"pulled": 0, "inserted": 0, "changed": 0, "removed": 0, "unread": HIDDEN}
    assert not has_changes({"case": counts["case"]})


def test_other_milestones_are_planned_while_cases_are_not_shown_and_theirs_begin_with_their_first_load(world):
    policy = after_closing()
    program = replace(policy.programs[0], milestones=(*policy.programs[0].milestones, before_renewal()))
    policy = replace(policy, programs=(program,))
    world.pull = showing(world, hidden=(CASE,))
    synced(world)
    planned = world.plan(policy=policy)
    assert [row.occurrence for row in planned.rows] == ["ongoing/renewal/sf/001A/1"]
    assert [mark.milestone for mark in planned.marks] == ["renewal"]
    world.pull = showing(world)
    synced(world)
    assert sorted(mark.milestone for mark in world.plan(policy=policy).marks) == ["closed", "renewal"]
