"""The resources of the portal: each path, whatever version it names, leads to the part that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any

import orjson

from adapters.sandbox.hubspot.account import Account
from adapters.sandbox.hubspot.associations import Associations
from adapters.sandbox.hubspot.batches import Batches
from adapters.sandbox.hubspot.errors import Refusal, invalid, missing_scope
from adapters.sandbox.hubspot.kinds import COMPANIES, CONTACTS, USERS, Kind, find_kind
from adapters.sandbox.hubspot.merging import erase, merge
from adapters.sandbox.hubspot.numbers import user_id
from adapters.sandbox.hubspot.records import Records
from adapters.sandbox.hubspot.schema import Schema
from adapters.sandbox.hubspot.search import Search
from adapters.sandbox.wire import Call

Reply = tuple[int, Any]
_VERSIONS = {"v1", "v3", "v4", "2026-03"}
_PLACES = {
    "crm": ("objects", "associations", "properties", "owners", "pipelines", "schemas"),
    "crm-object-schemas": ("schemas",),
    "account-info": ("details",),
    "oauth": ("access-tokens", "token"),
}
_KINDS = (
    (r"\w+ objects/\w[\w-]*/search", "search"),
    (r"\w+ objects/[\w-]+/batch/(\w+)", "batch_{}"),
    (r"GET objects/[\w-]+", "list"),
    (r"POST objects/[\w-]+/merge", "merge"),
    (r"\w+ objects/[^/]+/[^/]+/associations/.*", "associations"),
    (r"GET objects/.*", "record_read"),
    (r"\w+ objects/.*", "record_write"),
    (r"\w+ associations/[^/]+/[^/]+/batch/read", "associations_read"),
    (r"GET associations/.*", "association_labels"),
    (r"\w+ associations/.*", "associations_write"),
    (r"GET properties/.*", "properties"),
    (r"\w+ properties/.*", "properties_write"),
    (r"GET owners.*", "owners"),
    (r"GET pipelines/.*", "pipelines"),
    (r"\w+ schemas.*", "schemas"),
    (r"GET details", "account_info"),
    (r"\w+ (access-tokens|token)/.*", "token"),
)
_COMPILED = tuple((re.compile(pattern), kind) for pattern, kind in _KINDS)


class WrongRoute(Exception):
    """Nothing is served at this path; the edge answers with a page, not with JSON."""


def parts_of(path: str) -> tuple[str, ...] | None:
    """The path without its version, from the resource's name on; None for a path that leads nowhere."""
    found = [part for part in path.split("/") if part]
    if len(found) < 3 or found[0] not in _PLACES:
        return None
    versioned = 1 if found[1] in _VERSIONS else 2
    if found[versioned] not in _VERSIONS:
        return None
    parts = (*found[1:versioned], *found[versioned + 1 :])
    return parts if parts and parts[0] in _PLACES[found[0]] else None


def kind_of(method: str, path: str) -> str:
    """Under which word a request is counted."""
    line = f"{method} {'/'.join(parts_of(path) or ())}"
    for pattern, word in _COMPILED:
        hit = pattern.fullmatch(line)
        if hit:
            return word.format(*hit.groups())
    return "other"


@dataclass(frozen=True, slots=True)
class Resources:
    """Answers signed-in requests."""

    records: Records
    _: KW_ONLY
    schema: Schema
    account: Account
    associations: Associations
    batches: Batches
    search: Search

    def answer(self, call: Call) -> Reply:
        """Status and payload; raises Refusal or WrongRoute."""
        parts = parts_of(call.path)
        for kind in filter(None, map(find_kind, parts or ())):
            if self.records.faults.hides_object(kind.name):
                raise missing_scope(kind.scope)
        match (call.method, *(parts or ())):
            case (_, "objects", a, record_id, "associations", *rest) if rest:
                return self._record_associations(call, _kind(a), record_id, rest)
            case (_, "objects", a, *rest):
                return self._objects(call, _kind(a), rest)
            case ("POST", "associations", a, b, "batch", *rest):
                return self._associations(call, _kind(a), _kind(b), "/".join(rest))
            case ("GET", "associations", a, b, "labels"):
                return self.associations.labels(_kind(a), _kind(b))
            case (_, "properties", a, *rest):
                return self._properties(call, _kind(a), rest)
            case _:
                return self._account(call, parts or ())

    def _account(self, call: Call, parts: tuple[str, ...]) -> Reply:
        match (call.method, *parts):
            case ("GET", "owners"):
                return 200, self.account.owners(call)
            case ("GET", "owners", owner):
                return 200, self.account.owner(owner, call)
            case ("GET", "pipelines", a):
                return 200, self.account.pipelines(a)
            case ("GET", "details"):
                return 200, self.account.details()
            case ("GET", "schemas"):
                return 200, {"results": []}
            case ("GET", "access-tokens", token):
                return 200, self.account.introspected(token)
            case ("POST", "token", "introspect"):  # unverified: the body's name for the token
                return 200, self.account.introspected(str(_body(call).get("token", "")))
        raise WrongRoute

    def _objects(self, call: Call, kind: Kind, rest: list[str]) -> Reply:
        match (call.method, *rest):
            case ("GET",):
                return 200, self.search.listed(kind, call)
            case ("POST",):
                return self._create(kind, _body(call))
            case ("POST", "search"):
                return 200, self.search.found(kind, _body(call), size=len(call.body))
            case ("POST", "batch", word):
                return self._batch(kind, word, _body(call))
            case ("POST", "merge") if kind in (CONTACTS, COMPANIES):
                return self._merge(kind, _body(call))
            case ("POST", "gdpr-delete") if kind is CONTACTS:
                return self._erase(kind, _body(call))
            case ("GET", text):
                return self._read(call, kind, text)
            case ("PATCH", text):
                return self._update(call, kind, text)
            case ("DELETE", text):
                with self.records.state.change():
                    self.records.archive(kind, text)
                return 204, None
        raise WrongRoute

    def _read(self, call: Call, kind: Kind, text: str) -> Reply:
        row = self.records.existing(kind, text, id_property=call.query.get("idProperty"))
        shown = self.records.shown(kind, row, call.listed("properties"))
        return 200, {**shown, **self.search.associated(kind, row, call)}

    def _create(self, kind: Kind, body: dict[str, Any]) -> Reply:
        _check_creatable(kind)
        with self.records.state.change():
            row = self.records.create(kind, body.get("properties") or {}, body.get("associations") or ())
        return 201, self.records.shown(kind, row, None)

    def _update(self, call: Call, kind: Kind, text: str) -> Reply:
        values = _body(call).get("properties") or {}
        with self.records.state.change():
            row = self.records.existing(kind, text, id_property=call.query.get("idProperty"))
            changed = self.records.update(kind, row, values)
        return 200, self.records.shown(kind, changed, list(values))

    def _batch(self, kind: Kind, word: str, body: dict[str, Any]) -> Reply:
        if word in ("create", "upsert"):
            _check_creatable(kind)
        acts: dict[str, Callable[[Kind, dict[str, Any]], Reply]] = {
            "read": self.batches.read,
            "create": self.batches.create,
            "update": self.batches.update,
            "upsert": self.batches.upsert,
            "archive": self.batches.archive,
        }
        if word not in acts:
            raise WrongRoute
        return acts[word](kind, body)

    def _merge(self, kind: Kind, body: dict[str, Any]) -> Reply:
        primary, other = str(body.get("primaryObjectId")), str(body.get("objectIdToMerge"))
        if primary == other:
            raise invalid("A record cannot be merged into itself")  # unverified: the text
        with self.records.state.change():
            ids = [self.records.existing(kind, text).id for text in (primary, other)]
            row = merge(self.records.state, self.records.plan, kind, ids[0], ids[1], at=self.records.clock.now())
            self.records.state.count("hubspot.rows_written")
        return 200, self.records.shown(kind, row, None)

    def _erase(self, kind: Kind, body: dict[str, Any]) -> Reply:
        row = self.records.find(kind, str(body.get("objectId")), id_property=body.get("idProperty"))
        if row is not None:
            erase(self.records.state, kind, row.id, at=self.records.clock.now())
        return 204, None

    def _record_associations(self, call: Call, a: Kind, near: str, rest: list[str]) -> Reply:
        found = self.associations
        with self.records.state.change():
            match (call.method, *rest):
                case ("GET", b):
                    return found.of_record(a, _kind(b), near)
                case ("PUT", "default", b, far):
                    return found.default(a, _kind(b), [(near, far)])
                case ("PUT", b, far):
                    return found.replace(a, near, _kind(b), far, orjson.loads(call.body or b"[]"))
                case ("DELETE", b, far):
                    return found.archive(a, near, _kind(b), far)
        raise WrongRoute

    def _associations(self, call: Call, a: Kind, b: Kind, word: str) -> Reply:
        inputs, found = list(_body(call).get("inputs") or []), self.associations
        with self.records.state.change():
            match word:
                case "read":
                    return found.read(a, b, inputs)
                case "create":
                    return found.make(a, b, inputs)
                case "associate/default":
                    pairs = [(str(one["from"]["id"]), str(one["to"]["id"])) for one in inputs]
                    return found.default(a, b, pairs)
                case "archive" | "labels/archive":
                    return found.archive_many(a, b, inputs, labels_only=word != "archive")
        raise WrongRoute

    def _properties(self, call: Call, kind: Kind, rest: list[str]) -> Reply:
        user = str(user_id(self.records.plan, 0))
        match (call.method, *rest):
            case ("GET",):
                return 200, {"results": self.schema.entries(kind)}
            case ("GET", "groups"):
                return 200, {"results": self.schema.groups(kind)}
            case ("POST", "groups"):
                return 201, self.schema.create_group(kind, _body(call))
            case ("POST", "batch", "create"):
                return self._properties_batch(kind, _body(call), user)
            case ("POST",):
                return 201, self.schema.create(kind, _body(call), user=user)
            case ("GET", name):
                return 200, self.schema.entry(kind, name)
            case ("DELETE", name):
                self.schema.remove(kind, name)
                return 204, None
        raise WrongRoute

    def _properties_batch(self, kind: Kind, body: dict[str, Any], user: str) -> Reply:
        results, errors = [], []
        for one in body.get("inputs") or []:
            try:
                results.append(self.schema.create(kind, one, user=user))
            except Refusal as refusal:
                errors.append(refusal.entry({"name": [str(one.get("name"))]}))
        answer: dict[str, Any] = {"status": "COMPLETE", "results": results}
        return (207, {**answer, "numErrors": len(errors), "errors": errors}) if errors else (201, answer)


def _check_creatable(kind: Kind) -> None:
    if kind is USERS:
        raise Refusal(405, "Users cannot be created by this API")  # unverified: status and text


def _kind(word: str) -> Kind:
    found = find_kind(word)
    if found is None:
        raise Refusal(400, f"Unable to infer object type from: {word}")
    return found


def _body(call: Call) -> dict[str, Any]:
    """The body as a JSON object; none at all is an empty one."""
    try:
        body = orjson.loads(call.body or b"{}")
    except orjson.JSONDecodeError as error:
        text = f"Invalid input JSON on line {error.lineno}, column {error.colno}: {error.msg}"
        raise Refusal(400, text) from None
    if not isinstance(body, dict):
        raise Refusal(400, "Invalid input JSON on line 1, column 1: an object was expected")
    return body
