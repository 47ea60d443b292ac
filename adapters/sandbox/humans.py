"""The people behind the records: all addresses of one human, whose contacts in the two CRMs may be linked."""

from __future__ import annotations

from urllib.parse import urlsplit

from adapters.sandbox.state import State

_IN_PORTAL = "json_extract(props, '$.email')"


def of_org_contact(state: State, contact_id: str | None) -> list[str]:
    """The addresses of a contact of the org and of the portal's contacts that are linked to it."""
    if contact_id is None:
        return []
    own = state.rows("select Email from Contact where Id = ?", (contact_id,))
    linked = state.rows(
        f"select {_IN_PORTAL} from hub_record where kind = 'contacts' and archived = 0"
        " and json_extract(props, '$.salesforcecontactid') = ? order by id",
        (contact_id,),
    )
    return [row[0].lower() for row in (*own, *linked) if row[0]]


def of_portal_contact(state: State, contact_id: int) -> list[str]:
    """The addresses of a contact of the portal and of the org's contact that it is linked to."""
    row = state.row(
        f"select {_IN_PORTAL}, json_extract(props, '$.salesforcecontactid') from hub_record where id = ?", (contact_id,)
    )
    mail, link = row or (None, None)
    linked = state.value("select Email from Contact where Id = ?", (link,))
    return [one.lower() for one in (mail, linked) if one]


def domain_of_account(state: State, account_id: str | None) -> str:
    """The mail domain of an account's people, empty where nothing tells it."""
    website = state.value("select Website from Account where Id = ?", (account_id,))
    return (urlsplit(website or "").hostname or "").removeprefix("www.")


def domain_of_company(state: State, company_id: int | None) -> str:
    """The mail domain of a company's people, empty where nothing tells it."""
    found = state.value("select json_extract(props, '$.domain') from hub_record where id = ?", (company_id,))
    return found or ""
