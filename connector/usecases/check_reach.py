"""Counts that look back further than a CRM's records are read."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from connector.domain.derivation import CountPart
from connector.domain.findings import Finding, Severity, Spot
from connector.ports.wiring import Crm

_DAYS_A_MONTH = 365.25 / 12


def reach_findings(crms: Sequence[Crm], *, today: date) -> Iterator[Finding]:
    """A warning at each fact that counts records of a kind without a window, or with one longer than they are read."""
    for crm in crms:
        for derivation in crm.derived:
            for part in derivation.parts:
                if isinstance(part, CountPart) and _is_short(part, crm, today=today):
                    spot = Spot(path=("crms", crm.name, "facts", derivation.fact.name), is_key=True)
                    yield Finding(severity=Severity.WARNING, message=_told(part, crm), spot=spot)


def _is_short(part: CountPart, crm: Crm, *, today: date) -> bool:
    """Whether records that the count is to look at may not be there after a full read."""
    days = crm.capabilities.reach.get(part.kind)
    if days is None:
        return False
    return part.window is None or part.window.start(today) < today - timedelta(days=days)


def _told(part: CountPart, crm: Crm) -> str:
    months = int(crm.capabilities.reach[part.kind] / _DAYS_A_MONTH)
    asked = f"within {part.window}" if part.window is not None else "of all time"
    read = f"{crm.name} brings no {part.kind} that was closed and left alone for more than {months} months"
    return f"this counts {part.kind} records {asked}, and {read}: say `within: {months} months`, or less"
