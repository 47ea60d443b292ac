"""The owners of a pull, against a scripted portal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.hubspot.client import Batch
from adapters.hubspot.failures import MissingScope, RefusedBatch
from adapters.hubspot.owners import OwnerWalk
from connector.ports.errors import CrmMissingField
from connector.testing.crm_pages import ids_of

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
STAMP, CREATED = NOON - timedelta(days=30), NOON - timedelta(days=60)


@dataclass(slots=True)
class ScriptedOwners:
    """Gives its batches in turn and remembers the questions."""

    active: list[Batch] = field(default_factory=list)
    gone: list[Batch] = field(default_factory=list)
    users: list[Batch] = field(default_factory=lambda: [batch()])
    asked: list[tuple[str | None, bool]] = field(default_factory=list)

    def server_time(self) -> datetime:
        return NOON

    def owners(self, *, after: str | None, archived: bool) -> Batch:
        self.asked.append((after, archived))
        return (self.gone if archived else self.active).pop(0)

    def records(self, name: str, *, properties: Sequence[str], after: str | None) -> Batch:
        assert (name, list(properties)) == ("users", ["hubspot_owner_id", "boss"])
        found = self.users.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def batch(*records: Any, after: str | None = None) -> Batch:
    return Batch(records=list(records), after=after)


def owner(number: int, **more: Any) -> Any:
    values = {"firstName": "Iris", "lastName": "Malouf", "email": "iris@kea.example", "updatedAt": STAMP.isoformat()}
    return {"id": number, "userId": 5, **values, **more}


def walk(portal: ScriptedOwners) -> OwnerWalk:
    return OwnerWalk(client=portal, now=NOON, manager_property="boss")  # type: ignore[arg-type]  # a fake portal


def user(owner_id: str | None, **more: Any) -> Any:
    return {"id": "9", "properties": {"hubspot_owner_id": owner_id, **more}}


def test_owners_come_whole_each_time_and_the_deactivated_ones_last() -> None:
    def portal() -> ScriptedOwners:
        gone = owner(3, email="", updatedAt=None, createdAt=CREATED.isoformat())
        return ScriptedOwners(active=[batch(owner(1), after="2"), batch(owner(2))], gone=[batch(gone)])

    once = list(walk(portal()).pages(None))
    assert [page.rows for page in once] == [
        [("1", STAMP, "Iris Malouf", "iris@kea.example", True)],
        [("2", STAMP, "Iris Malouf", "iris@kea.example", True)],
        [("3", CREATED, "Iris Malouf", None, False)],
    ]
    assert [(page.is_full, page.is_last) for page in once] == [(True, False), (True, False), (True, True)]
    again = portal()
    assert ids_of(list(walk(again).pages(once[-1].cursor))) == ["1", "2", "3"]
    rest = ScriptedOwners(gone=[batch(owner(3))])
    assert ids_of(list(walk(rest).pages(once[1].cursor))) == ["3"]
    assert rest.asked == [(None, True)]


def test_managers_are_what_an_admins_property_of_the_users_says() -> None:
    users = [
        batch(user("1", boss="3.0"), user("2", boss=None), after="x"),
        batch(user("3", boss="nobody"), user(None, boss="1")),
    ]
    portal = ScriptedOwners(active=[batch(owner(1), owner(2), owner(3))], gone=[batch()], users=users)
    page, last = walk(portal).pages(None)
    assert [page.columns, last.columns] == [("crm_id", "stamp", "name", "address", "is_active", "manager")] * 2
    assert {row[0]: row[-1] for row in page.rows} == {"1": "3", "2": None, "3": None}


@pytest.mark.parametrize(
    "users",
    [
        batch(user("1"), user("2")),
        MissingScope("no right to read users"),
        CrmMissingField("no such path"),
        RefusedBatch("no such object", said="", crm="hub"),
    ],
    ids=["no property", "no right", "no path", "no object"],
)
def test_where_managers_cannot_be_known_owners_come_without_them(users: Any) -> None:
    portal = ScriptedOwners(active=[batch(owner(1))], gone=[batch()], users=[users])
    assert {page.columns for page in walk(portal).pages(None)} == {("crm_id", "stamp", "name", "address", "is_active")}
