"""Reads a company or a contact of the portal for its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from adapters.sandbox.hubspot import links, rows
from adapters.sandbox.hubspot.catalogue import OWN_GROUP
from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS, NOTES, TASKS, TICKETS, Kind, find_kind
from adapters.sandbox.hubspot.property import Property
from adapters.sandbox.hubspot.rows import LIVE, Row
from adapters.sandbox.hubspot.schema import Schema
from adapters.sandbox.record_page.portal_tickets import ticket, ticket_order
from adapters.sandbox.record_page.sight import (
    AccountSight,
    Line,
    NoteSight,
    PersonSight,
    RecordSight,
    TaskSight,
    lines_of_html,
    number,
    parted,
)
from adapters.sandbox.state import State
from adapters.sandbox.zone import day_shown, moment_shown

CRM = "hubspot"
_UNSEEN = ("hs_object_", "hs_merged_", "hs_calculated_", "hs_lastmodified", "lastmodified", "firstname", "lastname")
_COMPANY_IDS = ("associatedcompanyid", "hs_parent_company_id")
_LONGEST = 18
"""Digits of an id: more than SQLite's whole numbers can hold is nobody's."""
_RANK = {"Executive": 0, "Manager": 1, "User": 2}


def href(kind: Kind, record_id: int) -> str:
    """Where the page of a record is."""
    return f"/_sandbox/records/{CRM}/{kind.name}/{record_id}"


def read(state: State, schema: Schema, word: str, text: str) -> RecordSight:
    """The record as its page shows it, for an id that was merged the winner's; raises LookupError where is none."""
    kind = find_kind(word)
    if kind is None or kind not in (COMPANIES, CONTACTS):
        raise LookupError(f"there are pages of companies and contacts, not of {word}")
    number_ = int(text) if text.isdecimal() and len(text) <= _LONGEST else -1
    row = rows.resolve(state, kind, number_) or rows.get(state, kind, number_)
    if row is None:
        raise LookupError(f"no {kind.singular} has the id {text}")
    properties = schema.of(kind)
    end = (kind, row.id)
    return RecordSight(
        CRM,
        id=str(row.id),
        kind=kind.singular.capitalize(),
        title=_title(kind, row.props),
        subtitle=" · ".join(part for part in _subtitle(state, kind, row.props) if part),
        ours=tuple(_line(state, one, row) for one in properties.values() if one.group == OWN_GROUP),
        fields=_others(state, properties, row),
        people=_people(state, row.id) if kind is COMPANIES else None,
        tasks=tuple(_task(state, one) for one in _linked(state, end, TASKS, _task_order)),
        service=TICKETS.name.capitalize(),
        cases=tuple(
            ticket(one, _people_of(state, (TICKETS, one.id))) for one in _linked(state, end, TICKETS, ticket_order)
        ),
        contracts=None,
        notes=tuple(_note(state, one) for one in _linked(state, end, NOTES, _note_order)),
        hold_until=row.props.get("closedloop_hold_until", ""),
        hold_reason=row.props.get("closedloop_hold_reason", ""),
        is_gone=row.archived != LIVE,
    )


def with_voices(state: State, limit: int) -> list[AccountSight]:
    """The live companies that the most people have answered for."""
    found = state.rows(
        "select id from hub_record where kind = 'companies' and archived = 0"
        " and cast(json_extract(props, '$.closedloop_voices') as real) > 0"
        " order by cast(json_extract(props, '$.closedloop_voices') as real) desc, json_extract(props, '$.name')"
        " limit ?",
        (limit,),
    )
    return [account(state, row[0]) for row in found]


def account(state: State, company_id: int) -> AccountSight:
    """A company with what the loop says of it; raises LookupError where there is none."""
    row = rows.get(state, COMPANIES, company_id)
    if row is None:
        raise LookupError(f"no company has the id {company_id}")
    score, voices, actions = (number(row.props.get(f"closedloop_{one}")) for one in ("score", "voices", "open_actions"))
    return AccountSight(
        _title(COMPANIES, row.props),
        href=href(COMPANIES, company_id),
        score=score,
        voices=voices,
        open_actions=actions,
        hold_until=row.props.get("closedloop_hold_until", ""),
    )


def _title(kind: Kind, props: Mapping[str, str]) -> str:
    if kind is COMPANIES:
        return props.get("name") or "(no name)"
    return " ".join(props[one] for one in ("firstname", "lastname") if one in props) or "(no name)"


def _subtitle(state: State, kind: Kind, props: Mapping[str, str]) -> tuple[str, ...]:
    if kind is CONTACTS:
        return (props.get("jobtitle", ""), _company_name(state, props.get("associatedcompanyid", "")))
    words = (props.get(one, "").replace("_", " ").capitalize() for one in ("type", "industry"))
    return (*words, f"Tier {props['tier']}" if "tier" in props else "")


def _others(state: State, properties: Mapping[str, Property], row: Row) -> tuple[Line, ...]:
    shown = (one for one in properties.values() if one.group != OWN_GROUP and not one.name.startswith(_UNSEEN))
    return tuple(line for line in (_line(state, one, row) for one in shown) if line.value)


def _line(state: State, one: Property, row: Row) -> Line:
    value = row.props.get(one.name, "")
    label = one.label.removesuffix(" ID")
    if not value:
        return Line(label, "")
    if one.reference == "OWNER":
        return Line(label, _owner(state, value))
    if one.name in _COMPANY_IDS:
        return Line(label, _company_name(state, value), href(COMPANIES, int(value)))
    if one.options:
        return Line(label, dict(one.options).get(value, value))
    if one.type == "number":
        return Line(label, number(value))
    return Line(label, moment_shown(value) if one.type == "datetime" else value)


def _owner(state: State, owner_id: str) -> str:
    found = state.row("select first, last from hub_owner where id = ?", (owner_id,))
    return " ".join(part for part in found if part) if found else ""


def _company_name(state: State, company_id: str) -> str:
    row = (
        rows.get(state, COMPANIES, int(company_id)) if company_id.isdecimal() and len(company_id) <= _LONGEST else None
    )
    return _title(COMPANIES, row.props) if row else ""


def _people(state: State, company_id: int) -> tuple[PersonSight, ...]:
    found = state.rows(
        f"select {rows.COLUMNS} from hub_record where kind = 'contacts' and archived = 0"
        " and json_extract(props, '$.associatedcompanyid') = ?",
        (str(company_id),),
    )
    people = [_person(rows.read(one)) for one in found]
    return tuple(sorted(people, key=lambda one: (_RANK.get(one.level, 3), one.name, one.href)))


def _person(row: Row) -> PersonSight:
    return PersonSight(
        _title(CONTACTS, row.props),
        href=href(CONTACTS, row.id),
        title=row.props.get("jobtitle", ""),
        level=row.props.get("closedloop_level") or row.props.get("feedback_level") or "unknown",
        score=number(row.props.get("closedloop_score")),
        answered_on=row.props.get("closedloop_answered_on", ""),
    )


def _linked(state: State, end: tuple[Kind, int], kind: Kind, order: Callable[[Row], Any]) -> list[Row]:
    found = (rows.get(state, kind, one) for one in links.between(state, end, kind))
    return sorted((one for one in found if one is not None), key=order)


def _task_order(row: Row) -> tuple[bool, int, str]:
    """Open ones first, in each part those due last first."""
    due = day_shown(row.props.get("hs_timestamp"))
    newest_first = -date.fromisoformat(due).toordinal() if due else 0
    return (row.props.get("hs_task_status") == "COMPLETED", newest_first, row.props.get("hs_task_subject", ""))


def _people_of(state: State, end: tuple[Kind, int]) -> str:
    people = [rows.get(state, CONTACTS, one) for one in links.between(state, end, CONTACTS)]
    return ", ".join(_title(CONTACTS, one.props) for one in people if one)


def _note_order(row: Row) -> str:
    return row.props.get("hs_timestamp", "")


def _task(state: State, row: Row) -> TaskSight:
    text, written = parted(lines_of_html(row.props.get("hs_task_body")))
    return TaskSight(
        row.props.get("hs_task_subject", "(no subject)"),
        is_done=row.props.get("hs_task_status") == "COMPLETED",
        status=row.props.get("hs_task_status", "").replace("_", " ").capitalize(),
        due_on=day_shown(row.props.get("hs_timestamp")),
        done_on=day_shown(row.props.get("hs_task_completion_date")),
        owner=_owner(state, row.props.get("hubspot_owner_id", "")),
        person=_people_of(state, (TASKS, row.id)),
        text=text,
        written=written,
    )


def _note(state: State, row: Row) -> NoteSight:
    owner = _owner(state, row.props.get("hubspot_owner_id", ""))
    return NoteSight(day_shown(row.props.get("hs_timestamp")), owner, lines_of_html(row.props.get("hs_note_body")))
