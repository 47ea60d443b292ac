"""Looks up the objects, fields and parent paths of a query, with the org's words for what does not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.sandbox.salesforce.catalogue import OBJECTS, find_object
from adapters.sandbox.salesforce.errors import Refusal
from adapters.sandbox.salesforce.fields import Field, SObject
from adapters.sandbox.salesforce.soql import Path
from adapters.sandbox.salesforce.soql_words import Word, located

Hidden = Callable[[str, str], bool]  # (object, field): is it hidden from this user?
_HINT = "Please reference your WSDL or the describe call for the appropriate names."
_LEVELS_UP = 5


def queried_object(word: Word, hidden: Hidden) -> SObject:
    """The object of the FROM clause; raises INVALID_TYPE."""
    found = find_object(word.text)
    if found is None or hidden(found.name, "*"):
        raise Refusal(
            400,
            "INVALID_TYPE",
            f"sObject type '{word.text}' is not supported. If you are attempting to use a custom object, be sure to"
            f" append the '__c' after the entity name. {_HINT}",
        )
    return found


@dataclass(slots=True)
class Names:
    """The tables a query touches: the base is t0, each parent path gets the next alias once."""

    soql: str
    base: SObject
    hidden: Hidden
    joins: dict[tuple[str, ...], tuple[str, SObject]] = field(default_factory=dict)
    join_sql: list[str] = field(default_factory=list)

    def find(self, path: Path) -> tuple[str, SObject, Field]:
        """Alias, object and field of a path; raises INVALID_FIELD with the place."""
        alias, obj = self.parent(path, path.parts[:-1])
        name = path.parts[-1]
        found = obj.field(name)
        if found is None or self.hidden(obj.name, found.name):
            raise self._no_column(path, name, obj)
        return alias, obj, found

    def parent(self, path: Path, steps: tuple[str, ...]) -> tuple[str, SObject]:
        """Alias and object reached by these relationships; `Contact.` before a field of Contact is allowed."""
        if steps and steps[0].lower() == self.base.name.lower() and steps[0].lower() not in self.base.relations:
            steps = steps[1:]
        if len(steps) > _LEVELS_UP:
            raise self._no_relation(path, steps[_LEVELS_UP])
        alias, obj = "t0", self.base
        for depth in range(len(steps)):
            key = tuple(step.lower() for step in steps[: depth + 1])
            if key not in self.joins:
                self._join(path, key, alias, obj)
            alias, obj = self.joins[key]
        return alias, obj

    def _join(self, path: Path, key: tuple[str, ...], alias: str, obj: SObject) -> None:
        link = obj.relations.get(key[-1])
        if link is None or self.hidden(obj.name, link.name):
            raise self._no_relation(path, path.parts[len(key) - 1])
        new = f"t{len(self.joins) + 1}"
        self.joins[key] = (new, OBJECTS[link.target.lower()])
        self.join_sql.append(f'left join "{link.target}" {new} on {new}.Id = {alias}."{link.name}"')

    def _no_column(self, path: Path, name: str, obj: SObject) -> Refusal:
        text = (
            f"No such column '{name}' on entity '{obj.name}'. If you are attempting to use a custom field, be sure to"
            f" append the '__c' after the custom field name. {_HINT}"
        )
        return Refusal(400, "INVALID_FIELD", located(self.soql, path.at, text))

    def _no_relation(self, path: Path, name: str) -> Refusal:
        text = (
            f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom"
            f" relationship, be sure to append the '__r' after the custom relationship name. {_HINT}"
        )
        return Refusal(400, "INVALID_FIELD", located(self.soql, path.at, text))
