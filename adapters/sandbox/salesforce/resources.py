"""The resources below one API version: each path and method leads to the part that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from typing import Any

from adapters.sandbox.salesforce.catalogue import find_object
from adapters.sandbox.salesforce.describe import describe, describe_global, summary
from adapters.sandbox.salesforce.errors import Refusal, not_found
from adapters.sandbox.salesforce.fields import SObject
from adapters.sandbox.salesforce.query import Queries
from adapters.sandbox.salesforce.records import Records, collection, row_id, typed
from adapters.sandbox.salesforce.replication import Replication
from adapters.sandbox.salesforce.upserts import read_by, upsert, upsert_many
from adapters.sandbox.wire import Call

Reply = tuple[int, Any, dict[str, str]]
_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
_KINDS = (
    (r"\w+ /services/oauth2/token", "token"),
    (r"\w+ /services/oauth2/userinfo", "userinfo"),
    (r"\w+ /services/data", "versions"),
    (r"\w+ .*/v[\d.]+", "resources"),
    (r"\w+ .*/query(All)?", "query"),
    (r"\w+ .*/query(All)?/[^/]+", "query_page"),
    (r"\w+ .*/limits", "limits"),
    (r"\w+ .*/sobjects/[^/]+/describe", "describe"),
    (r"\w+ .*/sobjects/[^/]+/updated", "updated"),
    (r"\w+ .*/sobjects/[^/]+/deleted", "deleted"),
    (r"(POST|PATCH|DELETE) .*/composite/sobjects", "collections_write"),
    (r"PATCH .*/composite/sobjects/[^/]+/[^/]+", "collections_upsert"),
    (r"(GET|POST) .*/composite/sobjects/[^/]+", "collections_read"),
    (r"GET .*/sobjects", "sobjects"),
    (r"GET .*/sobjects/[^/]+", "sobject"),
    (r"GET .*/sobjects/[^/]+/[^/]+(/[^/]+)?", "record_read"),
    (r"PATCH .*/sobjects/[^/]+/[^/]+/[^/]+", "record_upsert"),
    (r"\w+ .*/sobjects/[^/]+(/[^/]+)?", "record_write"),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _KINDS)


def kind_of(method: str, path: str) -> str:
    """Under which word a request is counted."""
    line = f"{method} {path}"
    return next((kind for pattern, kind in _COMPILED if pattern.fullmatch(line)), "other")


@dataclass(frozen=True, slots=True)
class Request:
    """One signed-in request: the path below the version, and how much of today's limit is used."""

    call: Call
    _: KW_ONLY
    parts: tuple[str, ...]
    version: str
    used: int
    allowed: int

    def json(self) -> Any:
        """The body; raises UNSUPPORTED_MEDIA_TYPE or JSON_PARSER_ERROR."""
        if "json" not in self.call.headers.get("content-type", "application/json"):
            raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type")  # unverified: the text
        try:
            return self.call.json()
        except ValueError:
            raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected character in the request body") from None


@dataclass(frozen=True, slots=True)
class Resources:
    """Everything that needs a token."""

    queries: Queries
    _: KW_ONLY
    records: Records
    replication: Replication

    def answer(self, request: Request) -> Reply:
        """Status, payload (None for an empty body) and further headers; raises Refusal."""
        if any(self.records.faults.hides_object(part) for part in request.parts):
            raise not_found()
        methods = self._methods(request)
        method = methods.get(request.call.method)
        if method is None:
            text = f"HTTP Method '{request.call.method}' not allowed. Allowed are {', '.join(methods)}"
            raise Refusal(405, "METHOD_NOT_ALLOWED", text)
        return method(request)

    def _methods(self, request: Request) -> dict[str, Callable[[Request], Reply]]:
        """What may be done at the path; raises NOT_FOUND for a path that leads nowhere."""
        match [part.lower() for part in request.parts]:
            case []:
                return {"GET": _directory}
            case ["query" | "queryall"]:
                return {"GET": self._query}
            case ["query" | "queryall", _]:
                return {"GET": self._further}
            case ["limits"]:
                return {"GET": _limits}
            case ["sobjects"]:
                return {"GET": lambda request: (200, describe_global(request.version), {})}
            case ["sobjects", name]:
                obj = _object(name)
                return {"GET": partial(_sobject, obj), "POST": partial(self._create, obj)}
            case ["sobjects", name, "describe"]:
                return {"GET": partial(self._describe, _object(name))}
            case ["sobjects", name, "updated" | "deleted" as word]:
                return {"GET": partial(self._replicated, _object(name), word)}
            case ["sobjects", name, _]:
                obj = _object(name)
                return {
                    "GET": partial(self._read, obj),
                    "PATCH": partial(self._update, obj),
                    "DELETE": partial(self._delete, obj),
                }
            case ["sobjects", name, _, _]:
                obj = _object(name)
                return {"GET": partial(self._read_by, obj), "PATCH": partial(self._upsert, obj)}
            case ["composite", "sobjects", name, _]:
                return {"PATCH": partial(self._upsert_many, _object(name))}
            case ["composite", "sobjects"]:
                return {"POST": self._create_many, "PATCH": self._update_many, "DELETE": self._delete_many}
            case ["composite", "sobjects", name]:
                obj = _object(name)
                return {"GET": partial(self._read_many, obj), "POST": partial(self._read_many, obj)}
        raise not_found()

    def _query(self, request: Request) -> Reply:
        soql = request.call.query.get("q")
        if not soql:
            raise Refusal(400, "MALFORMED_QUERY", "unexpected token: '<EOF>'")
        asked = _BATCH.search(request.call.headers.get("sforce-query-options", ""))
        batch = int(asked.group(1)) if asked else 2000
        everything = request.parts[0].lower() == "queryall"
        return 200, self.queries.first(soql, everything=everything, batch=batch, version=request.version), {}

    def _further(self, request: Request) -> Reply:
        return 200, self.queries.further(request.parts[1], version=request.version), {}

    def _describe(self, obj: SObject, request: Request) -> Reply:
        faults, created = self.records.faults, self.records.plan.start
        changed = faults.schema_changed or created
        since = request.call.headers.get("if-modified-since")
        if since and _not_later(changed.timestamp(), since):
            return 304, None, {}
        return 200, describe(obj, faults, request.version), {"Last-Modified": format_datetime(changed, usegmt=True)}

    def _replicated(self, obj: SObject, word: str, request: Request) -> Reply:
        query = request.call.query
        if "start" not in query or "end" not in query:
            raise Refusal(400, "MISSING_ARGUMENT", "The start and end parameters are required")  # unverified
        answer = self.replication.updated if word == "updated" else self.replication.deleted
        return 200, answer(obj, query["start"], query["end"]), {}

    def _read(self, obj: SObject, request: Request) -> Reply:
        fields = _names(request.call.query.get("fields", ""))
        return 200, self.records.read(obj, request.parts[2], fields=fields, version=request.version), {}

    def _create(self, obj: SObject, request: Request) -> Reply:
        with self.records.state.change():
            record_id = self.records.create(obj, _mapping(request.json()))
        location = f"/services/data/v{request.version}/sobjects/{obj.name}/{record_id}"
        return 201, {"id": record_id, "success": True, "errors": []}, {"Location": location}

    def _update(self, obj: SObject, request: Request) -> Reply:
        with self.records.state.change():
            self.records.update(obj, request.parts[2], _mapping(request.json()))
        return 204, None, {}

    def _delete(self, obj: SObject, request: Request) -> Reply:
        with self.records.state.change():
            self.records.delete(obj, request.parts[2])
        return 204, None, {}

    def _create_many(self, request: Request) -> Reply:
        rows, all_or_none = _collected(request)
        answers = collection(
            self.records, rows, change=lambda row: self.records.create(typed(row), row), all_or_none=all_or_none
        )
        return 200, answers, {}

    def _update_many(self, request: Request) -> Reply:
        rows, all_or_none = _collected(request)
        answers = collection(
            self.records,
            rows,
            change=lambda row: self.records.update(typed(row), row_id(row), row),
            all_or_none=all_or_none,
        )
        return 200, answers, {}

    def _delete_many(self, request: Request) -> Reply:
        ids = _names(request.call.query.get("ids", ""))
        all_or_none = request.call.query.get("allOrNone", "false").lower() == "true"
        answers = collection(self.records, ids, change=self._delete_one, all_or_none=all_or_none)
        return 200, answers, {}

    def _delete_one(self, text: str) -> str:
        prefixes = {"001": "Account", "003": "Contact", "006": "Opportunity", "005": "User", "00T": "Task"}
        name = prefixes.get(text[:3])
        if name is None:
            raise Refusal(400, "MALFORMED_ID", f"bad id {text}")
        return self.records.delete(_object(name), text)

    def _read_by(self, obj: SObject, request: Request) -> Reply:
        fields = _names(request.call.query.get("fields", ""))
        _, _, key, value = request.parts
        return read_by(self.records, obj, key, value, fields=fields, version=request.version)

    def _upsert(self, obj: SObject, request: Request) -> Reply:
        only_update = request.call.query.get("updateOnly", "false").lower() == "true"
        return upsert(
            self.records,
            obj,
            request.parts[2],
            request.parts[3],
            values=_mapping(request.json()),
            version=request.version,
            only_update=only_update,
        )

    def _upsert_many(self, obj: SObject, request: Request) -> Reply:
        rows, all_or_none = _collected(request)
        return upsert_many(self.records, obj, request.parts[3], rows=rows, all_or_none=all_or_none)

    def _read_many(self, obj: SObject, request: Request) -> Reply:
        if request.call.method == "POST":
            body = _mapping(request.json())
            ids, fields = list(body.get("ids", [])), list(body.get("fields", []))
        else:
            ids, fields = (_names(request.call.query.get(name, "")) for name in ("ids", "fields"))
        return 200, self.records.read_many(obj, ids, fields=fields, version=request.version), {}


def _object(name: str) -> SObject:
    obj = find_object(name)
    if obj is None:
        raise not_found()
    return obj


def _sobject(obj: SObject, request: Request) -> Reply:
    return 200, {"objectDescribe": summary(obj, request.version), "recentItems": []}, {}


def _directory(request: Request) -> Reply:
    base = f"/services/data/v{request.version}"
    return 200, {name: f"{base}/{name}" for name in ("sobjects", "query", "queryAll", "limits", "composite")}, {}


def _limits(request: Request) -> Reply:
    left = request.allowed - request.used
    daily = {"DailyApiRequests": {"Max": request.allowed, "Remaining": left}}
    names = (
        "DailyBulkV2QueryJobs",
        "DailyBulkApiBatches",
        "DailyAsyncApexExecutions",
        "DataStorageMB",
        "FileStorageMB",
    )
    return 200, {**daily, **{name: {"Max": 10_000, "Remaining": 10_000} for name in names}}, {}


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _mapping(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Refusal(400, "JSON_PARSER_ERROR", "Expected an object in the request body")  # unverified: the text
    return body


def _collected(request: Request) -> tuple[list[Any], bool]:
    body = _mapping(request.json())
    rows = body.get("records")
    if not isinstance(rows, list):
        raise Refusal(400, "JSON_PARSER_ERROR", "Expected a list of records")  # unverified: the text
    for row in rows:
        typed(row)
    return rows, bool(body.get("allOrNone", False))


def _not_later(changed: float, since: str) -> bool:
    try:
        return changed <= parsedate_to_datetime(since).timestamp()
    except (ValueError, TypeError):
        return False
