"""Judges the values of a write, property by property, and turns them into stored texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from adapters.sandbox.hubspot.errors import BadValue
from adapters.sandbox.hubspot.property import Property
from adapters.sandbox.hubspot.times import kept, parse_day, parse_instant

_ADDRESS = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s.,;<>()\"]+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_LONGEST = 65_536
IsOwner = Callable[[str], bool]


def checked(
    properties: Mapping[str, Property], values: Mapping[str, Any], *, is_owner: IsOwner, lenient: bool
) -> tuple[dict[str, str], list[BadValue]]:
    """The values as stored ("" clears) and what is wrong with the others; activities are lenient about names."""
    stored: dict[str, str] = {}
    bad: list[BadValue] = []
    for name, value in values.items():
        found = properties.get(name)
        if value is None or (lenient and (found is None or found.read_only)):
            continue  # unverified: what a JSON null does; here nothing
        result = _judged(found, name, _text(value), is_owner)
        if isinstance(result, BadValue):
            bad.append(result)
        else:
            stored[name] = result
    return stored, bad


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _judged(found: Property | None, name: str, text: str, is_owner: IsOwner) -> str | BadValue:
    if found is None:
        return BadValue(name, code="PROPERTY_DOESNT_EXIST", message=f'Property "{name}" does not exist')
    if found.read_only:
        message = f'"{name}" is a read only property; its value cannot be set.'  # unverified: the text
        return BadValue(name, code="READ_ONLY_VALUE", message=message)
    if text == "":
        return text
    if found.reference == "OWNER":
        ok = is_owner(text)
        return text if ok else BadValue(name, code="INVALID_OWNER_ID", message=f"{text} is no owner")  # unverified
    return _READERS[found.type](found, text)


def _string(found: Property, text: str) -> str | BadValue:
    if len(text) > _LONGEST:
        return BadValue(found.name, code="VALUE_TOO_LONG", message=f"{found.name} is too long")  # unverified
    if found.name != "email":
        return text.replace("<br/>", "<br>") if found.field_type == "html" else text
    if not _ADDRESS.fullmatch(text):
        return BadValue("email", code="INVALID_EMAIL", message=f"Email address {text} is invalid")
    return text.lower()


def _number(found: Property, text: str) -> str | BadValue:
    if _NUMBER.fullmatch(text):
        return text
    return BadValue(found.name, code="INVALID_LONG", message=f"{text} was not a valid long.")


def _day(found: Property, text: str) -> str | BadValue:
    try:
        return parse_day(text).isoformat()
    except ValueError:
        return BadValue(found.name, code="INVALID_DATE", message=f"{text} is not a valid date at midnight UTC.")


def _instant(found: Property, text: str) -> str | BadValue:
    try:
        return kept(parse_instant(text))
    except ValueError:
        return BadValue(found.name, code="INVALID_DATE", message=f"{text} was not a valid date.")


def _flag(found: Property, text: str) -> str | BadValue:
    return text.lower() if text.lower() in ("true", "false") else _no_option(found, text)


def _choice(found: Property, text: str) -> str | BadValue:
    known = {value for value, _ in found.options}
    wanted = [one for one in text.split(";") if one] if found.is_many else [text]
    wrong = [one for one in wanted if one not in known]
    return _no_option(found, wrong[0]) if wrong else text


def _no_option(found: Property, text: str) -> BadValue:
    known = ", ".join(value for value, _ in found.options)
    message = f"{text} was not one of the allowed options: [{known}]"
    return BadValue(found.name, code="INVALID_OPTION", message=message)


_READERS: dict[str, Callable[[Property, str], str | BadValue]] = {
    "string": _string,
    "number": _number,
    "date": _day,
    "datetime": _instant,
    "bool": _flag,
    "enumeration": _choice,
}
