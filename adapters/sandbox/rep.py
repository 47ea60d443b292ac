"""What a rep sees: one account and its people with their scores, in words that no vendor owns."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.state import State

_WORDS = ("name", "title", "level", "score", "answered_on")


def loudest_account(state: State, crm: str = "salesforce") -> dict[str, Any]:
    """The CRM's account with the most scored contacts, those with a score first; `account` None where none is."""
    if crm not in ("salesforce", "hubspot"):
        raise ValueError(f"no CRM is called {crm!r}; there are: salesforce, hubspot")
    name, people = _in_org(state) if crm == "salesforce" else _in_portal(state)
    return {"crm": crm, "account": name, "contacts": [dict(zip(_WORDS, row, strict=True)) for row in people]}


def _in_org(state: State) -> tuple[str | None, list[tuple[Any, ...]]]:
    found = state.row(
        'select a.Id, a.Name from "Account" a join "Contact" c on c.AccountId = a.Id'
        " where c.IsDeleted = 0 and c.Closedloop_Score__c is not null group by a.Id"
        " order by count(*) desc, a.Id limit 1"
    )
    account_id, name = found or (None, None)
    people = state.rows(
        "select Name, Title, Feedback_Level__c, Closedloop_Score__c, Closedloop_Answered_On__c"
        ' from "Contact" where AccountId = ? and IsDeleted = 0 order by Closedloop_Score__c is null, Name',
        (account_id,),
    )
    return name, people


def _in_portal(state: State) -> tuple[str | None, list[tuple[Any, ...]]]:
    found = state.row(
        "select json_extract(props, '$.associatedcompanyid') as company from hub_record where kind = 'contacts'"
        " and archived = 0 and json_extract(props, '$.closedloop_score') is not null and company is not null"
        " group by company order by count(*) desc, company limit 1"
    )
    company = found[0] if found else None
    name = state.value("select json_extract(props, '$.name') from hub_record where id = ?", (company,))
    people = state.rows(
        "select trim(coalesce(json_extract(props, '$.firstname'), '') || ' ' || coalesce(json_extract(props,"
        " '$.lastname'), '')) as name, json_extract(props, '$.jobtitle'), json_extract(props, '$.feedback_level'),"
        " cast(json_extract(props, '$.closedloop_score') as real) as score,"
        " json_extract(props, '$.closedloop_answered_on') from hub_record where kind = 'contacts' and archived = 0"
        " and json_extract(props, '$.associatedcompanyid') = ? order by score is null, name",
        (company,),
    )
    return name, people
