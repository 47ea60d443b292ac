"""Status: how things stand, in one document."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from connector.domain.families import cycles
from connector.domain.programs import Policy, Track
from connector.domain.records import RecordKind
from connector.ports.clock import Clock
from connector.ports.storage.acting import ActionCounts
from connector.ports.storage.asking import Waiting
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.storage.writing import Refusal
from connector.ports.wiring import Crm, home_of
from connector.usecases.gating import is_testing
from connector.usecases.unplanned import waits

CODES_SHOWN = 3
"""How many of a CRM's refusal codes are shown; the write log has them all."""
GROUPS_SHOWN = 20
"""How many groups of a kind are shown by their keys; all are counted."""
_CODE = re.compile(r"[A-Z][A-Z0-9_]+(?=$|[^A-Za-z0-9_])")
"""A message begins with the CRM's own code; the words after it may name values, which do not belong here."""


def status(*, storage: Storage, policy: Policy, crms: Sequence[Crm], clock: Clock) -> dict[str, Any]:
    """Modes, whom test mode reaches, stop switch, live records by CRM and kind, outcomes by track, responses, refusals.

    `needs` names the stage for which each CRM waits of which nothing is planned as things stand, `mails` those that
    wait, by cause. And the newest runs, and what an admin should look at in the CRMs: groups of records of one CRM
    that are one, and circles of parents. All times are aware UTC; `timezone` is the organisation's.
    """
    now = clock.now()
    today = policy.organisation.day_of(now)
    with storage.snapshot() as unit:
        counts = unit.records.counts()
        return {
            "at": now,
            "timezone": policy.organisation.timezone,
            "mode": policy.mode.value,
            "programs": {program.id: policy.mode_of(program).value for program in policy.programs},
            "test": _test(unit, policy),
            "stopped_at": unit.switches.stopped_at(),
            "stop_reason": unit.switches.stop_reason(),
            "needs": waits(unit, policy=policy, crms=crms, today=today),
            "records": {crm.name: dict(counts.get(crm.name, {})) for crm in crms},
            "outcomes": {
                track.value: {word.value: n for word, n in unit.decisions.outcomes(track=track, today=today).items()}
                for track in Track
            },
            "mails": [asdict(each) for each in unit.messages.waiting(now=now)],
            "responses": unit.responses.count(),
            "groups": {kind.value: _groups(unit, kind) for kind in (RecordKind.ACCOUNT, RecordKind.CONTACT)},
            "cycles": cycles(unit.families.parents(home=home_of(crms))),
            "actions": _actions(unit.actions.counts(today=today), crms=crms),
            "refused": _refused(unit.write_backs.refusals(), crms=crms),
            "runs": [asdict(run) for run in unit.runs.latest()],
        }


def waiting_mails(*, storage: Storage, clock: Clock) -> Sequence[Waiting]:
    """The mails that wait, by cause."""
    with storage.snapshot() as unit:
        return unit.messages.waiting(now=clock.now())


def _test(unit: UnitOfWork, policy: Policy) -> dict[str, Any] | None:
    """Whom test mode reaches, with how many account records that is now; None where nothing is in test mode."""
    if not is_testing(policy):
        return None
    said = policy.listed
    records = len(unit.families.listed(said))
    return {"recipients": said.recipients, "accounts": said.accounts, "account_records": records}


def _groups(unit: UnitOfWork, kind: RecordKind) -> dict[str, Any]:
    count, shown = unit.families.groups(kind, limit=GROUPS_SHOWN)
    return {"count": count, "shown": shown}


def _actions(counts: ActionCounts, *, crms: Sequence[Crm]) -> dict[str, Any]:
    """How actions stand; CRMs that take no tasks are named, and refusals by their newest codes."""
    return {
        "open": counts.open,
        "overdue": counts.overdue,
        "done": counts.done,
        "dropped": counts.dropped,
        "without_task": dict(counts.without_task),
        "no_tasks_in": [crm.name for crm in crms if not crm.capabilities.tasks],
        "refused": {
            crm: {"tasks": len(messages), "codes": _codes(messages)} for crm, messages in counts.refused.items()
        },
    }


def _refused(refusals: Sequence[Refusal], *, crms: Sequence[Crm]) -> dict[str, Any]:
    """How many values each CRM refused that still stand, with its newest codes; a CRM that takes all is left out."""
    refused = {crm.name: [each for each in refusals if each.crm == crm.name] for crm in crms}
    return {
        name: {"values": sum(each.values for each in own), "codes": _codes([each.message for each in own])}
        for name, own in refused.items()
        if own
    }


def _codes(messages: Sequence[str]) -> list[str]:
    found = (_CODE.match(message) for message in messages)
    return list(dict.fromkeys(code.group() if code else "without a code" for code in found))[:CODES_SHOWN]
