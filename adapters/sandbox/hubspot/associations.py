"""Associations as resources of their own: read in batches and singly, made, replaced and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from adapters.sandbox.clock import Clock
from adapters.sandbox.hubspot import links
from adapters.sandbox.hubspot.errors import Refusal, invalid, not_found
from adapters.sandbox.hubspot.kinds import Kind
from adapters.sandbox.hubspot.rows import resolve
from adapters.sandbox.hubspot.times import kept, shown
from adapters.sandbox.state import State

Reply = tuple[int, Any]
_MOST_READ, _MOST_MADE, _MOST_ARCHIVED = 1_000, 2_000, 100
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Associations:
    """Answers everything about associations from one kind to another."""

    state: State
    _: KW_ONLY
    clock: Clock

    def read(self, a: Kind, b: Kind, inputs: Sequence[dict[str, Any]]) -> Reply:
        """For each record what it is associated with; having none is an entry among the errors."""
        _check_size(inputs, _MOST_READ)
        results, errors = [], []
        for one in inputs:
            record_id = str(one.get("id"))
            found = self._targets(a, b, record_id)
            if found:
                results.append({"from": {"id": record_id}, **_paged(found, one)})
            else:
                errors.append(_none(a, b, record_id).entry())
        return self._reply(200, results, errors)

    def of_record(self, a: Kind, b: Kind, record_id: str) -> Reply:
        """What one record is associated with; an empty list when it is with nothing."""
        return 200, {"results": self._targets(a, b, record_id)}

    def make(self, a: Kind, b: Kind, inputs: Sequence[dict[str, Any]]) -> Reply:
        """New associations with the types each input names."""
        _check_size(inputs, _MOST_MADE)
        results, errors = [], []
        for one in inputs:
            near, far = str(one["from"]["id"]), str(one["to"]["id"])
            try:
                results.append(self.replace(a, near, b, far, one.get("types") or [])[1])
            except Refusal as refusal:
                errors.append(refusal.entry())
        return self._reply(201, results, errors)

    def replace(self, a: Kind, near: str, b: Kind, far: str, types: Sequence[dict[str, Any]]) -> Reply:
        """Let exactly these types (and the plain one) stand between two records."""
        numbers = [int(one["associationTypeId"]) for one in types]
        self._put(a, near, b, far, numbers)
        known = links.types_of(a, b)
        return 201, {
            "fromObjectTypeId": a.type_id,
            "fromObjectId": int(near),
            "toObjectTypeId": b.type_id,
            "toObjectId": int(far),
            "labels": [label for label in (known[number] for number in numbers) if label],
        }

    def default(self, a: Kind, b: Kind, pairs: Sequence[tuple[str, str]]) -> Reply:
        """Plain associations, told of from both sides."""
        results = []
        for near, far in pairs:
            self._put(a, near, b, far, [])
            for one, other, kinds in ((near, far, (a, b)), (far, near, (b, a))):
                number = links.PLAIN[(kinds[0].name, kinds[1].name)]
                spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}
                results.append({"from": {"id": one}, "to": {"id": other}, "associationSpec": spec})
        return self._reply(200, results, [])

    def archive(self, a: Kind, near: str, b: Kind, far: str, types: Sequence[dict[str, Any]] | None = None) -> Reply:
        """Take an association away, or only some of its types."""
        if near.isdigit() and far.isdigit():
            numbers = None if types is None else [int(one["associationTypeId"]) for one in types]
            links.drop(self.state, (a, int(near)), (b, int(far)), at=self.clock.now(), type_ids=numbers)
        return 204, None

    def archive_many(self, a: Kind, b: Kind, inputs: Sequence[dict[str, Any]], *, labels_only: bool) -> Reply:
        """Take many associations away; each input may name several targets."""
        _check_size(inputs, _MOST_ARCHIVED)
        for one in inputs:
            targets = one["to"] if isinstance(one["to"], list) else [one["to"]]
            for target in targets:
                types = one.get("types") or [] if labels_only else None
                self.archive(a, str(one["from"]["id"]), b, str(target["id"]), types)
        return 204, None

    def labels(self, a: Kind, b: Kind) -> Reply:
        """The types there are between two kinds."""
        found = [{"category": "HUBSPOT_DEFINED", "typeId": number, "label": label} for number, label in _known(a, b)]
        return 200, {"results": found}

    def _put(self, a: Kind, near: str, b: Kind, far: str, numbers: Sequence[int]) -> None:
        known = links.types_of(a, b)
        if not known or not set(numbers) <= known.keys():
            raise invalid(f"No such association type between {a.name} and {b.name}")  # unverified: the text
        if a is b and near == far:
            raise invalid(f"Object {near} cannot be associated to itself ({far})")
        for kind, text in ((a, near), (b, far)):
            if not text.isdigit() or resolve(self.state, kind, int(text)) is None:
                text = f"{text} is not a valid {kind.legacy} id"  # unverified: the text
                raise invalid(text, sub_category="crm.associations.INVALID_IDENTIFIER")
        links.put(self.state, (a, int(near)), (b, int(far)), numbers, at=self.clock.now())

    def _targets(self, a: Kind, b: Kind, record_id: str) -> list[dict[str, Any]]:
        known = links.types_of(a, b)
        if not known:
            raise not_found()
        if not record_id.isdigit():
            return []
        return [
            {
                "toObjectId": other,
                "associationTypes": [
                    {"category": "HUBSPOT_DEFINED", "typeId": number, "label": known[number]} for number in numbers
                ],
            }
            for other, numbers in links.between(self.state, (a, int(record_id)), b).items()
        ]

    def _reply(self, good: int, results: Sequence[Any], errors: Sequence[dict[str, Any]]) -> Reply:
        now = shown(kept(self.clock.now()))
        answer: dict[str, Any] = {"status": "COMPLETE", "results": list(results), "startedAt": now, "completedAt": now}
        return (207, {**answer, "numErrors": len(errors), "errors": list(errors)}) if errors else (good, answer)


def _known(a: Kind, b: Kind) -> list[tuple[int, str | None]]:
    return sorted(links.types_of(a, b).items())


def _paged(found: list[dict[str, Any]], one: dict[str, Any]) -> dict[str, Any]:
    """A page of the targets of one record; more of them are asked for with the same id and `after`."""
    begin = int(one.get("after") or 0)
    page: dict[str, Any] = {"to": found[begin : begin + _PAGE]}
    return {**page, "paging": {"next": {"after": str(begin + _PAGE)}}} if begin + _PAGE < len(found) else page


def _none(a: Kind, b: Kind, record_id: str) -> Refusal:
    return Refusal(
        404,
        f"No {b.singular} is associated with {a.singular} {record_id}.",
        category="OBJECT_NOT_FOUND",
        sub_category="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={"fromObjectId": [record_id], "fromObjectType": [a.singular], "toObjectType": [b.singular]},
    )


def _check_size(inputs: Sequence[Any], most: int) -> None:
    if len(inputs) > most:
        raise invalid(f"A batch takes at most {most} inputs")  # unverified: the text
