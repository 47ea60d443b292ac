"""What is written and what each row's receipt says; over HTTP to a small server of the test."""

from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

import pytest

from adapters.hubspot.mapping import converter_for
from adapters.hubspot.writing import push_writes
from connector.domain.records import FactType, RecordKind
from connector.ports.crm import Receipt, Write
from connector.ports.errors import CrmMissingField, Verdict
from tests.adapters.hubspot.small_portal import Answer, Portal, client_of, failing

READ = {
    "ours.score": converter_for("", FactType.NUMBER, described={"type": "number"}, zone=UTC),
    "ours.answered_on": converter_for("", FactType.DATE, described={"type": "date"}, zone=UTC),
}


def pushed(portal: Portal, writes: list[Write]) -> list[Receipt]:
    return push_writes(client_of(portal), RecordKind.CONTACT, writes, max_batch=100, read=READ)  # type: ignore[arg-type]


def scores(*ids: str) -> list[Write]:
    return [Write(key=f"k{crm_id}", crm_id=crm_id, values={"score": 8.5}) for crm_id in ids]


@dataclass(slots=True)
class Contacts:
    """Batch read and update over a few contacts; `bad` values are refused with the whole batch, `merged` left out."""

    shown: dict[str, dict[str, str | None]]
    bad: set[str] = field(default_factory=set)
    merged: set[str] = field(default_factory=set)
    updates: list[list[str]] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: Any) -> Answer:
        ids = [one["id"] for one in body["inputs"]]
        missing = [crm_id for crm_id in ids if crm_id not in self.shown and crm_id not in self.merged]
        told = {"category": "OBJECT_NOT_FOUND", "message": "Could not get some objects.", "context": {"ids": missing}}
        if path.endswith("/batch/update"):
            self.updates.append(ids)
            if self.bad & set(ids):
                return 400, {}, {"status": "error", "message": "5.5 is too odd.", "category": "VALIDATION_ERROR"}
            for one in body["inputs"]:
                if one["id"] in self.shown:
                    self.shown[one["id"]] |= one["properties"]
        results = [{"id": crm_id, "properties": self.shown[crm_id]} for crm_id in ids if crm_id in self.shown]
        if missing:
            return 207, {}, {"results": results, "numErrors": 1, "errors": [told]}
        return 200, {}, {"results": list(reversed(results))}


def test_what_is_shown_already_in_another_form_is_not_written_again(portal: Portal) -> None:
    shown = {"1": {"closedloop_score": "8.50", "closedloop_answered_on": "1774915200000"}}
    contacts = portal.answer = Contacts(shown=dict(shown))
    write = Write(key="k", crm_id="1", values={"score": 8.5, "answered_on": date(2026, 3, 31)})
    assert pushed(portal, [write]) == [Receipt(key="k", crm_id="1")]
    assert contacts.updates == []


def test_a_refused_batch_is_halved_until_the_bad_row_stands_alone(portal: Portal) -> None:
    ids = [str(number) for number in range(1, 9)]
    contacts = portal.answer = Contacts(shown={crm_id: {} for crm_id in ids}, bad={"6"})
    refused = Receipt(
        key="k6", crm_id="6", verdict=Verdict.SKIP, message="VALIDATION_ERROR: a rule of the portal refuses the record"
    )
    expected = [refused if crm_id == "6" else Receipt(key=f"k{crm_id}", crm_id=crm_id) for crm_id in ids]
    assert pushed(portal, scores(*ids)) == expected
    assert contacts.updates == [ids, ids[:4], ids[4:], ids[4:6], ["5"], ["6"], ids[6:]]


def test_a_missing_row_fails_by_its_code_and_one_left_out_in_silence_with_ours(portal: Portal) -> None:
    portal.answer = Contacts(shown={"1": {}}, merged={"2"})
    silent, missing = pushed(portal, scores("1", "2", "3"))[1:]
    assert (silent.verdict, "merged into another" in silent.message) == (Verdict.SKIP, True)
    assert (missing.verdict, missing.message) == (
        Verdict.SKIP,
        "OBJECT_NOT_FOUND: the record is missing or hidden from the access token",
    )


def test_a_record_named_twice_goes_into_two_calls(portal: Portal) -> None:
    contacts = portal.answer = Contacts(shown={"1": {}})
    writes = [Write(key=key, crm_id="1", values={"score": value}) for key, value in (("a", 1.0), ("b", 2.0))]
    assert pushed(portal, writes) == [Receipt(key="a", crm_id="1"), Receipt(key="b", crm_id="1")]
    assert contacts.updates == [["1"], ["1"]]


def test_a_property_that_is_gone_stops_the_push_instead_of_failing_row_by_row(portal: Portal) -> None:
    contacts = Contacts(shown={"1": {}, "2": {}})
    portal.answer = lambda method, path, body: (
        failing("missing property", times=1)(method, path, body)
        if path.endswith("/batch/update")
        else contacts(method, path, body)
    )
    with pytest.raises(CrmMissingField, match="closedloop_score is missing"):
        pushed(portal, scores("1", "2"))
    assert [path for path in portal.asked if path.endswith("/batch/update")] == [
        "POST /crm/objects/2026-03/contacts/batch/update"
    ]
