"""Single records: read, create, update and archive as the integration does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from typing import Any

from adapters.sandbox.clock import Clock
from adapters.sandbox.duties import NewTask, remember
from adapters.sandbox.faults import Faults
from adapters.sandbox.hubspot import links, rows
from adapters.sandbox.hubspot.derived import derived
from adapters.sandbox.hubspot.errors import BadValue, Refusal, invalid, invalid_values, not_found
from adapters.sandbox.hubspot.kinds import CONTACTS, TASKS, Kind, find_kind
from adapters.sandbox.hubspot.merging import archive
from adapters.sandbox.hubspot.numbers import hub_id, portal_id
from adapters.sandbox.hubspot.rows import LIVE, Newborn, Row
from adapters.sandbox.hubspot.schema import Schema
from adapters.sandbox.hubspot.shape import record
from adapters.sandbox.hubspot.times import kept
from adapters.sandbox.hubspot.values import checked
from adapters.sandbox.state import State
from adapters.sandbox.world.population import CREATED_NUMBERS, Plan
from adapters.sandbox.zone import day_shown

APP_ID = "31650411"


@dataclass(frozen=True, slots=True)
class Records:
    """The records of the portal as an API client reads and writes them."""

    state: State
    _: KW_ONLY
    clock: Clock
    faults: Faults
    plan: Plan
    schema: Schema

    def shown(self, kind: Kind, row: Row, wanted: Sequence[str] | None) -> dict[str, Any]:
        """The record as it is printed; `wanted` None prints every value that is set."""
        return record(kind, row, portal=portal_id(self.plan), properties=self.schema.of(kind), wanted=wanted)

    def find(self, kind: Kind, text: str, *, id_property: str | None = None) -> Row | None:
        """The live record of an id, also of one merged away, or of a unique value; None where nobody has it."""
        if id_property and id_property != "hs_object_id":
            self.check_unique(kind, id_property)
            value = text.lower() if id_property == "email" else text
            return rows.with_value(self.state, kind, id_property, value)
        return rows.resolve(self.state, kind, int(text)) if text.isdigit() else None

    def existing(self, kind: Kind, text: str, *, id_property: str | None = None) -> Row:
        """As find, but raises a 404."""
        if not id_property and not text.isdigit():
            message = "Object not found.  objectId are usually numeric."
            raise Refusal(404, message, category="OBJECT_NOT_FOUND", context={"id": [text]})
        row = self.find(kind, text, id_property=id_property)
        if row is None:
            raise not_found()
        return row

    def check_unique(self, kind: Kind, name: str) -> None:
        """Raises for a property that cannot name a record."""
        found = self.schema.of(kind).get(name)
        if found is None or not (found.unique or (kind is CONTACTS and name == "email")):
            raise invalid(f"Property '{name}' is not a unique identifier property")  # unverified: the text

    def create(self, kind: Kind, values: Mapping[str, Any], associations: Sequence[Any] = ()) -> Row:
        """Store a new record with its associations and return it."""
        stored = self._checked(kind, values)
        self._check_required(kind, stored)
        new_id = hub_id(self.plan, kind, CREATED_NUMBERS + self.state.count("hubspot created"))
        self._check_taken(kind, stored, new_id, creating=True)
        now = self.clock.now()
        born = {"hs_object_source": "INTEGRATION", "hs_object_source_id": APP_ID}
        if kind is CONTACTS:
            born["lifecyclestage"] = "lead"
        props = {**born, **stored}
        full = {**props, **derived(kind, props, now)}
        rows.insert(self.state, kind, [Newborn(new_id, created=kept(now), modified=kept(now), props=full)])
        ends = self._ends(kind, associations)
        for other, type_ids in ends:
            links.put(self.state, (kind, new_id), other, type_ids, at=now)
        if kind is TASKS:
            self._remember_task(new_id, full, sorted(record_id for (_, record_id), _ in ends))
        self.state.count("hubspot.rows_written")
        return self._again(kind, new_id)

    def _remember_task(self, task_id: int, props: Mapping[str, str], parents: Sequence[int]) -> None:
        """Let the owner of a task that was just made decide what to do about it."""
        task = NewTask(
            "hubspot",
            id=str(task_id),
            parents=[str(one) for one in parents],
            subject=props.get("hs_task_subject", ""),
            due_on=date.fromisoformat(day_shown(props["hs_timestamp"])),
        )
        remember(self.state, task, seed=self.plan.seed, made=self.clock.now())

    def update(self, kind: Kind, row: Row, values: Mapping[str, Any]) -> Row:
        """Change a live record and return it; its stamp moves even when no value differs."""
        # unverified: whether the stamp of a record moves when every value stays.
        rule = self.faults.rejected.get((kind.name, str(row.id)))
        if rule is not None:
            raise invalid(rule[1])
        stored = self._checked(kind, values)
        self._check_taken(kind, stored, row.id, creating=False)
        now = self.clock.now()
        full = {**stored, **derived(kind, {**row.props, **stored}, now)}
        rows.change(self.state, row.id, full, at=now)
        self.state.count("hubspot.rows_written")
        return self._again(kind, row.id)

    def archive(self, kind: Kind, text: str) -> None:
        """Put a record into the bin; an unknown id is no error."""
        row = rows.get(self.state, kind, int(text)) if text.isdigit() else None
        if row is None or row.archived != LIVE:
            return
        archive(self.state, kind, row.id, at=self.clock.now())
        self.state.count("hubspot.rows_written")

    def _again(self, kind: Kind, record_id: int) -> Row:
        row = rows.get(self.state, kind, record_id)
        assert row is not None, record_id  # noqa: S101 - written in this very transaction
        return row

    def _checked(self, kind: Kind, values: Mapping[str, Any]) -> dict[str, str]:
        stored, bad = checked(self.schema.of(kind), values, is_owner=self._is_owner, lenient=kind.is_activity)
        if bad:
            raise invalid_values(bad)
        return stored

    def _is_owner(self, text: str) -> bool:
        known = self.state.value("select archived from hub_owner where id = ?", (text,)) if text.isdigit() else None
        return known == 0

    def _check_required(self, kind: Kind, stored: Mapping[str, str]) -> None:
        needed = {"tasks": ("hs_timestamp",), "notes": ("hs_timestamp",), "deals": ("dealstage", "pipeline")}
        needed["tickets"] = ("subject", "hs_pipeline", "hs_pipeline_stage")
        missing = [name for name in needed.get(kind.name, ()) if not stored.get(name)]
        if missing:
            message = f"{missing[0]} is required"  # unverified: code and text
            raise invalid_values([BadValue(missing[0], code="REQUIRED_PROPERTY_MISSING", message=message)])

    def _check_taken(self, kind: Kind, stored: Mapping[str, str], own: int, *, creating: bool) -> None:
        for name, one in self.schema.of(kind).items():
            if not stored.get(name) or not (one.unique or (kind is CONTACTS and name == "email")):
                continue
            other = rows.with_value(self.state, kind, name, stored[name])
            if other is None or other.id == own:
                continue
            if name == "email" and creating:
                text = f"Contact already exists. Existing ID: {other.id}"
                raise Refusal(409, text, category="CONFLICT", existing=other.id)
            raise invalid(
                f"Cannot set PropertyValueCoordinates{{portalId={portal_id(self.plan)}, objectTypeId=ObjectTypeId"
                f"{{legacyObjectType={kind.legacy}}}, propertyName={name}, value={stored[name]}}} on {own}."
                f" {other.id} already has that value."
            )

    def _ends(self, kind: Kind, associations: Sequence[Any]) -> list[tuple[tuple[Kind, int], list[int]]]:
        """The far ends of a create's associations; raises for one that cannot be made."""
        found = []
        for one in associations:
            target, numbers = str(one["to"]["id"]), [int(each["associationTypeId"]) for each in one["types"]]
            other = self._end(kind, target, numbers)
            if other is None:
                raise invalid(f"No record {target} can be associated so")  # unverified: the text
            found.append((other, numbers))
        return found

    def _end(self, kind: Kind, target: str, numbers: Sequence[int]) -> tuple[Kind, int] | None:
        word = self.state.value("select kind from hub_record where id = ? and archived = 0", (target,))
        other = find_kind(word) if word else None
        if other is None or not set(numbers) <= links.types_of(kind, other).keys():
            return None
        return other, int(target)
