"""What a rep sees: one account with its fields, people and tasks, in words that no vendor owns."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.state import State
from adapters.sandbox.zone import day_shown

_ACCOUNT = ("name", "score", "score_on", "voices", "open_actions")
_PERSON = ("name", "title", "level", "score", "answered_on")
_TASK = ("subject", "is_done", "due_on", "done_on", "owner", "contact", "comment")
_COMMENT = (
    "(select group_concat(comment, char(10)) from (select comment from duty where crm = '{crm}' and task = {id}"
    " and state = 'over' and note in ('begun', 'done') and comment != '' order by at))"
)
_PROPS = "json_extract({table}.props, '$.{name}')"
Row = tuple[Any, ...]


def account_seen(state: State, crm: str = "salesforce", account_id: str | None = None) -> dict[str, Any]:
    """An account of the CRM, without an id the one with the most scored contacts; `account` None where there is none.

    Contacts with a score come first. Its tasks come open ones first, then by day; a task's `comment` is what its rep
    has written into it.
    """
    if crm not in ("salesforce", "hubspot"):
        raise ValueError(f"no CRM is called {crm!r}; there are: salesforce, hubspot")
    own, people, tasks = _in_org(state, account_id) if crm == "salesforce" else _in_portal(state, account_id)
    fields = dict(zip(_ACCOUNT, own, strict=True))
    return {
        "crm": crm,
        "account": fields.pop("name"),
        "fields": fields,
        "contacts": [dict(zip(_PERSON, row, strict=True)) for row in people],
        "tasks": [_task(row) for row in tasks],
    }


def _task(row: Row) -> dict[str, Any]:
    """Its days as the CRM shows them: on the company's calendar."""
    seen = dict(zip(_TASK, row, strict=True))
    days = {name: day_shown(seen[name]) or None for name in ("due_on", "done_on")}
    return {**seen, **days, "is_done": bool(seen["is_done"])}


def _loudest_in_org(state: State) -> str | None:
    found: str | None = state.value(
        'select a.Id from "Account" a join "Contact" c on c.AccountId = a.Id'
        " where c.IsDeleted = 0 and c.Closedloop_Score__c is not null group by a.Id order by count(*) desc,"
        ' (select count(*) from "Task" t where t.AccountId = a.Id and t.IsDeleted = 0) desc, a.Id limit 1'
    )
    return found


def _in_org(state: State, wanted: str | None) -> tuple[Row, list[Row], list[Row]]:
    account_id = wanted or _loudest_in_org(state)
    own = state.row(
        "select Name, Closedloop_Score__c, Closedloop_Score_On__c, Closedloop_Voices__c, Closedloop_Open_Actions__c"
        " from Account where Id = ? and IsDeleted = 0",
        (account_id,),
    )
    people = state.rows(
        "select Name, Title, Feedback_Level__c, Closedloop_Score__c, Closedloop_Answered_On__c"
        ' from "Contact" where AccountId = ? and IsDeleted = 0 order by Closedloop_Score__c is null, Name',
        (account_id,),
    )
    tasks = state.rows(
        "select t.Subject, t.IsClosed, t.ActivityDate, t.CompletedDateTime, u.Name, c.Name,"
        f" {_COMMENT.format(crm='salesforce', id='t.Id')} from Task t left join User u on u.Id = t.OwnerId"
        " left join Contact c on c.Id = t.WhoId where t.AccountId = ? and t.IsDeleted = 0"
        " order by t.IsClosed, t.ActivityDate, t.Subject",
        (account_id,),
    )
    return own or (None,) * 5, people, tasks


def _prop(table: str, name: str) -> str:
    return _PROPS.format(table=table, name=name)


def _full_name(table: str) -> str:
    first, last = (f"coalesce({_prop(table, name)}, '')" for name in ("firstname", "lastname"))
    return f"trim({first} || ' ' || {last})"


def _loudest_in_portal(state: State) -> str | None:
    company = _prop("r", "associatedcompanyid")
    found: str | None = state.value(
        f"select {company} as company from hub_record r where kind = 'contacts' and archived = 0"
        f" and {_prop('r', 'closedloop_score')} is not null and company is not null group by company"
        " order by count(*) desc, (select count(*) from hub_link l join hub_record t on t.id = l.b and t.archived = 0"
        " where l.a = company and l.b_kind = 'tasks') desc, company limit 1"
    )
    return found


def _company(state: State, company_id: str | None) -> Row:
    names = ("name", "closedloop_score", "closedloop_score_on", "closedloop_voices", "closedloop_open_actions")
    numbers = {"closedloop_score", "closedloop_voices", "closedloop_open_actions"}
    shown = (f"cast({_prop('r', one)} as real)" if one in numbers else _prop("r", one) for one in names)
    statement = f"select {', '.join(shown)} from hub_record r where id = ? and kind = 'companies' and archived = 0"
    return state.row(statement, (company_id,)) or (None,) * 5


def _in_portal(state: State, wanted: str | None) -> tuple[Row, list[Row], list[Row]]:
    company = wanted or _loudest_in_portal(state)
    people = state.rows(
        f"select {_full_name('r')} as name, {_prop('r', 'jobtitle')}, {_prop('r', 'feedback_level')},"
        f" cast({_prop('r', 'closedloop_score')} as real) as score, {_prop('r', 'closedloop_answered_on')}"
        " from hub_record r where kind = 'contacts' and archived = 0"
        f" and {_prop('r', 'associatedcompanyid')} = ? order by score is null, name",
        (company,),
    )
    return _company(state, company), people, _portal_tasks(state, company)


def _portal_tasks(state: State, company: str | None) -> list[Row]:
    contact = (
        f"(select {_full_name('c')} from hub_link m join hub_record c on c.id = m.b"
        " where m.a = t.id and m.b_kind = 'contacts' order by c.id limit 1)"
    )
    is_done = f"{_prop('t', 'hs_task_status')} = 'COMPLETED'"
    return state.rows(
        f"select {_prop('t', 'hs_task_subject')}, {is_done} as is_done,"
        f" {_prop('t', 'hs_timestamp')} as due, {_prop('t', 'hs_task_completion_date')},"
        f" (select trim(o.first || ' ' || o.last) from hub_owner o where o.id = {_prop('t', 'hubspot_owner_id')}),"
        f" {contact}, {_COMMENT.format(crm='hubspot', id='cast(t.id as text)')}"
        " from (select distinct b from hub_link where a = ? and b_kind = 'tasks') l"
        " join hub_record t on t.id = l.b and t.archived = 0 order by is_done, due, 1",
        (company,),
    )
