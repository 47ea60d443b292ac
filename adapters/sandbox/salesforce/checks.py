"""Judges the values of a write, field by field, and turns them into stored values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from adapters.sandbox.clock import stamp
from adapters.sandbox.faults import Faults
from adapters.sandbox.salesforce.catalogue import OBJECTS
from adapters.sandbox.salesforce.errors import Refusal
from adapters.sandbox.salesforce.fields import TEXT_TYPES, Field, SObject
from adapters.sandbox.salesforce.ids import is_id, long_id
from adapters.sandbox.salesforce.rows import is_live
from adapters.sandbox.state import State

_ADDRESS = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s.,;<>()\"]+")


def checked(state: State, faults: Faults, obj: SObject, values: Mapping[str, Any], *, new: bool) -> dict[str, Any]:
    """The values as stored; raises Refusal for the first thing the org would not take."""
    stored: dict[str, Any] = {}
    for name, value in values.items():
        if name == "attributes" or name.lower() == "id":
            continue
        found = _writable(faults, obj, name, new=new)
        stored[found.name] = _stored(state, obj, found, value)
    _check_required(obj, stored, new=new)
    return stored


def check_unique(state: State, obj: SObject, stored: Mapping[str, Any], own: str) -> None:
    """Raises DUPLICATE_VALUE when another live row has the value of an external id."""
    for one in obj.fields:
        if not one.external_id or stored.get(one.name) is None:
            continue
        other = state.value(
            f'select Id from "{obj.name}" where "{one.name}" = ? and Id <> ? and IsDeleted = 0', (stored[one.name], own)
        )
        if other is not None:
            text = f"duplicate value found: {one.name} duplicates value on record with id: {other[:15]}"
            raise Refusal(400, "DUPLICATE_VALUE", text, fields=[])


def _writable(faults: Faults, obj: SObject, name: str, *, new: bool) -> Field:
    found = obj.field(name)
    if found is None or faults.hides(obj.name, found.name):
        # unverified: the text; a field that is hidden does not exist for the caller.
        raise Refusal(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {obj.name}")
    if not (found.createable if new else found.updateable):
        text = (
            f"Unable to create/update fields: {found.name}. Please check the security settings of this field and verify"
            " that it is read/write for your profile or permission set."
        )
        raise Refusal(400, "INVALID_FIELD_FOR_INSERT_UPDATE", text, fields=[found.name])
    return found


def _check_required(obj: SObject, stored: Mapping[str, Any], *, new: bool) -> None:
    wanted = [one for one in obj.fields if one.required and one.createable and not one.defaulted]
    missing = [one.name for one in wanted if stored.get(one.name, None if new else one) is None]
    if missing:
        text = f"Required fields are missing: [{', '.join(missing)}]"
        raise Refusal(400, "REQUIRED_FIELD_MISSING", text, fields=missing)


def _stored(state: State, obj: SObject, found: Field, value: Any) -> Any:
    if value is None or value == "":
        return 0 if found.type == "boolean" else None
    if found.type in TEXT_TYPES:
        return _text(found, value)
    if found.type in ("double", "currency"):
        return _number(found, value)
    if found.type == "boolean":
        return _flag(value)
    if found.type == "reference":
        return _reference(state, obj, found, value)
    return _date(value) if found.type == "date" else _instant(value)


def _unreadable(kind: str, value: Any) -> Refusal:
    # unverified: whether one such value fails a whole collection call or its own row only; here its row.
    token = "VALUE_STRING value" if isinstance(value, str) else "value"
    text = f"Cannot deserialize instance of {kind} from {token} {value} or request may be missing a required field"
    return Refusal(400, "JSON_PARSER_ERROR", f"{text} at [line:1, column:1]")


def _text(found: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _unreadable("string", value)
    if found.length and len(value) > found.length:
        text = f"{found.label}: data value too large: {value} (max length={found.length})"
        raise Refusal(400, "STRING_TOO_LONG", text, fields=[found.name])
    if found.type == "email" and not _ADDRESS.fullmatch(value):
        text = f"{found.label}: invalid email address: {value}"
        raise Refusal(400, "INVALID_EMAIL_ADDRESS", text, fields=[found.name])
    if found.restricted and value not in found.values:
        text = f"{found.label}: bad value for restricted picklist field: {value}"
        raise Refusal(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", text, fields=[found.name])
    return value


def _number(found: Field, value: Any) -> float:
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or number != number:  # the one number that differs from itself is "nan"
        raise _unreadable("double", value)
    number = round(number, found.scale)
    if abs(number) >= 10 ** (found.precision - found.scale):
        text = f"{found.label}: value outside of valid range on numeric field: {value}"
        raise Refusal(400, "NUMBER_OUTSIDE_VALID_RANGE", text, fields=[found.name])
    return number


def _flag(value: Any) -> int:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return int(value.lower() == "true")
    if not isinstance(value, bool):
        raise _unreadable("boolean", value)
    return int(value)


def _reference(state: State, obj: SObject, found: Field, value: Any) -> str:
    if not isinstance(value, str) or not is_id(value):
        text = f"{found.label}: id value of incorrect type: {value}"
        raise Refusal(400, "MALFORMED_ID", text, fields=[found.name])
    record_id = long_id(value)
    if not any(is_live(state, OBJECTS[target.lower()], record_id) for target in found.targets):
        raise Refusal(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[found.name])
    if found.name == "OwnerId" and not state.value("select IsActive from User where Id = ?", (record_id,)):
        text = "operation performed with inactive user [" + record_id[:15] + "] as owner of " + obj.name.lower()
        raise Refusal(400, "INACTIVE_OWNER_OR_USER", text, fields=[found.name])  # unverified: the text
    return record_id


def _date(value: Any) -> str:
    try:
        if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            raise ValueError
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise _unreadable("date", value) from None


def _instant(value: Any) -> str:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:  # unverified: a value without zone is refused here
        raise _unreadable("datetime", value)
    return stamp(instant.astimezone(UTC))
