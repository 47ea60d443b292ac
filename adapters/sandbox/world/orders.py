"""Customers who come back: no renewal and no contract, yet they have bought twice or more of late.

Each of these orders names who gave it. The last one came some days before the start: whatever hour and zone it is,
somebody can be asked at once.
"""

from __future__ import annotations

from datetime import timedelta

from adapters.sandbox.state import State
from adapters.sandbox.world.population import Plan

_MOST, _EACH = 6, 2
"""How many such customers there are at most, and how many won opportunities each has more than chance gave it."""
_DAYS_AGO = (3, 2, 4)
"""How long ago the newest was won: Kea asks after three days, of a calendar that can be a day off from the start's."""


def begin(state: State, plan: Plan) -> None:
    """Let won opportunities of others be those of customers who come back: neither kind grows in number."""
    customers = state.rows(
        "select a.Id, a.OwnerId, (select min(c.Id) from Contact c where c.AccountId = a.Id"
        " and c.Email like '%.%@%' and c.HasOptedOutOfEmail = 0) from Account a"
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
                "update Opportunity set AccountId = ?, OwnerId = ?, ContactId = ? where Id = ?",
                (account, owner, contact, deal),
            )
            if place % _EACH == 0:
                ago = timedelta(days=_DAYS_AGO[place // _EACH % len(_DAYS_AGO)])
                day = (plan.start.date() - ago).isoformat()
                connection.execute("update Opportunity set CloseDate = ? where Id = ?", (day, deal))
