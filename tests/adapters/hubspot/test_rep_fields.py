"""Properties that reps fill in: read where they are, told of where they are not."""

from datetime import UTC, date
from typing import Any

from adapters.hubspot.layout import Gap, layout_of
from adapters.hubspot.mapping import REP_FACTS
from adapters.hubspot.rep_fields import rep_gaps
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.write_back import REP_FIELDS

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
OPTED_OUT = {"name": "hs_email_optout", "type": "bool"}
ALL = [
    OPTED_OUT,
    {"name": "closedloop_hold_until", "type": "date"},
    {"name": "closedloop_hold_reason", "type": "string"},
    {"name": "closedloop_level", "type": "enumeration"},
    {"name": "closedloop_left_company", "type": "bool"},
]


def test_every_rep_field_is_a_fact() -> None:
    assert sorted(REP_FACTS) == [
        "account.hold_reason",
        "account.hold_until",
        "contact.hold_reason",
        "contact.hold_until",
        "contact.left_company",
        "contact.rep_level",
    ]
    assert sorted(REP_FACTS.values(), key=repr) == sorted(REP_FIELDS, key=repr)


def test_what_a_rep_filled_in_becomes_facts() -> None:
    layout = layout_of(CONTACT, ALL, sources={}, write_fields=(), zone=UTC)
    values: dict[str, Any] = {
        "hs_email_optout": "",
        "closedloop_hold_until": "2026-06-30",
        "closedloop_hold_reason": "Legal case",
        "closedloop_level": "Executive",
        "closedloop_left_company": "true",
    }
    row = layout.row({"id": "1", "updatedAt": "2026-05-01T07:25:37Z", "properties": values}, links={})
    found = dict(zip(layout.words, row, strict=True))
    words = ("hold_until", "hold_reason", "rep_level", "left_company")
    assert tuple(found[word] for word in words) == (date(2026, 6, 30), "Legal case", "executive", True)


def test_missing_rep_fields_stop_nothing_and_are_told_with_what_to_create() -> None:
    assert rep_gaps(CONTACT, ALL, sources={}) == []
    layout = layout_of(ACCOUNT, [], sources={}, write_fields=(), zone=UTC)
    assert [gap.word for gap in layout.gaps if gap.word.startswith("hold")] == []
    start = "is missing or hidden: what reps would say there is not heard; create it as"
    assert rep_gaps(CONTACT, [OPTED_OUT], sources={}) == [
        Gap(word=word, message=f"contact.{name} ({label}) {start} {kind}, and let reps edit it", is_required=False)
        for word, name, label, kind in (
            ("hold_until", "closedloop_hold_until", "Hold until", "Date picker"),
            ("hold_reason", "closedloop_hold_reason", "Hold reason", "Single-line text"),
            ("rep_level", "closedloop_level", "Level", "Dropdown select (Executive, Manager, User)"),
            ("left_company", "closedloop_left_company", "Left company", "Single checkbox"),
        )
    ]


def test_a_fact_that_the_admin_reads_from_elsewhere_needs_no_property_of_ours() -> None:
    hold = Fact(kind=CONTACT, word="hold_until", type=FactType.DATE)
    gaps = rep_gaps(CONTACT, [OPTED_OUT], sources={hold: "contact.pause"})
    assert [gap.word for gap in gaps] == ["hold_reason", "rep_level", "left_company"]
