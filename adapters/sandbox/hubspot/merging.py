"""How records go: into the bin and out of it, into another record under a new id, and for good."""

from __future__ import annotations

from datetime import datetime

from adapters.sandbox.hubspot import links, rows
from adapters.sandbox.hubspot.kinds import CONTACTS, Kind
from adapters.sandbox.hubspot.numbers import hub_id
from adapters.sandbox.hubspot.rows import MERGED_AWAY, Newborn, Row
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.state import State
from adapters.sandbox.world.population import CREATED_NUMBERS, Plan


def merge(
    state: State, plan: Plan, kind: Kind, primary: int, other: int, *, at: datetime, new_id: int | None = None
) -> Row:
    """Join two live records into a new one, which takes the primary's values and, where it has none, the other's."""
    with state.change():
        first, second = rows.get(state, kind, primary), rows.get(state, kind, other)
        assert first is not None, primary  # noqa: S101 - callers have looked both up
        assert second is not None, other  # noqa: S101 - callers have looked both up
        born = new_id or hub_id(plan, kind, CREATED_NUMBERS + state.count("hubspot created"))
        merged = [str(primary), str(other), *(id_ for row in (first, second) for id_ in _merged(row))]
        props = {**second.props, **first.props, "hs_merged_object_ids": ";".join(merged)}
        if kind is CONTACTS:
            props["hs_calculated_merged_vids"] = ";".join(f"{one}:{int(at.timestamp() * 1000)}" for one in merged)
        state.write(
            "update hub_record set archived = ?, merged_into = ?, modified = ?, props = json_remove(props, '$.email',"
            " '$.closedloop_key') where id in (?, ?)",
            (MERGED_AWAY, born, kept(at), primary, other),
        )
        newborn = Newborn(born, created=min(first.created, second.created), modified=kept(at), props=props)
        rows.insert(state, kind, [newborn])
        # The primary's associations come last, so that its primary company stands.
        for old in (other, primary):
            links.move_all(state, (kind, old), (kind, born), at=at)
        row = rows.get(state, kind, born)
        assert row is not None, born  # noqa: S101 - written in this very transaction
        return row


def archive(state: State, kind: Kind, record_id: int, *, at: datetime) -> None:
    """Put a record into the bin; what it is associated with no longer shows it."""
    with state.change():
        rows.archive(state, record_id, at=at)
        links.refresh(state, links.neighbours(state, record_id), at=at)


def restore(state: State, kind: Kind, record_id: int, *, at: datetime) -> None:
    """Take a record out of the bin, with its associations."""
    with state.change():
        rows.restore(state, record_id, at=at)
        links.refresh(state, {(kind, record_id), *links.neighbours(state, record_id)}, at=at)


def erase(state: State, kind: Kind, record_id: int, *, at: datetime) -> None:
    """Take a record out of the portal for good; not even the bin keeps it."""
    with state.change():
        links.drop_all(state, (kind, record_id), at=at)
        state.write("delete from hub_record where id = ?", (record_id,))


def _merged(row: Row) -> list[str]:
    return [one for one in row.props.get("hs_merged_object_ids", "").split(";") if one]
