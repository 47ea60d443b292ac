"""The pipelines that tickets go through: their stages, and which of these close a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; ids are numbers in text, and differ from portal to portal but in the first pipeline."""

    id: str
    label: str
    is_closed: bool = False


TICKET_PIPELINES: dict[str, tuple[Stage, ...]] = {
    "0": (
        Stage("1", "New"),
        Stage("2", "Waiting on contact"),
        Stage("3", "Waiting on us"),
        Stage("4", "Closed", is_closed=True),
    ),
    "871230044": (
        Stage("1259930101", "Received"),
        Stage("1259930102", "In repair"),
        Stage("1259930103", "Sent back", is_closed=True),
        Stage("1259930104", "Scrapped", is_closed=True),
    ),
}
"""Stages in order, by pipeline."""
_LABELS = {"0": "Support Pipeline", "871230044": "Repairs"}
_CLOSING = {one.id for stages in TICKET_PIPELINES.values() for one in stages if one.is_closed}


def closes(stage: str) -> bool:
    """Whether a ticket that stands in the stage is closed."""
    return stage in _CLOSING


def ticket_pipelines(since: str) -> list[dict[str, Any]]:
    """The pipelines as the portal prints them; every value of a stage's metadata is a text."""
    shared = {"createdAt": since, "updatedAt": since, "archived": False}
    return [
        {"label": _LABELS[name], "displayOrder": place, "id": name, "stages": _printed(stages, shared), **shared}
        for place, (name, stages) in enumerate(TICKET_PIPELINES.items())
    ]


def _printed(stages: tuple[Stage, ...], shared: dict[str, Any]) -> list[dict[str, Any]]:
    # unverified: whether a stage of tickets has more metadata than this.
    return [
        {
            "label": one.label,
            "displayOrder": order,
            "metadata": {"ticketState": "CLOSED" if one.is_closed else "OPEN", "isClosed": str(one.is_closed).lower()},
            "id": one.id,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            **shared,
        }
        for order, one in enumerate(stages)
    ]
