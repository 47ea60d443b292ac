"""Reads an account or a contact of the org for its page."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.record_page.org_service import cases, contracts
from adapters.sandbox.record_page.sight import (
    AccountSight,
    Line,
    PersonSight,
    RecordSight,
    TaskSight,
    lines_of,
    number,
    parted,
)
from adapters.sandbox.salesforce.catalogue import ACCOUNT, CASE, CONTACT, find_object
from adapters.sandbox.salesforce.fields import NUMBER_TYPES, Field, SObject
from adapters.sandbox.state import State
from adapters.sandbox.zone import day_shown, moment_shown

CRM = "salesforce"
_OURS = "Closedloop_"
_UNSEEN = {"IsDeleted", "MasterRecordId", "CreatedById", "LastModifiedById", "SystemModstamp", "FirstName", "LastName"}


def href(kind: str, record_id: str) -> str:
    """Where the page of a record is."""
    return f"/_sandbox/records/{CRM}/{kind}/{record_id}"


def read(state: State, kind: str, record_id: str) -> RecordSight:
    """The record as its page shows it; raises LookupError where there is none."""
    obj = find_object(kind)
    if obj not in (ACCOUNT, CONTACT):
        raise LookupError(f"there are pages of Account and Contact, not of {kind}")
    assert obj is not None  # noqa: S101 - for the type checker
    names = ", ".join(f'"{one.name}"' for one in obj.fields)
    row = state.row(f'select {names} from "{obj.name}" where Id = ?', (record_id,))
    if row is None:
        raise LookupError(f"no {obj.name} has the id {record_id}")
    values = dict(zip((one.name for one in obj.fields), row, strict=True))
    is_account = obj is ACCOUNT
    return RecordSight(
        CRM,
        id=record_id,
        kind=obj.label,
        title=values["Name"] or "(no name)",
        subtitle=" · ".join(part for part in _subtitle(state, values, is_account) if part),
        ours=tuple(_line(state, one, values) for one in obj.fields if one.name.startswith(_OURS)),
        fields=_others(state, obj, values),
        people=_people(state, record_id) if is_account else None,
        tasks=_tasks(state, "AccountId" if is_account else "WhoId", record_id),
        service=CASE.plural,
        cases=cases(state, "AccountId" if is_account else "ContactId", record_id),
        contracts=contracts(state, record_id) if is_account else None,
        notes=None,
        hold_until=values["Closedloop_Hold_Until__c"] or "",
        hold_reason=values["Closedloop_Hold_Reason__c"] or "",
        is_gone=bool(values["IsDeleted"]),
    )


def with_voices(state: State, limit: int) -> list[AccountSight]:
    """The live accounts that the most people have answered for."""
    rows = state.rows(
        "select Id from Account where IsDeleted = 0 and Closedloop_Voices__c > 0"
        " order by Closedloop_Voices__c desc, Name limit ?",
        (limit,),
    )
    return [account(state, row[0]) for row in rows]


def account(state: State, record_id: str) -> AccountSight:
    """An account with what the loop says of it; raises LookupError where there is none."""
    row = state.row(
        "select Name, Closedloop_Hold_Until__c, Closedloop_Score__c, Closedloop_Voices__c, Closedloop_Open_Actions__c"
        " from Account where Id = ?",
        (record_id,),
    )
    if row is None:
        raise LookupError(f"no Account has the id {record_id}")
    name, hold_until, *figures = row
    score, voices, actions = (number(one) for one in figures)
    return AccountSight(
        name,
        href=href("Account", record_id),
        score=score,
        voices=voices,
        open_actions=actions,
        hold_until=hold_until or "",
    )


def _subtitle(state: State, values: dict[str, Any], is_account: bool) -> tuple[str, ...]:
    if is_account:
        return (
            values["Type"] or "",
            values["Industry"] or "",
            f"Tier {values['Tier__c']}" if values["Tier__c"] else "",
        )
    employer = state.value("select Name from Account where Id = ?", (values["AccountId"],))
    return (values["Title"] or "", employer or "")


def _others(state: State, obj: SObject, values: dict[str, Any]) -> tuple[Line, ...]:
    shown = [one for one in obj.fields if not one.name.startswith(_OURS) and one.name not in _UNSEEN]
    lines = (_line(state, one, values) for one in shown if one.type != "id")
    return tuple(line for line in lines if line.value)


def _line(state: State, field: Field, values: dict[str, Any]) -> Line:
    value, label = values[field.name], field.label.removesuffix(" ID")
    if field.type == "reference":
        return _link(state, field, label, value)
    if field.type == "boolean":
        return Line(label, "Yes" if value else "No")
    if field.type in NUMBER_TYPES:
        return Line(label, number(value))
    if field.type == "datetime" and value:
        return Line(label, moment_shown(value))
    return Line(label, str(value or ""))


def _link(state: State, field: Field, label: str, value: str | None) -> Line:
    for target in field.targets:
        name = state.value(f'select Name from "{target}" where Id = ?', (value,))
        if name is not None:
            return Line(label, name, href(target, str(value)) if target == "Account" else "")
    return Line(label, "")


def _people(state: State, account_id: str) -> tuple[PersonSight, ...]:
    rows = state.rows(
        "select Id, Name, Title, coalesce(Closedloop_Level__c, Feedback_Level__c), Closedloop_Score__c,"
        " Closedloop_Answered_On__c from Contact where AccountId = ? and IsDeleted = 0"
        " order by case coalesce(Closedloop_Level__c, Feedback_Level__c) when 'Executive' then 0 when 'Manager' then 1"
        " when 'User' then 2 else 3 end, Name, Id",
        (account_id,),
    )
    return tuple(
        PersonSight(
            row[1] or "(no name)",
            href=href("Contact", row[0]),
            title=row[2] or "",
            level=row[3] or "unknown",
            score=number(row[4]),
            answered_on=row[5] or "",
        )
        for row in rows
    )


def _tasks(state: State, column: str, record_id: str) -> tuple[TaskSight, ...]:
    rows = state.rows(
        "select t.Subject, t.IsClosed, t.Status, t.ActivityDate, t.CompletedDateTime, u.Name, c.Name,"
        " t.Description from Task t left join User u on u.Id = t.OwnerId left join Contact c on c.Id = t.WhoId"
        f" where t.{column} = ? and t.IsDeleted = 0 order by t.IsClosed, t.ActivityDate desc, t.Subject, t.Id",
        (record_id,),
    )
    return tuple(_task(row) for row in rows)


def _task(row: tuple[Any, ...]) -> TaskSight:
    text, written = parted(lines_of(row[7]))
    return TaskSight(
        row[0] or "(no subject)",
        is_done=bool(row[1]),
        status=row[2] or "",
        due_on=row[3] or "",
        done_on=day_shown(row[4]),
        owner=row[5] or "",
        person=row[6] or "",
        text=text,
        written=written,
    )
