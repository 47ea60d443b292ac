"""What a rep does with a task in the org: begins it, writes into it, completes or deletes it."""

from __future__ import annotations

from datetime import date, datetime

from adapters.sandbox.comments import under_text
from adapters.sandbox.duties import Outcome, Step
from adapters.sandbox.humans import domain_of_account, of_org_contact
from adapters.sandbox.salesforce.catalogue import TASK
from adapters.sandbox.salesforce.records import derived
from adapters.sandbox.salesforce.rows import delete, update
from adapters.sandbox.salesforce.tasks import completed
from adapters.sandbox.state import State
from adapters.sandbox.world.population import Plan

_STATUS = {"begin": "In Progress", "done": "Completed"}


def act(state: State, plan: Plan, step: Step, *, at: datetime) -> Outcome:
    """Do one step as the task's owner; nothing where the task is over or its owner is nobody who acts."""
    row = state.row(
        "select t.OwnerId, u.IsActive, t.Description, t.WhoId, t.AccountId, t.ActivityDate from Task t"
        " left join User u on u.Id = t.OwnerId where t.Id = ? and t.IsDeleted = 0 and t.IsClosed = 0",
        (step.task,),
    )
    if row is None:
        return Outcome("the task was over before")
    owner, is_active, body, contact, account, due = row
    if not is_active or owner == plan.integration_user:
        return Outcome("its owner does not act")
    if step.step == "delete":
        delete(state, TASK, step.task, at=at, by=owner)
        return Outcome("deleted")
    written = {"Description": under_text(body, step.comment)} if step.comment else {}
    values = derived(TASK, {"Status": _STATUS[step.step], **written}, {})
    update(state, TASK, step.task, completed(state, TASK, values, step.task, at=at), at=at, by=owner)
    if step.step == "begin":
        return Outcome("begun")
    return Outcome(
        "done",
        is_done=True,
        addresses=of_org_contact(state, contact),
        company=domain_of_account(state, account),
        due_on=date.fromisoformat(due) if due else None,
    )
