"""Rows found by an external id and changed, or else created: one at a time and in collections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.sandbox.salesforce.errors import Refusal, not_found
from adapters.sandbox.salesforce.fields import Field, SObject
from adapters.sandbox.salesforce.records import Records, collection, typed

Reply = tuple[int, Any, dict[str, str]]


def found_by(records: Records, obj: SObject, name: str, value: str) -> list[str]:
    """The ids of the live rows with this value of a field that may name a row; raises NOT_FOUND for another field."""
    one = _key(records, obj, name)
    rows = records.state.rows(
        f'select Id from "{obj.name}" where "{one.name}" = ? and IsDeleted = 0 order by Id', (value,)
    )
    return [row[0] for row in rows]


def read_by(records: Records, obj: SObject, name: str, value: str, *, fields: Sequence[str], version: str) -> Reply:
    """The row with this key; 300 with their addresses when several have it."""
    ids = found_by(records, obj, name, value)
    if len(ids) > 1:
        return _several(obj, ids, version)
    if not ids:
        raise not_found()
    return 200, records.read(obj, ids[0], fields=fields, version=version), {}


def upsert(
    records: Records, obj: SObject, name: str, value: str, *, values: Mapping[str, Any], version: str, only_update: bool
) -> Reply:
    """201 for a new row, 200 for a changed one, 300 when several rows have the key."""
    _key(records, obj, name)
    _check_body(name, values)
    with records.state.change():
        ids = found_by(records, obj, name, value)
        if len(ids) > 1:
            return _several(obj, ids, version)
        if not ids and only_update:
            raise not_found()
        record_id, created = _written(records, obj, ids, {**values, name: value})
    location = {"Location": f"/services/data/v{version}/sobjects/{obj.name}/{record_id}"} if created else {}
    return (
        201 if created else 200,
        {"id": record_id, "success": True, "errors": [], "created": created},
        location,
    )


def upsert_many(records: Records, obj: SObject, name: str, *, rows: Sequence[Any], all_or_none: bool) -> Reply:
    """One answer for each row in order, with `created` where it went well."""
    _key(records, obj, name)
    created: dict[str, bool] = {}

    def change(row: Any) -> str:
        if typed(row) is not obj:
            raise Refusal(400, "INVALID_TYPE", f"every record must be of type {obj.name}")  # unverified: the text
        value = next((one for key, one in row.items() if key.lower() == name.lower()), None)
        if not value:
            raise Refusal(400, "MISSING_ARGUMENT", f"{name} not specified")  # unverified: the text
        ids = found_by(records, obj, name, str(value))
        if len(ids) > 1:
            raise Refusal(400, "DUPLICATE_EXTERNAL_ID", f"{name}: more than one record found for external id field")
        record_id, new = _written(records, obj, ids, row)
        created[record_id] = new
        return record_id

    answers = collection(records, rows, change=change, all_or_none=all_or_none)
    return 200, [{**one, "created": created[one["id"]]} if one["success"] else one for one in answers], {}


def _written(records: Records, obj: SObject, ids: Sequence[str], values: Mapping[str, Any]) -> tuple[str, bool]:
    return (records.update(obj, ids[0], values), False) if ids else (records.create(obj, values), True)


def _key(records: Records, obj: SObject, name: str) -> Field:
    one = obj.field(name)
    if one is None or not one.id_lookup or one.type == "id" or records.faults.hides(obj.name, one.name):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return one


def _check_body(name: str, values: Mapping[str, Any]) -> None:
    if any(key.lower() in (name.lower(), "id") for key in values):
        text = f"The {name} field should not be specified in the sobject data."  # unverified: the text
        raise Refusal(400, "INVALID_FIELD", text)


def _several(obj: SObject, ids: Sequence[str], version: str) -> Reply:
    return 300, [f"/services/data/v{version}/sobjects/{obj.name}/{one}" for one in ids], {}
