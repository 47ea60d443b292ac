"""Signing in: the client-credentials grant, the life of tokens and who a token stands for."""

from __future__ import annotations

import base64
import binascii
import time
from dataclasses import KW_ONLY, dataclass
from typing import Any
from urllib.parse import parse_qs

from adapters.sandbox.chance import token
from adapters.sandbox.clock import Clock
from adapters.sandbox.salesforce.errors import Refusal, bad_session
from adapters.sandbox.state import State
from adapters.sandbox.wire import Answer, Call, compact
from adapters.sandbox.world.population import Plan

TOKEN_LIFE = 2 * 3600.0  # seconds of real time


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client needs to sign in; fixed by the seed, so that a configuration can be written down."""

    client_id: str
    _: KW_ONLY
    client_secret: str
    access_token: str


def credentials(plan: Plan) -> Credentials:
    """The credentials of the plan's org."""
    org = plan.id("Organization", 0)[:15]
    return Credentials(
        "3MVG9" + token(80, plan.seed, "client id"),
        client_secret=token(64, plan.seed, "client secret").upper(),
        access_token=f"{org}!{token(90, plan.seed, 'access token')}",
    )


@dataclass(frozen=True, slots=True)
class Sessions:
    """All tokens that were handed out."""

    state: State
    _: KW_ONLY
    clock: Clock
    plan: Plan

    def sign_in(self, call: Call, base: str) -> Answer:
        """Answer a token request."""
        form = {name: values[0] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
        known = credentials(self.plan)
        client, secret = _client(call, form)
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type", "grant type not supported")
        if client != known.client_id:
            return _refused("invalid_client_id", "client identifier invalid")
        if secret != known.client_secret:
            return _refused("invalid_client", "invalid client credentials")  # unverified: code and text
        return Answer(200, body=compact(self._grant(base)), headers=_HEADERS)

    def _grant(self, base: str) -> dict[str, Any]:
        number = self.state.count("grants")
        org, user = self.plan.id("Organization", 0), self.plan.integration_user
        new = f"{org[:15]}!{token(90, self.plan.seed, 'grant', number)}"
        self.state.write("insert or replace into grant_ values (?, ?, null)", (new, time.time() + TOKEN_LIFE))
        return {
            "access_token": new,
            "signature": base64.b64encode(token(32, new).encode()).decode(),
            "scope": "api",
            "instance_url": base,
            "id": f"https://login.salesforce.com/id/{org}/{user}",
            "token_type": "Bearer",
            "issued_at": str(int(self.clock.now().timestamp() * 1000)),
            "api_instance_url": "https://api.salesforce.com",
        }

    def check(self, call: Call) -> None:
        """Let a request with a living token pass; raises INVALID_SESSION_ID or INVALID_AUTH_HEADER."""
        header = call.headers.get("authorization", "")
        scheme, _, text = header.partition(" ")
        if header and (scheme not in ("Bearer", "OAuth") or not text):
            raise Refusal(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        with self.state.change():
            kept = self.state.row("select until, requests_left from grant_ where token = ?", (text,))
            if kept is None or kept[0] < time.time() or kept[1] == 0:
                raise bad_session()
            if kept[1] is not None:
                self.state.write("update grant_ set requests_left = requests_left - 1 where token = ?", (text,))

    def open_fixed(self) -> None:
        """Let the token of the ready line live; it does not age."""
        fixed = credentials(self.plan).access_token
        self.state.write("insert or replace into grant_ values (?, 1e12, null)", (fixed,))

    def expire_all(self) -> None:
        """Let every token die, the one of the ready line too."""
        self.state.write("delete from grant_")

    def expire_after(self, requests: int) -> None:
        """Let every token that lives now die after so many further requests."""
        self.state.write("update grant_ set requests_left = ?", (requests,))

    def userinfo(self, base: str) -> dict[str, Any]:
        """Who the integration user is."""
        org, user = self.plan.id("Organization", 0), self.plan.integration_user
        row = self.state.row("select Username, Name, Email from User where Id = ?", (user,)) or ("", "", "")
        data = f"{base}/services/data/v{{version}}/"
        return {
            "sub": f"https://login.salesforce.com/id/{org}/{user}",
            "user_id": user,
            "organization_id": org,
            "preferred_username": row[0],
            "name": row[1],
            "email": row[2],
            "urls": {"rest": data, "query": f"{data}query/", "sobjects": f"{data}sobjects/"},
            "active": True,
            "user_type": "STANDARD",
            "is_salesforce_integration_user": True,
        }


_HEADERS = {"Content-Type": "application/json;charset=UTF-8", "Cache-Control": "no-store", "Pragma": "no-cache"}


def _refused(error: str, description: str) -> Answer:
    return Answer(400, body=compact({"error": error, "error_description": description}), headers=_HEADERS)


def _client(call: Call, form: dict[str, str]) -> tuple[str, str]:
    """Client id and secret from the Basic header or, without one, from the form."""
    scheme, _, text = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client, secret
