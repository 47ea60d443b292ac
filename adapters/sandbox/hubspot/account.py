"""The portal itself: its details, its tokens, its owners and its pipelines."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from hashlib import blake2b
from typing import Any
from uuid import UUID

from adapters.sandbox import zone
from adapters.sandbox.hubspot.catalogue import PIPELINE_LABELS, PIPELINES
from adapters.sandbox.hubspot.errors import Refusal, bad_credentials, not_found
from adapters.sandbox.hubspot.kinds import TICKETS, find_kind
from adapters.sandbox.hubspot.numbers import portal_id, user_id
from adapters.sandbox.hubspot.records import APP_ID
from adapters.sandbox.hubspot.ticket_stages import ticket_pipelines
from adapters.sandbox.hubspot.times import shown
from adapters.sandbox.state import State
from adapters.sandbox.wire import Call
from adapters.sandbox.world.population import OWNERS, Plan

SCOPES = (
    "crm.objects.companies.read crm.objects.companies.write crm.objects.contacts.read crm.objects.contacts.write"
    " crm.objects.deals.read crm.objects.owners.read crm.schemas.companies.write crm.schemas.contacts.write"
    " crm.schemas.deals.read tickets"
).split()
_SINCE = "2019-03-04T09:00:00Z"


def access_token(plan: Plan) -> str:
    """The token of the portal's service key; fixed by the seed."""
    return f"pat-eu1-{UUID(bytes=blake2b(f'service key {plan.seed}'.encode(), digest_size=16).digest(), version=4)}"


@dataclass(frozen=True, slots=True)
class Account:
    """Answers what is asked about the portal rather than about its records."""

    state: State
    _: KW_ONLY
    plan: Plan

    def details(self) -> dict[str, Any]:
        """Who the portal is."""
        return {
            "portalId": portal_id(self.plan),
            "accountType": "STANDARD",
            "timeZone": zone.NAME,
            "companyCurrency": "EUR",
            "additionalCurrencies": [],
            "utcOffset": "+13:00",
            "utcOffsetMilliseconds": 46_800_000,
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "eu1",
        }

    def check(self, call: Call) -> None:
        """Use the caller's token once; raises a 401 for none, an unknown or a dead one."""
        scheme, _, text = call.headers.get("authorization", "").partition(" ")
        with self.state.change():
            kept = self.state.row("select requests_left from hub_token where token = ?", (text.strip(),))
            if scheme.lower() != "bearer" or kept is None or kept[0] == 0:
                raise bad_credentials()
            if kept[0] is not None:
                self.state.write("update hub_token set requests_left = requests_left - 1 where token = ?", (text,))

    def open_token(self) -> None:
        """Let the token of the ready line live; it does not age."""
        self.state.write("insert or replace into hub_token values (?, null)", (access_token(self.plan),))

    def expire_all(self) -> None:
        """Let every token die."""
        self.state.write("delete from hub_token")

    def expire_after(self, requests: int) -> None:
        """Let every token that lives now die after so many further requests."""
        self.state.write("update hub_token set requests_left = ?", (requests,))

    def introspected(self, text: str) -> dict[str, Any]:
        """What a token may do and for whom; raises a 404 for an unknown one."""
        if self.state.row("select 1 from hub_token where token = ?", (text,)) is None:
            raise not_found()  # unverified: what is said about an unknown token
        portal, user = portal_id(self.plan), user_id(self.plan, 0)
        return {
            "token": text,
            "user": f"crm.integration@{portal}.example",
            "hub_domain": f"{portal}.example",
            "scopes": SCOPES,
            "hub_id": portal,
            "app_id": int(APP_ID),
            "expires_in": 1800,
            "user_id": user,
            "token_type": "access",
        }

    def owners(self, call: Call) -> dict[str, Any]:
        """One page of owners; `archived` asks for the deactivated ones alone."""
        archived, mail = call.query.get("archived", "").lower() == "true", call.query.get("email")
        limit, after = int(call.query.get("limit", "100")), int(call.query.get("after") or 0)
        rows = self.state.rows(
            "select * from hub_owner where archived = ? and id >= ? and (? is null or email = lower(?))"
            " order by id limit ?",
            (int(archived), after, mail, mail, limit + 1),
        )
        answer: dict[str, Any] = {"results": [_owner(row) for row in rows[:limit]]}
        if len(rows) > limit:
            following = str(rows[limit][0])
            link = f"https://api.hubapi.com{call.path}?after={following}"
            answer["paging"] = {"next": {"after": following, "link": link}}
        return answer

    def owner(self, text: str, call: Call) -> dict[str, Any]:
        """One owner by id or by user id; raises a 404."""
        column = "user_id" if call.query.get("idProperty") == "userId" else "id"
        archived = call.query.get("archived", "").lower() == "true"
        row = self.state.row(f"select * from hub_owner where {column} = ? and archived = ?", (text, int(archived)))
        if row is None:
            raise not_found()
        return _owner(row)

    def pipelines(self, word: str) -> dict[str, Any]:
        """The pipelines of deals and tickets with their stages; other kinds have none here."""
        if find_kind(word) is TICKETS:
            return {"results": ticket_pipelines(_SINCE)}
        if word.lower() not in ("deals", "deal", "0-3"):
            raise Refusal(400, f"Unable to infer object type from: {word}")
        return {"results": [_pipeline(place, name) for place, name in enumerate(PIPELINES)]}


def owner_numbers() -> range:
    """The numbers of the portal's owners; they are the people who are users of the org."""
    return range(OWNERS)


def _owner(row: tuple[Any, ...]) -> dict[str, Any]:
    owner, user, email, first, last, created, updated, archived, team = row
    teams = [{"id": str(70_000_001), "name": team, "primary": True}] if team else []
    return {
        "id": str(owner),
        "email": email,
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": None if archived else user,
        "userIdIncludingInactive": user,
        "createdAt": shown(created),
        "updatedAt": shown(updated),
        "archived": bool(archived),
        **({"teams": teams} if teams else {}),
    }


def _pipeline(place: int, name: str) -> dict[str, Any]:
    stages = [
        {
            "label": label,
            "displayOrder": order,
            "metadata": {"isClosed": "true" if chance in (0.0, 1.0) else "false", "probability": str(chance)},
            "id": stage,
            "createdAt": _SINCE,
            "updatedAt": _SINCE,
            "archived": False,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }
        for order, (stage, label, chance) in enumerate(PIPELINES[name])
    ]
    return {
        "label": PIPELINE_LABELS[name],
        "displayOrder": place,
        "id": name,
        "stages": stages,
        "createdAt": _SINCE,
        "updatedAt": _SINCE,
        "archived": False,
    }
