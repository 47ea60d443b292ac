"""Batches of records: read, create, update, upsert and archive, with what the portal does when a part fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from adapters.sandbox.clock import Clock
from adapters.sandbox.hubspot import rows
from adapters.sandbox.hubspot.errors import Refusal, invalid, missing_many
from adapters.sandbox.hubspot.kinds import Kind
from adapters.sandbox.hubspot.records import Records
from adapters.sandbox.hubspot.rows import LIVE, Row
from adapters.sandbox.hubspot.times import kept, shown

MOST_INPUTS = 100
Reply = tuple[int, Any]
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batches:
    """Answers the batch resources of a kind; bodies are decoded JSON objects."""

    records: Records
    _: KW_ONLY
    clock: Clock

    def read(self, kind: Kind, body: dict[str, Any]) -> Reply:
        """The records that are there, by id, and one entry about those that are not."""
        texts = [str(one.get("id")) for one in _inputs(body)]
        id_property = body.get("idProperty")
        found = {text: self.records.find(kind, text, id_property=id_property) for text in texts}
        wanted = list(body.get("properties") or [])
        # unverified: the old id of a merged record is answered here as a single read answers it.
        live = {row.id: row for row in found.values() if row is not None}
        results = [self.records.shown(kind, live[record_id], wanted) for record_id in sorted(live)]
        missing = [text for text, row in found.items() if row is None]
        return self._reply(200, results, [missing_many(kind.legacy, missing).entry()] if missing else [])

    def create(self, kind: Kind, body: dict[str, Any]) -> Reply:
        """New records; without a trace id on every input one failure fails all."""

        def one(given: dict[str, Any]) -> Result:
            row = self.records.create(kind, given.get("properties") or {}, given.get("associations") or ())
            return self.records.shown(kind, row, None)

        return self._each(201, _inputs(body), one)

    def update(self, kind: Kind, body: dict[str, Any]) -> Reply:
        """Changed records; unknown ids are told of, ids merged away are left out in silence."""
        inputs = _inputs(body)
        _check_unlike([str(one.get("id")) for one in inputs])
        id_property = next((one["idProperty"] for one in inputs if one.get("idProperty")), None)
        found = [(one, self._to_update(kind, str(one.get("id")), id_property)) for one in inputs]
        missing = [str(one.get("id")) for one, row in found if row is None]
        known = [{**one, "row": row} for one, row in found if row is not None and row.archived == LIVE]

        def change(given: dict[str, Any]) -> Result:
            values = given.get("properties") or {}
            row = self.records.update(kind, given["row"], values)
            return self.records.shown(kind, row, [name for name, value in values.items() if value is not None])

        # unverified: whether trace ids let an update go partly well, as they do for create and upsert.
        status, answer = self._each(200, known, change)
        if not missing:
            return status, answer
        return self._reply(
            200, answer["results"], [*answer.get("errors", []), missing_many(kind.legacy, missing).entry()]
        )

    def upsert(self, kind: Kind, body: dict[str, Any]) -> Reply:
        """Records found by a unique value and changed, or else created; each tells whether it is new."""
        inputs = _inputs(body)
        _check_unlike([str(one.get("id")) for one in inputs])

        def one(given: dict[str, Any]) -> Result:
            name, value = str(given.get("idProperty") or "hs_object_id"), str(given.get("id"))
            values = given.get("properties") or {}
            row = self.records.find(kind, value, id_property=name)
            if row is None and name == "hs_object_id":
                raise missing_many(kind.legacy, [value])
            if row is not None:
                changed = self.records.update(kind, row, values)
                return {**self.records.shown(kind, changed, list(values)), "new": False}
            made = self.records.create(kind, {**values, name: value}, given.get("associations") or ())
            return {**self.records.shown(kind, made, None), "new": True}

        return self._each(200, inputs, one)

    def archive(self, kind: Kind, body: dict[str, Any]) -> Reply:
        """All of them into the bin."""
        with self.records.state.change():
            for one in _inputs(body):
                self.records.archive(kind, str(one.get("id")))
        return 204, None

    def _to_update(self, kind: Kind, text: str, id_property: str | None) -> Row | None:
        """The row of an id, also a row that was merged away; None for an unknown or archived one."""
        if id_property:
            return self.records.find(kind, text, id_property=id_property)
        row = rows.get(self.records.state, kind, int(text)) if text.isdigit() else None
        return None if row is None or row.archived == rows.IN_BIN else row

    def _each(self, good: int, inputs: Sequence[dict[str, Any]], do: Callable[[dict[str, Any]], Result]) -> Reply:
        """Do it for each input: alone where all bear a trace id, else all or none."""
        traced = all(one.get("objectWriteTraceId") for one in inputs) and bool(inputs)
        results: list[Result] = []
        errors: list[dict[str, Any]] = []
        with self.records.state.change():
            for given in inputs:
                trace = {"objectWriteTraceId": given["objectWriteTraceId"]} if traced else {}
                try:
                    with self.records.state.change():
                        results.append({**do(given), **trace})
                except Refusal as refusal:
                    if not traced:
                        raise
                    errors.append(_entry(refusal, trace["objectWriteTraceId"]))
        results.sort(key=lambda one: int(one["id"]))
        return self._reply(good, results, errors)

    def _reply(self, good: int, results: Sequence[Result], errors: Sequence[dict[str, Any]]) -> Reply:
        now = shown(kept(self.clock.now()))
        answer: dict[str, Any] = {"status": "COMPLETE", "results": list(results), "startedAt": now, "completedAt": now}
        if not errors:
            return good, answer
        return 207, {**answer, "numErrors": len(errors), "errors": list(errors)}


def _entry(refusal: Refusal, trace: str) -> dict[str, Any]:
    existing = {"existingId": [str(refusal.existing)]} if refusal.existing else {}
    return refusal.entry({"objectWriteTraceId": [trace], **existing})


def _inputs(body: dict[str, Any]) -> list[dict[str, Any]]:
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs):
        raise invalid("inputs must be a list")  # unverified: the text
    if len(inputs) > MOST_INPUTS:
        raise invalid(f"A batch takes at most {MOST_INPUTS} inputs")  # unverified: the text
    return inputs


def _check_unlike(ids: Sequence[str]) -> None:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        text = f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
        raise invalid(text, context={"ids": twice})
