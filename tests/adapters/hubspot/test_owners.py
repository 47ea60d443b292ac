"""The owners of a pull, against a scripted portal."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.hubspot.client import Batch
from adapters.hubspot.owners import OwnerWalk
from connector.testing.crm_pages import ids_of

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
STAMP, CREATED = NOON - timedelta(days=30), NOON - timedelta(days=60)


@dataclass(slots=True)
class ScriptedOwners:
    """Gives its batches in turn and remembers the questions."""

    active: list[Batch] = field(default_factory=list)
    gone: list[Batch] = field(default_factory=list)
    asked: list[tuple[str | None, bool]] = field(default_factory=list)

    def server_time(self) -> datetime:
        return NOON

    def owners(self, *, after: str | None, archived: bool) -> Batch:
        self.asked.append((after, archived))
        return (self.gone if archived else self.active).pop(0)


def batch(*records: Any, after: str | None = None) -> Batch:
    return Batch(records=list(records), after=after)


def owner(number: int, **more: Any) -> Any:
    values = {"firstName": "Iris", "lastName": "Malouf", "email": "iris@kea.example", "updatedAt": STAMP.isoformat()}
    return {"id": number, "userId": 5, **values, **more}


def test_owners_come_whole_each_time_and_the_deactivated_ones_last() -> None:
    def portal() -> ScriptedOwners:
        gone = owner(3, email="", updatedAt=None, createdAt=CREATED.isoformat())
        return ScriptedOwners(active=[batch(owner(1), after="2"), batch(owner(2))], gone=[batch(gone)])

    once = list(OwnerWalk(client=portal(), now=NOON).pages(None))  # type: ignore[arg-type]
    assert [page.rows for page in once] == [
        [("1", STAMP, "Iris Malouf", "iris@kea.example", True)],
        [("2", STAMP, "Iris Malouf", "iris@kea.example", True)],
        [("3", CREATED, "Iris Malouf", None, False)],
    ]
    assert [(page.is_full, page.is_last) for page in once] == [(True, False), (True, False), (True, True)]
    again = portal()
    assert ids_of(list(OwnerWalk(client=again, now=NOON).pages(once[-1].cursor))) == ["1", "2", "3"]  # type: ignore[arg-type]
    rest = ScriptedOwners(gone=[batch(owner(3))])
    assert ids_of(list(OwnerWalk(client=rest, now=NOON).pages(once[1].cursor))) == ["3"]  # type: ignore[arg-type]
    assert rest.asked == [(None, True)]
