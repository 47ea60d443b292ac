"""The control pages under /_sandbox/: look into the world, turn the clock, switch faults. JSON, without sign-in."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any

from adapters.sandbox import tasks
from adapters.sandbox.clock import Clock, TurnedBack
from adapters.sandbox.doubles import doubles
from adapters.sandbox.faults import UnknownFault
from adapters.sandbox.hubspot.pages import Pages
from adapters.sandbox.mail import Inbox, summary
from adapters.sandbox.moods import mood, moods
from adapters.sandbox.people import People
from adapters.sandbox.rep import account_seen
from adapters.sandbox.salesforce.catalogue import OBJECTS, find_object
from adapters.sandbox.salesforce.fields import Field, SObject
from adapters.sandbox.salesforce.ids import long_id
from adapters.sandbox.salesforce.shape import printed
from adapters.sandbox.snapshot import snapshot
from adapters.sandbox.state import State
from adapters.sandbox.switches import Switches
from adapters.sandbox.turning import Turning
from adapters.sandbox.wire import Answer, Call, compact

_JSON = {"Content-Type": "application/json"}


class _Missing(Exception):
    """Nothing is kept at this path."""


@dataclass(frozen=True, slots=True)
class Control:
    """Answers every request below /_sandbox."""

    state: State
    _: KW_ONLY
    clock: Clock
    inbox: Inbox
    people: People
    switches: Switches
    turning: Turning
    portal: Pages

    def answer(self, call: Call) -> Answer:
        """JSON with 200, or 400, 404, 405 or 409 with the reason under `error`."""
        try:
            return self._answer(call)
        except (_Missing, LookupError) as error:
            return _reply(404, {"error": str(error)})
        except TurnedBack as error:
            return _reply(409, {"error": str(error)})
        except (UnknownFault, ValueError, TypeError, AttributeError) as error:
            return _reply(400, {"error": f"{type(error).__name__}: {error}"})

    def _answer(self, call: Call) -> Answer:
        parts = tuple(part for part in call.path.split("/") if part)[1:]
        match (call.method, *parts):
            case ("GET",):
                payload: Any = self._about()
            case ("GET", "clock"):
                payload = self._now()
            case ("POST", "clock"):
                payload = self._turn(_body(call))
            case ("GET", "counts"):
                payload = self.counts()
            case ("GET", "mails"):
                payload = self.inbox.listing(_limit(call))
            case ("GET", "mails", number):
                return self._mail(number)
            case ("GET", "answers"):
                payload = list(self.people.answers(_limit(call)))
            case ("POST", "people", "act"):
                acted = self.turning.act(everything=bool(_body(call).get("all", False)))
                payload = {"acted": acted, "waiting": self.people.waiting()}
            case ("GET", "rep"):
                payload = account_seen(self.state, call.query.get("crm", "salesforce"), call.query.get("account"))
            case ("GET", "records", name) if _in_portal(call):
                payload = self.portal.listing(name, call.query, _limit(call))
            case ("GET", "records", name, record_id) if _in_portal(call):
                payload = self.portal.record(name, record_id)
            case ("GET", "records", name):
                payload = self._listing(_object(name), call)
            case ("GET", "records", name, record_id):
                payload = self._record(_object(name), long_id(record_id))
            case ("GET", "moods"):
                payload = self._moods(call)
            case ("GET", "doubles"):
                payload = doubles(self.state)
            case ("GET", "snapshot"):
                payload = snapshot(self.state, call.query.get("crm", "salesforce"))
            case ("POST", "faults"):
                values = _body(call)
                payload = self.switches.on(str(values.pop("name", "")), values)
            case ("DELETE", "faults"):
                payload = self.switches.off()
            case _:
                raise _Missing(f"nothing answers {call.method} {call.path}")
        return _reply(200, payload)

    def counts(self) -> dict[str, Any]:
        """How often what was asked for, counted by the server itself."""
        mail, people = self.state.tallies("mail."), self.state.tallies("people.")
        return {
            **{crm: self._of_crm(crm) for crm in ("salesforce", "hubspot")},
            "mail": {name: mail.get(name, 0) for name in ("received", "scanner_requests", "scanner_refused")},
            "people": {
                **{name: people.get(name, 0) for name in ("answers_posted", "answers_ok", "answers_again")},
                "unsubscribed": people.get("unsubscribed", 0),
                "waiting": self.people.waiting(),
            },
        }

    def _of_crm(self, crm: str) -> dict[str, Any]:
        found = self.state.tallies(f"{crm}.")
        return {
            "requests": found.get("requests", 0),
            "by_kind": self.state.tallies(f"{crm}.by_kind."),
            "rows_written": found.get("rows_written", 0),
            **tasks.count(self.state, crm),
        }

    def _moods(self, call: Call) -> list[dict[str, Any]]:
        seed, address = self.people.seed, call.query.get("address")
        if address is not None:
            return [mood(self.state, seed, address, self.clock.now())]
        return moods(self.state, seed, self.clock.now(), limit=_limit(call))

    def _about(self) -> dict[str, Any]:
        rows = {
            obj.name: self.state.value(f'select count(*) from "{obj.name}" where IsDeleted = 0')
            for obj in OBJECTS.values()
        }
        about = "A sandbox: everything here is invented, every name and every address. Nothing leaves this machine."
        return {
            "about": about,
            "world": self.state.meta("plan"),
            **self._now(),
            "rows": rows,
            "portal_rows": self.portal.counts(),
            "counts": self.counts(),
        }

    def _now(self) -> dict[str, str]:
        return {"now": _iso(self.clock.now())}

    def _turn(self, values: dict[str, Any]) -> dict[str, str]:
        instant = datetime.fromisoformat(values["now"]) if isinstance(values.get("now"), str) else None
        if instant is None or instant.tzinfo is None:
            raise ValueError('give the instant with its zone: {"now": "2026-01-06T06:00:00Z"}')
        self.turning.turn(instant)
        return self._now()

    def _mail(self, number: str) -> Answer:
        mail = self.inbox.get(int(number)) if number.isdigit() else None
        if mail is None:
            raise _Missing(f"no mail has the number {number}")
        raw = self.state.value("select raw from mail where id = ?", (mail.id,))
        return _reply(200, {**summary(mail), "raw": raw.decode("utf-8", "replace")})

    def _record(self, obj: SObject, record_id: str) -> dict[str, Any]:
        """A record as its page shows it: labels, and names instead of ids."""
        names = ", ".join(f'"{one.name}"' for one in obj.fields)
        row = self.state.row(f'select {names} from "{obj.name}" where Id = ?', (record_id,))
        if row is None:
            raise _Missing(f"no {obj.name} has the id {record_id}")
        values = {one.name: printed(one, value) for one, value in zip(obj.fields, row, strict=True)}
        shown = {
            one.label.removesuffix(" ID"): self._named(one, values[one.name]) if one.target else values[one.name]
            for one in obj.fields
            if one.type != "id"
        }
        return {"object": obj.name, "id": record_id, "shown": shown, "values": values}

    def _named(self, link: Field, record_id: str | None) -> str | None:
        names = (self.state.value(f'select Name from "{one}" where Id = ?', (record_id,)) for one in link.targets)
        return next((str(name) for name in names if name is not None), None)

    def _listing(self, obj: SObject, call: Call) -> list[dict[str, Any]]:
        """Live rows by id; every query parameter but limit and offset asks for a field's value."""
        where, values = ["1"] if call.query.get("deleted") == "true" else ["IsDeleted = 0"], list[Any]()
        for name, value in call.query.items():
            found = obj.field(name)
            if found is None and name not in ("limit", "offset", "deleted", "crm"):
                raise ValueError(f"{obj.name} has no field {name!r}")
            if found is not None:
                where.append(f'cast("{found.name}" as text) = ?')
                values.append({"true": "1", "false": "0"}.get(value, value) if found.type == "boolean" else value)
        names = ", ".join(f'"{one.name}"' for one in obj.fields)
        rows = self.state.rows(
            f'select {names} from "{obj.name}" where {" and ".join(where)} order by Id limit ? offset ?',
            (*values, _limit(call), int(call.query.get("offset", "0"))),
        )
        return [{one.name: printed(one, cell) for one, cell in zip(obj.fields, row, strict=True)} for row in rows]


def _object(name: str) -> SObject:
    obj = find_object(name)
    if obj is None:
        raise _Missing(f"no object is called {name}")
    return obj


def _in_portal(call: Call) -> bool:
    return call.query.get("crm") == "hubspot"


def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _limit(call: Call) -> int:
    return int(call.query.get("limit", "100"))


def _body(call: Call) -> dict[str, Any]:
    body = call.json() if call.body else {}
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def _reply(status: int, payload: Any) -> Answer:
    return Answer(status, body=compact(payload), headers=_JSON)
