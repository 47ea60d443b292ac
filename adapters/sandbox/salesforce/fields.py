"""What a field and an object of the org are; the describe answers, the SOQL checks and the tables all come from it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

TEXT_TYPES = frozenset({"string", "picklist", "email", "url", "phone", "textarea"})
ID_TYPES = frozenset({"id", "reference"})
NUMBER_TYPES = frozenset({"double", "currency", "percent", "int"})
_COLUMN = {"boolean": "integer not null default 0", "int": "integer", "double": "real", "currency": "real"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: name and type as describe prints them, and what may be done with it."""

    name: str
    _: KW_ONLY
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    values: tuple[str, ...] = ()
    restricted: bool = False
    target: str = ""
    also: str = ""
    relation: str = ""
    required: bool = False
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    name_field: bool = False
    id_lookup: bool = False
    external_id: bool = False

    @property
    def targets(self) -> tuple[str, ...]:
        """The objects a reference may lead to."""
        return tuple(one for one in (self.target, self.also) if one)

    @property
    def column(self) -> str:
        """The column definition in the sandbox's own table."""
        return f'"{self.name}" {_COLUMN.get(self.type, "text")}'

    @property
    def custom(self) -> bool:
        """Whether an admin of the org made it."""
        return self.name.endswith("__c")


@dataclass(frozen=True, slots=True)
class SObject:
    """One object with its fields in describe's order; look fields up in any case by field()."""

    name: str
    _: KW_ONLY
    label: str
    plural: str
    prefix: str
    fields: tuple[Field, ...]
    by_lower: dict[str, Field]
    relations: dict[str, Field]
    writable: bool = True
    replicateable: bool = True

    def field(self, name: str) -> Field | None:
        """The field of this name in any case, or None."""
        return self.by_lower.get(name.lower())


def sobject(
    name: str,
    *,
    label: str,
    plural: str,
    prefix: str,
    fields: tuple[Field, ...],
    writable: bool = True,
    replicateable: bool = True,
) -> SObject:
    """An object with its look-up tables filled in."""
    by_lower = {one.name.lower(): one for one in fields}
    relations = {one.relation.lower(): one for one in fields if one.relation}
    return SObject(
        name,
        label=label,
        plural=plural,
        prefix=prefix,
        fields=fields,
        by_lower=by_lower,
        relations=relations,
        writable=writable,
        replicateable=replicateable,
    )
