"""What did not go well, by cause, in SQL: incidents of every kind are grouped alike."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, FromClause, Select, func, select

from connector.ports.storage.viewing import Touched, Trouble, TroubleKind
from connector.storage.viewing_incidents import incidents

CAUSES_SHOWN = 20
TOUCHED_SHOWN = 5
Group = tuple[str, str, int]
"""Place, cause, and whether it is over."""


def troubles(connection: Connection, *, now: datetime) -> list[Trouble]:
    """See the port."""
    found = [each for kind, every in incidents(now=now) for each in _grouped(connection, kind, every)]
    return sorted(found, key=lambda each: (each.is_over, -each.last_at.timestamp()))


def _grouped(connection: Connection, kind: TroubleKind, every: Select[Any]) -> list[Trouble]:
    """The newest causes of a kind, those that stand first, with what they touched."""
    each = every.subquery("incidents")
    at = func.max(each.c.at)
    query = (
        select(each.c.place, each.c.cause, func.count().label("number"), func.count(each.c.record.distinct()))
        .add_columns(func.min(each.c.at), at, each.c.is_over)
        .group_by(each.c.place, each.c.cause, each.c.is_over)
        .order_by(each.c.is_over, at.desc())
        .limit(CAUSES_SHOWN)
    )
    groups = connection.execute(query).all()
    touched = _touched(connection, each) if groups else {}
    return [
        Trouble(
            kind=kind,
            place=place,
            cause=cause,
            count=count,
            records=records,
            touched=touched.get((place, cause, is_over), []),
            first_at=first_at,
            last_at=last_at,
            is_over=bool(is_over),
        )
        for place, cause, count, records, first_at, last_at, is_over in groups
    ]


def _touched(connection: Connection, each: FromClause) -> Mapping[Group, Sequence[Touched]]:
    """The newest records of every cause."""
    record = (each.c.place, each.c.cause, each.c.is_over, each.c.record, each.c.label, each.c.root)
    last = select(*record, func.max(each.c.at).label("at")).where(each.c.record.is_not(None)).group_by(*record)
    one = last.subquery("one_record")
    group = (one.c.place, one.c.cause, one.c.is_over)
    place = func.row_number().over(partition_by=group, order_by=(one.c.at.desc(), one.c.record))
    numbered = select(one, place.label("number")).subquery("numbered")
    query = select(numbered).where(numbered.c.number <= TOUCHED_SHOWN).order_by(numbered.c.number)
    found: dict[Group, list[Touched]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.place, row.cause, row.is_over].append(Touched(label=row.label, account_id=row.root))
    return found
