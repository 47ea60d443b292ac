"""The record pages by HTTP: an index of the stories, a page for each account and contact, and their style sheet."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from adapters.sandbox.clock import Clock
from adapters.sandbox.hubspot.schema import Schema
from adapters.sandbox.record_page import org, portal
from adapters.sandbox.record_page.sight import AccountSight, RecordSight
from adapters.sandbox.salesforce.ids import long_id
from adapters.sandbox.state import State
from adapters.sandbox.wire import Answer, Call, compact
from adapters.sandbox.world import story_books
from adapters.sandbox.world.names import VENDOR
from adapters.sandbox.world.story import Story
from adapters.sandbox.world.story_so_far import SoFar, so_far
from adapters.sandbox.zone import NAME, day_of

INDEX = "/_sandbox/records"
LABELS = {org.CRM: "Salesforce", portal.CRM: "HubSpot"}
_OTHERS = 8
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class RecordPages:
    """Answers what a browser asks about records; without sign-in, as everything under /_sandbox."""

    state: State
    _: KW_ONLY
    clock: Clock
    schema: Schema

    def answer(self, call: Call) -> Answer | None:
        """The page of this path; None for a path that is none of ours."""
        parts = tuple(part for part in call.path.split("/") if part)[1:]
        match (call.method, *parts):
            case ("GET", "records"):
                return self._page("index.html", **self._index())
            case ("GET", "records.css"):
                return Answer(200, body=_style(), headers={"Content-Type": "text/css; charset=utf-8"})
            case ("GET", "stories"):
                return Answer(200, body=compact(self.stories()), headers={"Content-Type": "application/json"})
            case ("GET", "records", crm, kind, record_id):
                return self._record(crm, kind, record_id)
        return None

    def stories(self) -> list[dict[str, Any]]:
        """Every story with its account's records, each with its page and what the loop has written to it."""
        found: dict[str, dict[str, Any]] = {}
        for story, crm, record_id in story_books.accounts(self.state):
            if story.key not in found:
                known = self._so_far(story)
                told = {"key": story.key, "account": story.account, "line": story.line}
                found[story.key] = {**told, "so_far": known.line, "is_whole": known.is_whole, "records": []}
            found[story.key]["records"].append(self._told(crm, record_id))
        return list(found.values())

    def _told(self, crm: str, record_id: str) -> dict[str, Any]:
        account = self._account(crm, record_id)
        figures = {"score": account.score, "voices": account.voices, "open_actions": account.open_actions}
        return {"crm": crm, "id": record_id, "page": account.href, **figures}

    def _index(self) -> dict[str, Any]:
        told: dict[str, dict[str, Any]] = {}
        for story, crm, record_id in story_books.accounts(self.state):
            entry = told.setdefault(story.key, {"story": story, "so_far": self._so_far(story), "accounts": []})
            entry["accounts"].append((LABELS[crm], self._account(crm, record_id)))
        others = {
            LABELS[org.CRM]: org.with_voices(self.state, _OTHERS),
            LABELS[portal.CRM]: portal.with_voices(self.state, _OTHERS),
        }
        return {"told": list(told.values()), "others": {label: some for label, some in others.items() if some}}

    def _account(self, crm: str, record_id: str) -> AccountSight:
        return org.account(self.state, record_id) if crm == org.CRM else portal.account(self.state, int(record_id))

    def _record(self, crm: str, kind: str, record_id: str) -> Answer:
        try:
            seen = self._seen(crm, kind, record_id)
        except LookupError as error:
            return self._page("missing.html", status=404, reason=str(error.args[0]))
        story = story_books.story_of(self.state, crm, [seen.id])
        known = None if story is None else self._so_far(story)
        is_held = self._is_held(seen.hold_until)
        return self._page("record.html", seen=seen, so_far=known, label=LABELS[crm], is_held=is_held)

    def _so_far(self, story: Story) -> SoFar:
        own = [self._account(crm, one) for told, crm, one in story_books.accounts(self.state) if told.key == story.key]
        return so_far(self.state, story, is_held=any(self._is_held(one.hold_until) for one in own))

    def _is_held(self, until: str) -> bool:
        return until >= day_of(self.clock.now()).isoformat()

    def _seen(self, crm: str, kind: str, record_id: str) -> RecordSight:
        if crm == org.CRM:
            return org.read(self.state, kind, long_id(record_id))
        if crm == portal.CRM:
            return portal.read(self.state, self.schema, kind, record_id)
        raise LookupError(f"no CRM is called {crm}; there are {' and '.join(LABELS)}")

    def _page(self, template: str, *, status: int = 200, **words: Any) -> Answer:
        around = {"index": INDEX, "vendor": VENDOR, "today": day_of(self.clock.now()), "zone": NAME}
        text = _templates().get_template(template).render(**around, **words)
        return Answer(status, body=text.encode(), headers=_HEADERS)


@cache
def _style() -> bytes:
    return files("adapters.sandbox.record_page").joinpath("record.css").read_bytes()


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("adapters.sandbox.record_page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
