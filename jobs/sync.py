"""The sync job of one CRM."""

from collections.abc import Mapping
from typing import Any

from connector.ports.wiring import Crm, Ports
from connector.usecases.sync import KindSync, sync


def run(ports: Ports, crm: Crm) -> dict[str, Any]:
    """Sync a CRM and return what came, by kind."""
    kinds = sync(crm, storage=ports.storage, clock=ports.clock, crms=ports.crms)
    return {each.kind.value: _counts(each) for each in kinds}


def has_changes(counts: Mapping[str, Any]) -> bool:
    """Whether a sync with these counts brought anything that is worth a plan."""
    return any(kind[what] for kind in counts.values() for what in ("inserted", "changed", "removed"))


def _counts(each: KindSync) -> dict[str, Any]:
    return {
        "pulled": each.records,
        "inserted": each.counts.inserted,
        "changed": each.counts.changed,
        "removed": each.counts.removed,
        **({"unread": each.unread} if each.unread else {}),
    }
