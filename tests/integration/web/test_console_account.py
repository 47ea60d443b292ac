"""An account's page tells the same type and the same mean as the list of accounts, and why."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from connector.domain.actions import ActionState
from connector.domain.programs import Policy, RelationshipRule
from connector.ports.storage.viewing import AccountLine
from connector.storage.engine import SqlStorage
from connector.testing.acting_world import hear_anna
from connector.testing.asking_world import MONDAY, POLICY
from connector.testing.fakes import FakeClock
from connector.usecases.list_accounts import list_accounts
from connector.usecases.show_account import ShownAccount, show_account
from tests.builders import condition, make_policy
from tests.integration.web.console_house import NOW, console_of, fill
from tests.worlds import World, account


def both(storage: SqlStorage, *, policy: Policy) -> tuple[AccountLine, ShownAccount]:
    """The first account as the list shows it, and its page."""
    clock = FakeClock(MONDAY + timedelta(days=3))
    found = list_accounts(storage=storage, policy=policy, clock=clock, text="", relationship="", order="", page=1)
    line = found.found.lines[0]
    shown = show_account(line.id, storage=storage, policy=policy, clock=clock)
    assert shown is not None
    return line, shown


def special_if(*rules: str) -> Policy:
    """A policy in which accounts are special where one of these holds."""
    special = [RelationshipRule(type="special", when=condition(rule)) for rule in rules]
    return make_policy(relationships=(*special, RelationshipRule(type="ongoing", when=None)))


@pytest.mark.parametrize(
    ("rule", "record", "saw"),
    [
        ("account.name = 'Harbour'", {"name": "Harbour"}, {"account.name": "Harbour"}),
        ("account.owner is known", {"name": "Harbour", "owner": "005X"}, {"account.owner": "005X"}),
        ("account.parent is known", {"name": "Harbour", "parent": "001P"}, {"account.parent": "001P"}),
        ("account.kind = 'Customer'", {"name": "Harbour", "kind": "Customer"}, {"account.kind": "Customer"}),
    ],
)
def test_the_type_on_the_page_is_the_type_in_the_list(
    storage: SqlStorage, rule: str, record: dict[str, Any], saw: dict[str, Any]
) -> None:
    World(storage).load(accounts=[account("0011", **record)])
    line, shown = both(storage, policy=special_if(rule))
    assert line.relationship == shown.relationship.type == "special"
    assert (shown.relationship.rule, shown.relationship.saw) == (rule, saw)


def test_of_two_rules_with_one_type_the_page_shows_the_one_that_holds(storage: SqlStorage) -> None:
    World(storage).load(accounts=[account("0011", name="Harbour", kind="Customer")])
    _, shown = both(storage, policy=special_if("account.name = 'Quay'", "account.kind = 'Customer'"))
    assert (shown.relationship.rule, shown.relationship.saw) == (
        "account.kind = 'Customer'",
        {"account.kind": "Customer"},
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("UPDATE response SET score = 4", (4, 1)),
        ("UPDATE response SET score = NULL WHERE id = (SELECT max(id) FROM response)", (9, 1)),
        ("UPDATE response SET side = 'ours'", (None, 0)),
        ("UPDATE contact SET removed_at = '2026-01-06 00:00:00' WHERE name LIKE 'Anna%'", (None, 0)),
    ],
    ids=["scores", "the newest has no score", "our own side", "gone"],
)
def test_the_mean_on_the_page_is_the_mean_in_the_list(
    storage: SqlStorage, change: str, expected: tuple[float | None, int]
) -> None:
    hear_anna(storage, number=1, score=9)
    hear_anna(storage, number=2, score=4, at=MONDAY + timedelta(hours=2))
    with storage.engine.begin() as connection:
        connection.execute(text(change))
    line, shown = both(storage, policy=POLICY)
    assert (line.score, line.voices) == (shown.mean, shown.people_heard) == expected
    assert [each.score for each in shown.view.people if each.score is not None] == [expected[0]][: expected[1]]


@pytest.mark.parametrize(
    ("done_at", "told"),
    [
        (datetime(2026, 1, 7, 10, 59, tzinfo=UTC), "done <time>7 Jan 2026</time>, in time"),
        (datetime(2026, 1, 7, 11, 0, tzinfo=UTC), "done <time>8 Jan 2026</time>, 1 day late"),
        (None, "due <time>7 Jan 2026</time>, 2 days ago"),
    ],
    ids=["the last minute of the day in Auckland", "the first minute after it", "not done"],
)
def test_a_task_is_in_time_by_the_day_of_the_organisation_it_was_done_on(
    storage: SqlStorage, done_at: datetime | None, told: str
) -> None:
    tui = fill(storage)
    if done_at is not None:
        with storage.begin() as unit:
            (task,) = unit.tasks.unseen("sf", before=NOW, limit=9)
            unit.actions.close(task.action_id, state=ActionState.DONE, resolution=None, at=done_at)
            unit.commit()
    with console_of(storage) as client:
        page = " ".join(re.sub(r"<time [^>]*>", "<time>", client.get(f"/accounts/{tui}").text).split())
    assert told in page
    assert ('tag-late">overdue' in page) == (done_at is None)
    assert "Days and times are those of Pacific/Auckland, in which actions are due." in page


def test_voices_stand_by_level_and_in_each_the_newest_first(storage: SqlStorage) -> None:
    hear_anna(storage, number=1, score=9)
    hear_anna(storage, number=2, score=4, at=MONDAY + timedelta(hours=2))
    with storage.engine.begin() as connection:
        newest = "(SELECT max(id) FROM response)"
        connection.execute(text("UPDATE contact SET level = 'user' WHERE name LIKE 'Anna%'"))
        connection.execute(text("UPDATE contact SET level = NULL, rep_level = 'executive' WHERE name LIKE 'Ben%'"))
        ben = "(SELECT {} FROM contact WHERE name LIKE 'Ben%')"
        whose = f"person_id = {ben.format('person_id')}, contact_id = {ben.format('id')}"
        connection.execute(text(f"UPDATE response SET {whose} WHERE id = {newest}"))
    hear_anna(storage, number=3, score=5, at=MONDAY + timedelta(hours=3))
    _, shown = both(storage, policy=POLICY)
    told = {level: [(each.voice.person, each.voice.score) for each in said] for level, said in shown.voices.items()}
    assert list(told.items()) == [("executive", [("Ben Moa", 4)]), ("user", [("Anna Größe", 5), ("Anna Größe", 9)])]
