"""Which properties each kind of record has now: those of the beginning, those made by API, none that is hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from adapters.sandbox.clock import Clock
from adapters.sandbox.faults import Faults
from adapters.sandbox.hubspot.catalogue import CATALOGUE, GROUPS
from adapters.sandbox.hubspot.errors import Refusal, invalid, not_found
from adapters.sandbox.hubspot.kinds import Kind
from adapters.sandbox.hubspot.property import Property
from adapters.sandbox.hubspot.times import kept, shown
from adapters.sandbox.state import State

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_FIELD_TYPES = {
    "string": {"text", "textarea", "html", "phonenumber", "file"},
    "number": {"number"},
    "date": {"date"},
    "datetime": {"date"},
    "bool": {"booleancheckbox"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox"},
}
_MOST_UNIQUE = 10


class Schema:
    """The properties and their groups; made ones are kept in the state."""

    def __init__(self, state: State, *, clock: Clock, faults: Faults) -> None:
        self._state, self._clock, self._faults = state, clock, faults
        self._made: dict[str, dict[str, tuple[Property, str]]] = {name: {} for name in CATALOGUE}
        for kind, definition, at in state.rows("select kind, definition, at from hub_property"):
            one = _read(orjson.loads(definition))
            self._made[kind][one.name] = (one, at)

    def of(self, kind: Kind) -> dict[str, Property]:
        """The properties a client may see, by name."""
        made = {name: one for name, (one, _) in self._made[kind.name].items()}
        hides = self._faults.hides
        return {name: one for name, one in {**CATALOGUE[kind.name], **made}.items() if not hides(kind.name, name)}

    def groups(self, kind: Kind) -> list[dict[str, Any]]:
        """All property groups."""
        made = dict(self._state.rows("select name, label from hub_group where kind = ?", (kind.name,)))
        return [_group(name, label) for name, label in {**GROUPS[kind.name], **made}.items()]

    def entries(self, kind: Kind) -> list[dict[str, Any]]:
        """All definitions as they are printed in the list, without `archived`."""
        return [self._entry(kind, one) for one in self.of(kind).values()]

    def entry(self, kind: Kind, name: str) -> dict[str, Any]:
        """One definition; raises a 404."""
        found = self.of(kind).get(name)
        if found is None:
            raise not_found()
        return {**self._entry(kind, found), "archived": False}

    def create(self, kind: Kind, wanted: Mapping[str, Any], *, user: str) -> dict[str, Any]:
        """Make a property; raises for one that exists, a missing group or a definition that does not fit."""
        one = _wanted(wanted)
        if one.name in {**CATALOGUE[kind.name], **self._made[kind.name]}:
            # unverified: the text.
            raise Refusal(409, f"Property '{one.name}' already exists", category="OBJECT_ALREADY_EXISTS")
        if one.group not in {group["name"] for group in self.groups(kind)}:
            raise invalid(f"Property group '{one.group}' does not exist")  # unverified: the text
        if one.unique and sum(other.unique for other in self.of(kind).values()) >= _MOST_UNIQUE:
            raise invalid("Too many unique properties")  # unverified: the text
        at = kept(self._clock.now())
        definition = orjson.dumps(asdict(one)).decode()
        self._state.write("insert into hub_property values (?, ?, ?, ?)", (kind.name, one.name, definition, at))
        self._made[kind.name][one.name] = (one, at)
        return {**self._entry(kind, one), "createdUserId": user, "updatedUserId": user, "archived": False}

    def remove(self, kind: Kind, name: str) -> None:
        """Take a made property away with its values; others stay."""
        if self._made[kind.name].pop(name, None) is None:
            return
        self._state.write("delete from hub_property where kind = ? and name = ?", (kind.name, name))
        self._state.write(
            "update hub_record set props = json_remove(props, ?) where kind = ?", (f"$.{name}", kind.name)
        )

    def create_group(self, kind: Kind, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Make a group; raises for one that exists."""
        name, label = str(wanted.get("name", "")), str(wanted.get("label", ""))
        if not _NAME.fullmatch(name) or not label:
            raise invalid("A group needs a name and a label")  # unverified: the text
        if name in {group["name"] for group in self.groups(kind)}:
            text = f"Property group '{name}' already exists"  # unverified: the text
            raise Refusal(409, text, category="OBJECT_ALREADY_EXISTS")
        self._state.write("insert into hub_group values (?, ?, ?)", (kind.name, name, label))
        return _group(name, label)

    def _entry(self, kind: Kind, one: Property) -> dict[str, Any]:
        at = self._made[kind.name].get(one.name, (one, "2019-08-06T02:41:08.029Z"))[1]
        return one.entry({"updatedAt": shown(at), "createdAt": shown(at)})


def _group(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}


def _read(stored: dict[str, Any]) -> Property:
    options = tuple((value, label) for value, label in stored.pop("options"))
    return Property(stored.pop("name"), options=options, **stored)


def _wanted(values: Mapping[str, Any]) -> Property:
    name, kind, field_type = (str(values.get(word, "")) for word in ("name", "type", "fieldType"))
    if not _NAME.fullmatch(name):
        raise invalid(f"Property name '{name}' is not valid")  # unverified: the text
    if field_type not in _FIELD_TYPES.get(kind, ()):
        raise invalid(f"Field type '{field_type}' does not fit type '{kind}'")  # unverified: the text
    options = tuple((str(one["value"]), str(one.get("label", one["value"]))) for one in values.get("options") or ())
    if kind == "enumeration" and not options:
        raise invalid("An enumeration needs options")  # unverified: the text
    return Property(
        name,
        type=kind,
        field_type=field_type,
        label=str(values.get("label") or name),
        group=str(values.get("groupName", "")),
        options=options or ((("true", "Yes"), ("false", "No")) if kind == "bool" else ()),
        unique=bool(values.get("hasUniqueValue", False)),
        custom=True,
        description=str(values.get("description", "")),
    )
