"""Single rows and collections of rows: read, create, update and delete as the caller's user."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from adapters.sandbox.clock import Clock, stamp
from adapters.sandbox.faults import Faults
from adapters.sandbox.salesforce.catalogue import find_object
from adapters.sandbox.salesforce.checks import check_unique, checked
from adapters.sandbox.salesforce.describe import visible
from adapters.sandbox.salesforce.errors import Refusal, not_found
from adapters.sandbox.salesforce.fields import SObject
from adapters.sandbox.salesforce.ids import is_id, long_id
from adapters.sandbox.salesforce.rows import delete, insert, is_live, update
from adapters.sandbox.salesforce.shape import attributes, printed
from adapters.sandbox.salesforce.tasks import DEFAULTS, completed, remember_task, with_account
from adapters.sandbox.state import State
from adapters.sandbox.world.deals import stage_flags
from adapters.sandbox.world.population import CREATED_NUMBERS, Plan

_MOST_ROWS = 200
_MOST_READ = 2000


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of the org as the integration user reads and writes them."""

    state: State
    _: KW_ONLY
    clock: Clock
    faults: Faults
    plan: Plan

    def read(self, obj: SObject, text: str, *, fields: Sequence[str], version: str) -> dict[str, Any]:
        """One row; raises NOT_FOUND, ENTITY_IS_DELETED or INVALID_FIELD."""
        record_id = self.existing(obj, text)
        found: dict[str, Any] | None = self._many(obj, [record_id], fields, version)[0]
        if found is None:
            raise not_found()
        return found

    def read_many(self, obj: SObject, ids: Sequence[str], *, fields: Sequence[str], version: str) -> list[Any]:
        """Rows in the order of the ids, None for an id that is missing or in the bin."""
        if len(ids) > _MOST_READ:
            raise Refusal(400, "EXCEEDED_ID_LIMIT", f"record limit reached. cannot retrieve more than {_MOST_READ}")
        return self._many(obj, [long_id(one) for one in ids], fields, version)

    def existing(self, obj: SObject, text: str) -> str:
        """The long id of a live row; raises NOT_FOUND or ENTITY_IS_DELETED."""
        if not is_id(text):
            raise not_found(f"Provided external ID field does not exist or is not accessible: {text}")
        record_id = long_id(text)
        live = is_live(self.state, obj, record_id)
        if live is None:
            raise not_found()
        if not live:
            raise Refusal(404, "ENTITY_IS_DELETED", "entity is deleted", fields=[])
        return record_id

    def create(self, obj: SObject, values: Mapping[str, Any]) -> str:
        """Store a new row and return its id."""
        self._check_writable(obj)
        stored = checked(self.state, self.faults, obj, values, new=True)
        if obj.name == "Task":
            stored = {**DEFAULTS, **stored}
        stored = with_account(self.state, obj, stored)
        check_unique(self.state, obj, stored, "")
        record_id = self.plan.id(obj.name, CREATED_NUMBERS + self.state.count("created"))
        now, user = stamp(self.clock.now()), self.plan.integration_user
        system = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), now)
        people = dict.fromkeys(("CreatedById", "LastModifiedById"), user)
        owned = {"OwnerId": user} if obj.field("OwnerId") else {}
        full = completed(self.state, obj, derived(obj, stored, {}), at=self.clock.now())
        insert(self.state, obj, [{"Id": record_id, **owned, **full, **system, **people}])
        if obj.name == "Task":
            remember_task(self.state, record_id, full, seed=self.plan.seed, at=self.clock.now())
        self.state.count("salesforce.rows_written")
        return record_id

    def update(self, obj: SObject, text: str, values: Mapping[str, Any]) -> str:
        """Change a live row and return its id; stamps move even when no value differs, as in the org."""
        self._check_writable(obj)
        record_id = self.existing(obj, text)
        self._check_rules(obj, record_id)
        stored = checked(self.state, self.faults, obj, values, new=False)
        check_unique(self.state, obj, stored, record_id)
        stored = with_account(self.state, obj, stored, record_id)
        full = derived(obj, stored, self._person_name(obj, record_id))
        full = completed(self.state, obj, full, record_id, at=self.clock.now())
        update(self.state, obj, record_id, full, at=self.clock.now(), by=self.plan.integration_user)
        self.state.count("salesforce.rows_written")
        return record_id

    def delete(self, obj: SObject, text: str) -> str:
        """Put a live row into the bin and return its id."""
        self._check_writable(obj)
        record_id = self.existing(obj, text)
        self._check_rules(obj, record_id)
        delete(self.state, obj, record_id, at=self.clock.now(), by=self.plan.integration_user)
        self.state.count("salesforce.rows_written")
        return record_id

    def _person_name(self, obj: SObject, record_id: str) -> dict[str, Any]:
        if not obj.field("FirstName"):
            return {}
        row = self.state.row(f'select FirstName, LastName from "{obj.name}" where Id = ?', (record_id,))
        return dict(zip(("FirstName", "LastName"), row or (None, None), strict=True))

    def _check_rules(self, obj: SObject, record_id: str) -> None:
        rule = self.faults.rejected.get((obj.name.lower(), record_id))
        if rule is not None:
            raise Refusal(400, rule[0], rule[1], fields=[])

    def _check_writable(self, obj: SObject) -> None:
        if not obj.writable:
            text = "insufficient access rights on cross-reference id"  # unverified: the text
            raise Refusal(403, "INSUFFICIENT_ACCESS_OR_READONLY", text, fields=[])

    def _many(self, obj: SObject, ids: Sequence[str], fields: Sequence[str], version: str) -> list[Any]:
        shown = visible(obj, self.faults)
        if fields:
            by_lower = {one.name.lower(): one for one in shown}
            unknown = [name for name in fields if name.lower() not in by_lower]
            if unknown:
                text = f"No such column '{unknown[0]}' on sobject of type {obj.name}"
                raise Refusal(400, "INVALID_FIELD", text)
            named = [by_lower[name.lower()] for name in fields]
            shown = named if any(one.name == "Id" for one in named) else [*named, obj.fields[0]]
        columns = ", ".join(f'"{one.name}"' for one in shown)
        marks = ", ".join("?" * len(ids))
        rows = self.state.rows(
            f'select Id, {columns} from "{obj.name}" where IsDeleted = 0 and Id in ({marks})', list(ids)
        )
        found = {
            row[0]: {
                "attributes": attributes(obj, row[0], version),
                **{one.name: printed(one, value) for one, value in zip(shown, row[1:], strict=True)},
            }
            for row in rows
        }
        return [found.get(record_id) for record_id in ids]


def derived(obj: SObject, stored: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The values with those the org computes from them."""
    if "StageName" in stored:
        stored = {**stored, **stage_flags(stored["StageName"])}
    if obj.name == "Task" and "Status" in stored:
        stored = {**stored, "IsClosed": int(stored["Status"] == "Completed")}
    if "EmailBouncedDate" in stored:
        stored = {**stored, "IsEmailBounced": int(stored["EmailBouncedDate"] is not None)}
    if obj.field("FirstName") and {"FirstName", "LastName"} & stored.keys():
        parts = [stored.get(name, before.get(name)) for name in ("FirstName", "LastName")]
        stored = {**stored, "Name": " ".join(part for part in parts if part)}
    return stored


Change = Callable[[Any], str]


def collection(records: Records, rows: Sequence[Any], *, change: Change, all_or_none: bool) -> list[dict[str, Any]]:
    """Change every row, each failing alone unless all_or_none; answers come in the order of the rows."""
    if len(rows) > _MOST_ROWS:
        raise Refusal(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records")
    answers: list[dict[str, Any]] = []
    try:
        with records.state.change():
            answers += [_row_answer(records, row, change) for row in rows]
            if all_or_none and not all(answer["success"] for answer in answers):
                raise _TakenBack
    except _TakenBack:
        answers = [_rolled_back(answer) for answer in answers]
    return answers


class _TakenBack(Exception):
    """One row of an all-or-none call failed."""


def _row_answer(records: Records, row: Any, change: Change) -> dict[str, Any]:
    try:
        with records.state.change():
            return {"id": change(row), "success": True, "errors": []}
    except Refusal as refusal:
        return {"success": False, "errors": [_in_collection(refusal).row_error()]}


def _in_collection(refusal: Refusal) -> Refusal:
    if refusal.code == "NOT_FOUND":
        return Refusal(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return refusal


def _rolled_back(answer: dict[str, Any]) -> dict[str, Any]:
    if not answer["success"]:
        return answer
    text = "Record rolled back because not all records were valid and the request was using AllOrNone header"
    return {"success": False, "errors": [Refusal(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", text).row_error()]}


def typed(row: Any) -> SObject:
    """The object a row of a collection names; its attributes must come first."""
    if not isinstance(row, dict) or next(iter(row), None) != "attributes" or "type" not in row["attributes"]:
        text = "The HTTP entity body is required, and attributes.type must come first in every record"
        raise Refusal(400, "JSON_PARSER_ERROR", text)  # unverified: the text
    obj = find_object(str(row["attributes"]["type"]))
    if obj is None:
        raise Refusal(400, "INVALID_TYPE", f"sObject type '{row['attributes']['type']}' is not supported.")
    return obj


def row_id(row: Mapping[str, Any]) -> str:
    """The id a row to change carries; raises MISSING_ARGUMENT or MALFORMED_ID."""
    text = next((value for name, value in row.items() if name.lower() == "id"), None)
    if not text:
        raise Refusal(400, "MISSING_ARGUMENT", "Id not specified in an update call")
    if not isinstance(text, str) or not is_id(text):
        raise Refusal(400, "MALFORMED_ID", f"bad id {text}")
    return text
