"""A ticket of the portal as the page of its company or contact shows it."""

from __future__ import annotations

from datetime import datetime

from adapters.sandbox.hubspot.rows import Row
from adapters.sandbox.hubspot.ticket_stages import TICKET_PIPELINES, closes
from adapters.sandbox.record_page.sight import CaseSight
from adapters.sandbox.zone import day_shown

_STAGES = {one.id: one.label for stages in TICKET_PIPELINES.values() for one in stages}


def ticket(row: Row, person: str) -> CaseSight:
    """What stands on its card."""
    stage = row.props.get("hs_pipeline_stage", "")
    return CaseSight(
        row.props.get("subject", "(no name)"),
        number=str(row.id),
        is_closed=closes(stage),
        status=_STAGES.get(stage, stage),
        priority=row.props.get("hs_ticket_priority", "").capitalize(),
        is_escalated=False,
        opened_on=day_shown(row.created),
        closed_on=day_shown(row.props.get("closed_date")),
        person=person,
    )


def ticket_order(row: Row) -> tuple[bool, float, int]:
    """Open ones first, in each part the newest first."""
    return closes(row.props.get("hs_pipeline_stage", "")), -datetime.fromisoformat(row.created).timestamp(), row.id
