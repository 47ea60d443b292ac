"""Sync on both databases: first loads, crashes between pages, facts read elsewhere, and the pinned org."""

from dataclasses import replace
from datetime import date

import pytest

from connector.domain.records import RecordKind
from connector.ports.errors import CrmMissingField, CrmUnavailable, CrmWrongOrg
from connector.ports.storage.records import PageCounts, Position
from connector.usecases.sync import KindSync, sync
from connector.usecases.write_back import write_back
from tests.builders import make_policy
from tests.worlds import OURS, SOURCES, Standing, World, account, answer, contact, make_page

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT


@pytest.fixture
def world(storage):
    return World(storage, sources=SOURCES)


def run(world):
    return sync(world.crm, storage=world.storage, clock=Standing(world.now))


def written_back(world):
    return write_back(world.crm, storage=world.storage, policy=make_policy(), clock=Standing(world.now))


def accounts(world, *pages, cut_after=None):
    """A CRM whose accounts come in these pages; after so many of them the line is cut."""

    def pull(kind, since):
        given = pages if kind is ACCOUNT else [[]]
        for number, records in enumerate(given, start=1):
            is_last = number == len(given)
            cursor = f"{kind}/{number}"
            yield make_page(kind, records, at=world.now, cursor=cursor, is_full=since is None, is_last=is_last)
            if kind is ACCOUNT and number == cut_after:
                raise CrmUnavailable("The line was cut.", crm="sf")

    return pull


def position(world, kind=ACCOUNT):
    with world.storage.snapshot() as unit:
        return unit.records.position("sf", kind)


def live(rows, kind):
    return [row["crm_id"] for row in rows(kind) if row["removed_at"] is None]


def test_a_first_sync_pulls_every_kind_from_the_start_and_stores_it_page_by_page(world, rows):
    world.pull = accounts(world, [account("001A"), account("001B")], [account("001C")])
    assert run(world) == [
        KindSync(
            kind=kind,
            pages=2 if kind is ACCOUNT else 1,
            records=3 if kind is ACCOUNT else 0,
            counts=PageCounts(inserted=3 if kind is ACCOUNT else 0),
        )
        for kind in RecordKind
    ]
    assert world.pulled == [(kind, None) for kind in RecordKind]
    assert live(rows, "account") == ["001A", "001B", "001C"]
    assert position(world) == Position(cursor="account/2", is_loaded=True)
    assert rows("field_change") == []


def test_a_second_sync_starts_where_the_first_one_ended(world, rows):
    world.pull = accounts(world, [account("001A")])
    run(world)
    world.pulled.clear()
    world.wait(minutes=15)
    world.pull = accounts(world, [account("001A", renewal_on=date(2026, 9, 1))])
    synced = {each.kind: each.counts for each in run(world)}
    assert world.pulled == [(kind, f"{kind}/1") for kind in RecordKind]
    assert synced[ACCOUNT] == PageCounts(changed=1, field_changes=1)
    changes = [(row["fact"], row["old"], row["new"], row["cause"]) for row in rows("field_change")]
    assert changes == [("renewal_on", "2026-06-30", "2026-09-01", "crm")]


def test_a_line_cut_between_pages_keeps_the_stored_page_and_the_next_sync_goes_on_after_it(world, rows):
    world.pull = accounts(world, [account("001A")], [account("001B")], cut_after=1)
    with pytest.raises(CrmUnavailable, match="cut"):
        run(world)
    assert (live(rows, "account"), position(world)) == (["001A"], Position(cursor="account/1", is_loaded=False))
    world.pulled.clear()
    world.wait(minutes=15)

    def rest(kind, since):
        records = [account("001B")] if kind is ACCOUNT else []
        yield make_page(kind, records, at=world.now, cursor=f"{kind}/2", is_full=True, is_last=True)

    world.pull = rest
    run(world)
    starts = {RecordKind.OWNER: "owner/1", ACCOUNT: "account/1"}
    assert world.pulled == [(kind, starts.get(kind)) for kind in RecordKind]
    assert (live(rows, "account"), position(world)) == (["001A", "001B"], Position(cursor="account/2", is_loaded=True))


def test_pages_that_come_again_after_a_crash_change_nothing(world, rows):
    world.pull = accounts(world, [account("001A")], [account("001B")], cut_after=1)
    with pytest.raises(CrmUnavailable):
        run(world)
    world.pull = accounts(world, [account("001A")], [account("001B")])
    synced = {each.kind: each.counts for each in run(world)}
    assert synced[ACCOUNT] == PageCounts(inserted=1, unchanged=1)
    assert live(rows, "account") == ["001A", "001B"]
    assert rows("field_change") == []


def test_a_fact_that_is_read_elsewhere_is_pulled_whole_again_and_its_changes_say_so(world, rows):
    world.pull = accounts(world, [account("001A"), account("001B")])
    run(world)
    world.pulled.clear()
    world.wait(days=1)
    world.sources = {**world.sources, "account.renewal_on": "Account.Contract_End"}
    world.pull = accounts(world, [account("001A", renewal_on=date(2026, 9, 1)), account("001B")])
    run(world)
    assert world.pulled == [(kind, None if kind is ACCOUNT else f"{kind}/1") for kind in RecordKind]
    changes = [(row["fact"], row["old"], row["new"], row["cause"]) for row in rows("field_change")]
    assert changes == [("renewal_on", "2026-06-30", "2026-09-01", "mapping")]
    mapped = {row["fact"]: (row["source"], row["mapped_at"]) for row in rows("fact_mapping")}
    assert mapped["account.renewal_on"] == ("Account.Contract_End", world.now)
    assert mapped["opportunity.stage"][0] == "Opportunity.Stage"


def test_what_the_crm_changed_before_a_remapping_is_still_a_change_of_the_crm(world, rows):
    world.pull = accounts(world, [account("001A", tier="a")])
    run(world)
    world.wait(days=1)
    world.sources = {**world.sources, "account.tier": "Account.Tier__c"}
    world.pull = accounts(world, [account("001A", tier="b", renewal_on=date(2026, 9, 1))])
    run(world)
    changes = sorted((row["fact"], row["cause"]) for row in rows("field_change"))
    assert changes == [("renewal_on", "crm"), ("tier", "mapping")]


@pytest.mark.parametrize(
    ("fact", "before", "after"),
    [
        ("contact.seats", "Contact.Seats__c as text", "Contact.Seats__c as number"),
        ("contact.ours.score", None, "ours as number"),
    ],
    ids=["a type alone", "a word of ours"],
)
def test_what_is_read_otherwise_makes_a_full_pull_of_its_kind(world, fact, before, after):
    world.sources = {**world.sources, **({fact: before} if before else {})}
    run(world)
    world.pulled.clear()
    world.sources = {**world.sources, fact: after}
    run(world)
    assert [kind for kind, since in world.pulled if since is None] == [CONTACT]


def test_a_fact_that_was_not_read_for_a_while_is_pulled_whole_again(world):
    sources = world.sources
    run(world)
    world.sources = {"opportunity.stage": sources["opportunity.stage"]}
    run(world)
    world.pulled.clear()
    world.sources = sources
    run(world)
    assert [kind for kind, since in world.pulled if since is None] == [ACCOUNT]


def test_a_score_that_the_crm_showed_before_write_back_was_switched_on_is_the_old_value(world, rows):
    def pull(kind, since):
        page = make_page(kind, {CONTACT: [contact()], ACCOUNT: [account()]}.get(kind, []), at=world.now, is_last=True)
        if kind is CONTACT and "contact.ours.score" in world.sources:
            page = replace(page, columns=(*page.columns, "ours.score"), rows=[(*row, 6) for row in page.rows])
        yield replace(page, is_full=True) if since is None else replace(page, rows=[])

    world.pull = pull
    run(world)
    world.sources = SOURCES | OURS
    world.wait(days=1)
    answer(world, "003A", 9.0)
    assert written_back(world).unread == ["contact.score", "contact.answered_on"]
    assert rows("write_log") == []
    run(world)
    assert (written_back(world).written, written_back(world).unread) == (1, [])
    assert [(row["old"], row["new"]) for row in rows("write_log") if row["word"] == "score"] == [(6, 9.0)]


def test_an_unchanged_mapping_pulls_nothing_whole_again(world):
    run(world)
    world.pulled.clear()
    run(world)
    assert [since is None for _, since in world.pulled] == [False] * len(RecordKind)


def test_the_wrong_org_is_refused_before_anything_is_read(world, rows):
    with world.storage.begin() as unit:
        unit.connections.pin("sf", "00D9", at=world.now)
        unit.commit()
    world.pull = accounts(world, [account("001A")])
    with pytest.raises(CrmWrongOrg) as refused:
        run(world)
    assert str(refused.value) == (
        "The credentials of sf open org 00D1; this database is pinned to 00D9. Use the credentials of that org, or"
        " another database for this one."
    )
    assert (world.pulled, rows("account"), rows("fact_mapping"), rows("cursor")) == ([], [], [], [])


def test_the_org_is_pinned_by_the_first_sync_and_never_again(world, rows):
    run(world)
    first = world.now
    world.wait(days=1)
    run(world)
    joined_as = "account: [], home None; contact: [], home None"
    pinned = [{"crm": "sf", "org_id": "00D1", "pinned_at": first, "joined_as": joined_as}]
    assert rows("connection") == pinned
    world.org_id = "00D2"
    with pytest.raises(CrmWrongOrg):
        run(world)
    assert rows("connection") == pinned


def test_what_is_no_longer_in_the_crm_at_the_end_of_a_full_pull_is_removed(world, rows):
    world.load(accounts=[account("001A"), account("001B")])
    world.wait(days=1)
    forget(world)
    world.pull = accounts(world, [account("001A")])
    removed = {each.kind: each.counts.removed for each in run(world)}
    assert removed == {kind: 1 if kind is ACCOUNT else 0 for kind in RecordKind}
    assert live(rows, "account") == ["001A"]


def test_a_full_pull_that_shows_nothing_any_more_removes_nothing_and_says_why(world, rows):
    world.load(accounts=[account("001A")], contacts=[contact("003A")])
    world.wait(days=1)
    forget(world)
    world.pull = accounts(world, [account("001A")])
    with pytest.raises(CrmMissingField, match="shows no contact any more, and 1 are known: nothing was removed"):
        run(world)
    assert live(rows, "contact") == ["003A"]


def test_a_full_pull_that_the_adapter_began_itself_and_that_shows_nothing_removes_nothing(world, rows):
    world.pull = accounts(world, [account("001A"), account("001B")])
    run(world)
    world.wait(days=40)

    def log_too_old(kind, since):
        yield make_page(kind, (), at=world.now, is_full=kind is ACCOUNT, is_last=True)

    world.pull = log_too_old
    with pytest.raises(CrmMissingField, match="shows no account any more, and 2 are known"):
        run(world)
    assert live(rows, "account") == ["001A", "001B"]
    assert position(world) == Position(cursor="account/1", is_loaded=True)


def test_a_resumed_full_pull_may_end_with_an_empty_page(world, rows):
    world.load(accounts=[account("001A"), account("001B")])
    world.wait(days=1)
    forget(world)
    world.pull = accounts(world, [account("001A")], [], cut_after=1)
    with pytest.raises(CrmUnavailable):
        run(world)
    world.wait(minutes=15)

    def rest(kind, since):
        yield make_page(kind, (), at=world.now, is_full=kind is ACCOUNT or since is None, is_last=True)

    world.pull = rest
    run(world)
    assert live(rows, "account") == ["001A"]


def forget(world):
    """Make the next pull of every kind a full one."""
    with world.storage.begin() as unit:
        for kind in RecordKind:
            unit.records.forget_position("sf", kind, moved=())
        unit.commit()
