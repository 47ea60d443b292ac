"""Fields that reps fill in: read where they are, told of where they are not."""

from datetime import UTC, date, tzinfo
from typing import Any

from adapters.salesforce.layout import Gap, layout_of
from adapters.salesforce.mapping import REP_FACTS
from adapters.salesforce.rep_fields import rep_gaps
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.write_back import REP_FIELDS

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
OPTED_OUT = {"name": "HasOptedOutOfEmail", "type": "boolean"}
ALL = [
    OPTED_OUT,
    {"name": "Closedloop_Hold_Until__c", "type": "date"},
    {"name": "Closedloop_Hold_Reason__c", "type": "textarea"},
    {"name": "Closedloop_Level__c", "type": "picklist"},
    {"name": "Closedloop_Left_Company__c", "type": "boolean"},
]


def utc() -> tzinfo:
    return UTC


def described(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Contact", "replicateable": True, "fields": list(fields)}


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
    layout = layout_of(CONTACT, described(*ALL), sources={}, write_fields=(), zone=utc)
    record = {
        "Id": "0035e00001AbCdEAAV",
        "SystemModstamp": "2026-05-01T07:25:37.000+0000",
        "Closedloop_Hold_Until__c": "2026-06-30",
        "Closedloop_Hold_Reason__c": "Legal case",
        "Closedloop_Level__c": " Executive ",
        "Closedloop_Left_Company__c": True,
    }
    (row,) = layout.rows([record])
    found = dict(zip(layout.words, row, strict=True))
    words = ("hold_until", "hold_reason", "rep_level", "left_company")
    assert tuple(found[word] for word in words) == (date(2026, 6, 30), "Legal case", "executive", True)


def test_missing_rep_fields_stop_nothing_and_are_told_with_what_to_create() -> None:
    assert rep_gaps(CONTACT, described(*ALL), sources={}) == []
    layout = layout_of(ACCOUNT, described(), sources={}, write_fields=(), zone=utc)
    assert [gap.word for gap in layout.gaps if gap.word.startswith("hold")] == []
    start = "is missing or hidden: what reps would say there is not heard; create it as"
    end = "let reps edit it, and grant the integration user read access"
    assert rep_gaps(CONTACT, described(OPTED_OUT), sources={}) == [
        Gap(word=word, message=f"Contact.{name} ({label}) {start} {kind}, {end}", is_required=False)
        for word, name, label, kind in (
            ("hold_until", "Closedloop_Hold_Until__c", "Hold until", "Date"),
            ("hold_reason", "Closedloop_Hold_Reason__c", "Hold reason", "Text"),
            ("rep_level", "Closedloop_Level__c", "Level", "Picklist (Executive, Manager, User)"),
            ("left_company", "Closedloop_Left_Company__c", "Left company", "Checkbox"),
        )
    ]


def test_a_fact_that_the_admin_reads_from_elsewhere_needs_no_field_of_ours() -> None:
    hold = Fact(kind=CONTACT, word="hold_until", type=FactType.DATE)
    gaps = rep_gaps(CONTACT, described(OPTED_OUT), sources={hold: "Contact.Pause__c"})
    assert [gap.word for gap in gaps] == ["hold_reason", "rep_level", "left_company"]


def test_a_rep_field_of_the_wrong_type_is_left_out_and_warned_of() -> None:
    wrong = {"name": "Closedloop_Hold_Until__c", "type": "string"}
    layout = layout_of(CONTACT, described(OPTED_OUT, wrong), sources={}, write_fields=(), zone=utc)
    (gap,) = (gap for gap in layout.gaps if gap.word == "hold_until")
    assert "hold_until" not in layout.words
    assert gap == Gap(
        word="hold_until",
        message="contact.hold_until reads Contact.Closedloop_Hold_Until__c, a field of type string; expected a date",
        is_required=False,
        is_missing=False,
    )
