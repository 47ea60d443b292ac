"""Status: how things stand, in one document."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from connector.domain.programs import Policy, Track
from connector.ports.clock import Clock
from connector.ports.storage.unit import Storage
from connector.ports.wiring import Crm


def status(*, storage: Storage, policy: Policy, crms: Sequence[Crm], clock: Clock) -> dict[str, Any]:
    """The mode, the stop switch, live records by CRM and kind, outcomes by track, responses, the newest runs."""
    today = policy.organisation.day_of(clock.now())
    with storage.snapshot() as unit:
        counts = unit.records.counts()
        return {
            "mode": policy.mode.value,
            "stopped_at": unit.switches.stopped_at(),
            "records": {crm.name: dict(counts.get(crm.name, {})) for crm in crms},
            "outcomes": {
                track.value: {word.value: n for word, n in unit.decisions.outcomes(track=track, today=today).items()}
                for track in Track
            },
            "responses": unit.responses.count(),
            "runs": [asdict(run) for run in unit.runs.latest()],
        }
