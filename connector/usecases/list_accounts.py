"""The list of accounts: what was asked for in words, one page of it, and where the pages around it are."""

from dataclasses import dataclass

from connector.domain.programs import Policy
from connector.ports.clock import Clock
from connector.ports.storage.unit import Storage
from connector.ports.storage.viewing import AccountOrder, AccountPage, AccountQuery
from connector.usecases.full_voices import Scale, relationship_scale

PAGE = 50
SEARCH_LIMIT = 100
"""Characters of a search: no name of an account is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountList:
    """One page of accounts, and what can be asked for; pages are numbered from 1."""

    query: AccountQuery
    found: AccountPage
    types: tuple[str, ...]
    number: int
    pages: int
    scale: Scale | None


def list_accounts(
    *, storage: Storage, policy: Policy, clock: Clock, text: str, relationship: str, order: str, page: int
) -> AccountList:
    """Accounts by a part of their name, relationship type and order; what is unknown of these counts as not said."""
    types = tuple(rule.type for rule in policy.relationships)
    number = max(1, page)
    query = AccountQuery(
        text=" ".join(text.split())[:SEARCH_LIMIT],
        relationship=relationship if relationship in types else None,
        order=AccountOrder(order) if order in list(AccountOrder) else AccountOrder.VOICES,
        limit=PAGE,
        offset=(number - 1) * PAGE,
    )
    with storage.snapshot() as unit:
        found = unit.views.accounts(query, rules=policy.relationships, today=policy.organisation.day_of(clock.now()))
    pages = max(1, -(-found.total // PAGE))
    return AccountList(
        query=query, found=found, types=types, number=number, pages=pages, scale=relationship_scale(policy)
    )
