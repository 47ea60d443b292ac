"""Customers who come back: no renewal and no contract, yet they have bought twice or more of late."""

from __future__ import annotations

from adapters.sandbox.state import State

_MOST, _EACH = 6, 2
"""How many such customers there are at most, and how many won opportunities each has more than chance gave it."""


def begin(state: State) -> None:
    """Let won opportunities of others be those of customers who come back: neither kind grows in number."""
    customers = state.rows(
        "select a.Id, a.OwnerId, (select min(c.Id) from Contact c where c.AccountId = a.Id) from Account a"
        " where a.Type = 'Customer' and a.Renewal_Date__c is null and a.Tier__c != 'A' and a.ARR__c < 250000"
        " and a.Id not in (select AccountId from Contract) and a.Id not in (select id from story_record)"
        " order by a.Id limit ?",
        (_MOST,),
    )
    won = state.rows(
        "select o.Id from Opportunity o join Account a on a.Id = o.AccountId where o.IsWon = 1"
        " and a.Type != 'Customer' order by o.Id limit ?",
        (_EACH * len(customers),),
    )
    with state.change() as connection:
        for place, (deal,) in enumerate(won):
            account, owner, contact = customers[place // _EACH]
            connection.execute(
                "update Opportunity set AccountId = ?, OwnerId = ?, ContactId = case when ContactId is null then null"
                " else ? end where Id = ?",
                (account, owner, contact, deal),
            )
