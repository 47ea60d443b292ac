"""What a month left behind, in words that do not depend on surrogate ids: decisions, mails, answers, and the CRMs."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import create_engine, text

from tests.adapters.conftest import Sandbox

_DECISIONS = """
    SELECT a.crm || '/' || a.crm_id, d.track, o.program, o.milestone, o.anchor_key, o.ordinal, c.crm || '/' || c.crm_id,
           d.verdict, d.rule, d.until_on, d.decided_on, m.state
    FROM decision d JOIN occurrence o ON o.id = d.occurrence_id JOIN account a ON a.id = d.account_id
    JOIN contact c ON c.id = d.contact_id
    LEFT JOIN invitation i ON i.decision_id = d.id LEFT JOIN message m ON m.invitation_id = i.id
"""
_JOINED = """
    SELECT a.crm || '/' || a.crm_id, first.crm || '/' || first.crm_id
    FROM account a JOIN account first ON first.id = coalesce(a.joined_id, a.id)
"""
_RESPONSES = """
    SELECT i.address, i.program || '.' || i.milestone || '.' || i.ordinal FROM response r
    JOIN invitation i ON i.id = r.invitation_id
"""
_EVERYTHING = 100_000

Facts = Mapping[str, Sequence[Any]]
"""By account, as `crm/CRM id`: sorted facts about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Decisions with their delivery and CRM records by account; mails and responses as counted."""

    decisions: Facts
    records: Facts
    tasks: Counter[str]
    mails: Counter[tuple[str, str]]
    answered: Counter[tuple[str, str]]
    responses: Counter[tuple[str, str]]

    @property
    def tasks_by_crm(self) -> Counter[str]:
        """How many tasks each CRM has; a task's first part is its account, as `crm/CRM id`."""
        return Counter(json.loads(task)[0].partition("/")[0] for task in self.tasks.elements())

    @property
    def uncertain(self) -> dict[str, int]:
        """How many uncertain mails each account has, of those that have any."""
        found = {account: sum(row[-1] == "uncertain" for row in rows) for account, rows in self.decisions.items()}
        return {account: number for account, number in found.items() if number}


def look(database: str, sandbox: Sandbox) -> Seen:
    """Read our database (its URL) and the sandbox's control pages."""
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        joined = dict(map(tuple, connection.execute(text(_JOINED))))
        decisions = _by_account(map(_plain, connection.execute(text(_DECISIONS))), joined)
        responses = Counter((address, asked) for address, asked in connection.execute(text(_RESPONSES)))
    engine.dispose()
    mails = sandbox.get("mails", limit=_EVERYTHING)
    answers = sandbox.get("answers", limit=_EVERYTHING)
    tasks = [*_org_tasks(sandbox), *_portal_tasks(sandbox)]
    records = _by_account((*_org(sandbox), *_portal(sandbox), *tasks), joined)
    return Seen(
        decisions=decisions,
        records=records,
        tasks=Counter(json.dumps(task) for task in tasks),
        mails=Counter((mail["recipient"], mail["headers"]["Feedback-ID"]) for mail in mails),
        answered=Counter((one["address"], one["feedback_id"].partition(":")[0]) for one in answers if not one["again"]),
        responses=responses,
    )


def _plain(row: Sequence[Any]) -> list[Any]:
    """A row with its days as text, which is how SQLite gives them."""
    return [value.isoformat() if isinstance(value, date) else value for value in row]


def _by_account(rows: Iterable[Sequence[Any]], joined: Mapping[str, str]) -> Facts:
    """The facts under the joined account, so that what one CRM shows stands beside what the other does."""
    found: dict[str, list[Any]] = {}
    for account, *facts in rows:
        found.setdefault(joined.get(account, account), []).append(facts)
    return {account: sorted(facts, key=json.dumps) for account, facts in sorted(found.items())}


def _org(sandbox: Sandbox) -> Iterator[tuple[Any, ...]]:
    """Our fields on the org's accounts and contacts."""
    for name, account in (("Account", "Id"), ("Contact", "AccountId")):
        for row in sandbox.get(f"records/{name}", limit=_EVERYTHING):
            yield f"sf/{row[account]}", name, row["Id"], _ours(row)


def _portal(sandbox: Sandbox) -> Iterator[tuple[Any, ...]]:
    """Our properties on the portal's companies and contacts."""
    for name, account in (("companies", "hs_object_id"), ("contacts", "associatedcompanyid")):
        for row in sandbox.get(f"records/{name}", crm="hubspot", limit=_EVERYTHING):
            yield f"hub/{row.get(account)}", name, row["hs_object_id"], _ours(row)


def _org_tasks(sandbox: Sandbox) -> Iterator[tuple[Any, ...]]:
    for row in sandbox.get("records/Task", limit=_EVERYTHING):
        fields = ("WhoId", "Subject", "ActivityDate", "Status", "OwnerId")
        yield f"sf/{row['WhatId']}", "Task", *(row[field] for field in fields), _text(row["Description"])


def _portal_tasks(sandbox: Sandbox) -> Iterator[tuple[Any, ...]]:
    for row in sandbox.get("records/tasks", crm="hubspot", limit=_EVERYTHING):
        fields = ("hs_task_subject", "hs_timestamp", "hs_task_status", "hubspot_owner_id")
        yield f"hub/{_company(sandbox, row)}", "task", *(row.get(field) for field in fields), _text(row["hs_task_body"])


def _company(sandbox: Sandbox, task: Mapping[str, Any]) -> str | None:
    """The company that a task of the portal is on."""
    page = sandbox.get(f"records/tasks/{task['hs_object_id']}", crm="hubspot")
    return next(iter(page["associations"].get("companies", ())), None)


def _ours(row: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: value for name, value in row.items() if name.lower().startswith("closedloop_") and value is not None}
    return dict(sorted(named.items()))


def _text(body: str | None) -> str:
    """A task's text without the line of our marker, which counts actions in the order in which they were opened."""
    return "\n".join(line for line in (body or "").replace("<br>", "\n").splitlines() if "closedloop:" not in line)
