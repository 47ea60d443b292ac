"""What a rep does with a task in the portal: begins it, writes into it, completes or deletes it."""

from __future__ import annotations

from datetime import date, datetime

from adapters.sandbox.comments import under_html
from adapters.sandbox.duties import Outcome, Step
from adapters.sandbox.hubspot import links, rows
from adapters.sandbox.hubspot.derived import derived
from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS, TASKS
from adapters.sandbox.hubspot.merging import archive
from adapters.sandbox.hubspot.rows import LIVE, Row
from adapters.sandbox.humans import domain_of_company, of_portal_contact
from adapters.sandbox.state import State
from adapters.sandbox.world.population import Plan
from adapters.sandbox.zone import day_shown

_STATUS = {"begin": "IN_PROGRESS", "done": "COMPLETED"}


def act(state: State, plan: Plan, step: Step, *, at: datetime) -> Outcome:
    """Do one step as the task's owner; nothing where the task is over or its owner is nobody who acts."""
    row = rows.get(state, TASKS, int(step.task))
    if row is None or row.archived != LIVE or row.props.get("hs_task_status") == "COMPLETED":
        return Outcome("the task was over before")
    owner = row.props.get("hubspot_owner_id", "")
    if state.value("select archived from hub_owner where id = ?", (owner,)) != 0:
        return Outcome("its owner does not act")
    if step.step == "delete":
        archive(state, TASKS, row.id, at=at)
        return Outcome("deleted")
    values = {"hs_task_status": _STATUS[step.step]}
    if step.comment:
        key = (plan.seed, row.props.get("hs_task_subject"), step.comment)
        values["hs_task_body"] = under_html(row.props.get("hs_task_body"), step.comment, *key)
    rows.change(state, row.id, {**values, **derived(TASKS, {**row.props, **values}, at)}, at=at)
    return _helped(state, row) if step.step == "done" else Outcome("begun")


def _helped(state: State, row: Row) -> Outcome:
    contacts = links.between(state, (TASKS, row.id), CONTACTS)
    companies = links.between(state, (TASKS, row.id), COMPANIES)
    due = day_shown(row.props.get("hs_timestamp"))
    return Outcome(
        "done",
        is_done=True,
        addresses=[address for one in contacts for address in of_portal_contact(state, one)],
        company=domain_of_company(state, min(companies, default=None)),
        due_on=date.fromisoformat(due) if due else None,
    )
