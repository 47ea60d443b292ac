"""Property values that the portal computes from others of the same record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from adapters.sandbox.hubspot.catalogue import PIPELINES
from adapters.sandbox.hubspot.kinds import DEALS, TASKS, TICKETS, Kind
from adapters.sandbox.hubspot.ticket_stages import closes
from adapters.sandbox.hubspot.times import kept

_CHANCES = {stage: probability for stages in PIPELINES.values() for stage, _, probability in stages}


def derived(kind: Kind, props: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The computed values that go with these."""
    if kind is DEALS and props.get("dealstage") in _CHANCES:
        probability = _CHANCES[props["dealstage"]]
        return {
            "hs_is_closed": "true" if probability in (0.0, 1.0) else "false",
            "hs_is_closed_won": "true" if probability == 1.0 else "false",
        }
    if kind is TICKETS and props.get("hs_pipeline_stage"):
        # unverified: what becomes of the date when a ticket is opened again; here it goes.
        at = props.get("closed_date") or kept(now)
        return {"closed_date": at if closes(props["hs_pipeline_stage"]) else ""}
    if kind is TASKS:
        done = props.get("hs_task_status") == "COMPLETED"
        at = props.get("hs_task_completion_date") or kept(now)
        return {"hs_task_is_completed": "1" if done else "0", "hs_task_completion_date": at if done else ""}
    return {}
