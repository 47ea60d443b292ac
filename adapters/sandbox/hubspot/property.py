"""What a property of the portal is, and how its definition is printed."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Property:
    """One property of one kind of record; options hold value and label."""

    name: str
    _: KW_ONLY
    type: str
    field_type: str
    label: str
    group: str
    options: tuple[tuple[str, str], ...] = ()
    read_only: bool = False
    unique: bool = False
    custom: bool = False
    reference: str = ""
    calculated: bool = False
    description: str = ""
    display_order: int = -1

    @property
    def is_many(self) -> bool:
        """Whether a value is a list of options, parted by semicolons."""
        return self.type == "enumeration" and self.field_type == "checkbox"

    def entry(self, stamps: dict[str, str]) -> dict[str, Any]:
        """The definition as the portal prints it; `hs_object_id` alone has no stamps."""
        more = {"referencedObjectType": self.reference} if self.reference else {}
        shown: dict[str, Any] = {name: stamps[name] for name in ("updatedAt", "createdAt")}
        if self.name == "hs_object_id":
            shown = {}
        return {
            **shown,
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [_option(place, *one) for place, one in enumerate(self.options)],
            **more,
            "displayOrder": self.display_order,
            "calculated": self.calculated,
            "externalOptions": bool(self.reference),
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": not self.custom,
            "modificationMetadata": {
                "archivable": self.custom,
                "readOnlyDefinition": not self.custom,
                "readOnlyValue": self.read_only,
            },
            "formField": not self.read_only,
            "dataSensitivity": "non_sensitive",
        }


def _option(place: int, value: str, label: str) -> dict[str, Any]:
    return {"label": label, "value": value, "displayOrder": place, "hidden": False}
