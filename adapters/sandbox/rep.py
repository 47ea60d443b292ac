"""What a rep sees: one account and its people with their scores, in words that no vendor owns."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.state import State


def loudest_account(state: State) -> dict[str, Any]:
    """The Salesforce account with the most scored contacts, those with a score first; `account` None where none is."""
    found = state.row(
        'select a.Id, a.Name from "Account" a join "Contact" c on c.AccountId = a.Id'
        " where c.IsDeleted = 0 and c.Closedloop_Score__c is not null"
        " group by a.Id order by count(*) desc, a.Id limit 1"
    )
    account_id, name = found or (None, None)
    people = state.rows(
        "select Name, Title, Feedback_Level__c, Closedloop_Score__c, Closedloop_Answered_On__c"
        ' from "Contact" where AccountId = ? and IsDeleted = 0 order by Closedloop_Score__c is null, Name',
        (account_id,),
    )
    words = ("name", "title", "level", "score", "answered_on")
    return {"crm": "salesforce", "account": name, "contacts": [dict(zip(words, row, strict=True)) for row in people]}
