"""Salesforce's JSON <-> our rows, on invented payloads."""

import json
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest

from adapters.salesforce.layout import Gap, layout_of, write_gaps
from adapters.salesforce.mapping import (
    OBJECTS,
    SOURCES,
    field_of,
    id18,
    moment,
    moment_text,
    split_source,
    write_field_name,
    written_value,
)
from connector.domain.records import WELL_KNOWN, Fact, FactType, RecordKind
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import Field

CONTACT = RecordKind.CONTACT
LEVEL = Fact(kind=CONTACT, word="level", type=FactType.TEXT)
SEATS = Fact(kind=CONTACT, word="seats", type=FactType.NUMBER)


def utc() -> tzinfo:
    return UTC


def payload(name: str) -> Any:
    return json.loads((Path(__file__).parent / "payloads" / f"{name}.json").read_text())


def without(*names: str) -> dict[str, Any]:
    described = payload("contact_describe")
    return {**described, "fields": [field for field in described["fields"] if field["name"] not in names]}


def test_a_page_becomes_rows_of_our_words() -> None:
    sources = {LEVEL: "Contact.feedback_level__c", SEATS: "Contact.Seats__c"}
    layout = layout_of(CONTACT, payload("contact_describe"), sources=sources, write_fields=WRITE_FIELDS, zone=utc)
    stamp = datetime(2026, 5, 1, 7, 25, 37, tzinfo=UTC)
    words = "crm_id stamp name address title level opted_out bounced account owner seats ours.score ours.answered_on"
    assert layout.words == tuple(words.split())
    assert layout.gaps == ()
    assert layout.rows(payload("contact_page")["records"]) == [
        (
            "0035e00001AbCdEAAV",
            stamp,
            "Iris Malouf",
            "iris.malouf@kauri.example",
            "Chief Operating Officer",
            "executive",
            False,
            False,
            "0015e00000FgHiJAAV",
            "0055e000001kLmNAAU",
            12.0,
            8.5,
            date(2026, 4, 30),
        ),
        (
            "0035e00001AbCdFAAV",
            stamp,
            "Otto Brandt",
            None,
            None,
            None,
            True,
            True,
            None,
            "0055e000001kLmNAAU",
            None,
            None,
            None,
        ),
    ]


def test_two_words_may_read_one_field() -> None:
    role = Fact(kind=CONTACT, word="role", type=FactType.TEXT)
    layout = layout_of(CONTACT, payload("contact_describe"), sources={role: "Contact.Title"}, write_fields=(), zone=utc)
    assert layout.fields.count("Title") == 1
    assert {"title", "role"} <= set(layout.words)


def test_an_admins_source_stands_above_the_default() -> None:
    opt_out = Fact(kind=CONTACT, word="opted_out", type=FactType.BOOLEAN)
    layout = layout_of(
        CONTACT, without("HasOptedOutOfEmail"), sources={opt_out: "Contact.IsEmailBounced"}, write_fields=(), zone=utc
    )
    assert layout.gaps == ()
    assert [column.field for column in layout.columns if column.word == "opted_out"] == ["IsEmailBounced"]


def test_without_the_opt_out_field_there_is_a_required_gap_with_the_remedy() -> None:
    layout = layout_of(CONTACT, without("HasOptedOutOfEmail"), sources={}, write_fields=(), zone=utc)
    assert layout.gaps == (
        Gap(
            word="opted_out",
            message="Contact.HasOptedOutOfEmail (contact.opted_out) is missing or hidden from the integration user: "
            "without it people who opted out could be asked; grant it read access to the field, or map "
            "contact.opted_out to the field that holds the opt-out",
            is_required=True,
        ),
    )


def test_a_default_field_that_is_hidden_is_left_out_and_told() -> None:
    layout = layout_of(CONTACT, without("Title"), sources={}, write_fields=(), zone=utc)
    assert "title" not in layout.words
    assert [(gap.word, gap.is_required) for gap in layout.gaps] == [("title", False)]


def test_an_opportunity_without_a_contact_field_is_no_news() -> None:
    described = {"name": "Opportunity", "replicateable": True, "fields": []}
    layout = layout_of(RecordKind.OPPORTUNITY, described, sources={}, write_fields=(), zone=utc)
    assert "contact" not in [gap.word for gap in layout.gaps]


@pytest.mark.parametrize(
    ("fact", "source", "told"),
    [
        (SEATS, "Contact.Title", "contact.seats reads Contact.Title, a field of type string; expected a number"),
        (
            Fact(kind=CONTACT, word="seen_on", type=FactType.DATE),
            "Contact.Title",
            "contact.seen_on reads Contact.Title, a field of type string; expected a date",
        ),
        (
            Fact(kind=CONTACT, word="account", type=FactType.TEXT),
            "Contact.Title",
            "contact.account reads Contact.Title, a field of type string; expected a lookup",
        ),
        (
            Fact(kind=CONTACT, word="place", type=FactType.TEXT),
            "Contact.MailingAddress",
            "contact.place reads Contact.MailingAddress, a field of type address; expected a text, number or picklist",
        ),
    ],
)
def test_a_field_of_the_wrong_type_is_refused(fact: Fact, source: str, told: str) -> None:
    layout = layout_of(CONTACT, payload("contact_describe"), sources={fact: source}, write_fields=(), zone=utc)
    assert layout.gaps == (Gap(word=fact.word, message=told, is_required=True, is_missing=False),)


def test_a_fact_of_another_object_is_refused() -> None:
    layout = layout_of(
        CONTACT, payload("contact_describe"), sources={SEATS: "Account.Seats__c"}, write_fields=(), zone=utc
    )
    told = "contact.seats reads Account.Seats__c, but facts of the contact are fields of Contact"
    assert [gap.message for gap in layout.gaps] == [told]


def test_what_a_push_could_not_set_is_told_with_the_remedy() -> None:
    gaps = write_gaps(CONTACT, without("Closedloop_Score__c"), write_fields=WRITE_FIELDS)
    assert [gap.message for gap in gaps] == [
        "Contact.Closedloop_Score__c is missing or hidden: create it as Number, and grant the integration user read "
        "and edit access",
        "Contact.Closedloop_Answered_On__c is read-only for the integration user: grant it edit access to the field",
    ]


def test_a_described_field_keeps_its_active_values_only() -> None:
    level = next(field for field in payload("contact_describe")["fields"] if field["name"] == "Feedback_Level__c")
    assert field_of(level) == Field(
        name="Feedback_Level__c",
        label="Feedback Level",
        type=FactType.TEXT,
        values=("Executive", "User"),
        is_closed=False,
        is_writable=True,
    )


def test_a_picklist_is_closed_where_it_is_restricted_and_one_may_hold_several_values() -> None:
    def read(**changes: Any) -> tuple[bool, bool]:
        found = field_of({"name": "Tier__c", "type": "picklist", "restrictedPicklist": True} | changes)
        assert found is not None
        return found.is_closed, found.is_multiple

    found = [read(), read(restrictedPicklist=False), read(type="multipicklist")]
    assert found == [(True, False), (False, False), (True, True)]


def test_a_compound_field_is_not_listed() -> None:
    assert field_of({"name": "MailingAddress", "type": "address"}) is None


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001D000000IqhSL", "001D000000IqhSLIAZ"),
        ("0035e00001AbCdE", "0035e00001AbCdEAAV"),
        ("0035e00001AbCdEAAV", "0035e00001AbCdEAAV"),
    ],
)
def test_ids_are_kept_in_their_18_character_form(short: str, long: str) -> None:
    assert id18(short) == long


def test_moments_are_read_as_utc_and_written_to_the_second() -> None:
    at = moment("2026-05-01T09:25:37.000+0200")
    assert at == datetime(2026, 5, 1, 7, 25, 37, tzinfo=UTC)
    assert at.tzinfo is UTC
    assert moment_text(at) == "2026-05-01T07:25:37Z"


def test_our_words_become_field_names_and_json() -> None:
    contacts, accounts = ("Score", "Answered_On"), ("Score", "Score_On", "Voices", "Open_Actions")
    names = [f"Closedloop_{word}__c" for word in contacts + accounts]
    assert [write_field_name(own.word) for own in WRITE_FIELDS] == names
    assert [written_value(value) for value in (7.5, date(2026, 3, 1), None)] == [7.5, "2026-03-01", None]


def test_every_default_source_names_a_well_known_word_and_its_object() -> None:
    for name, source in SOURCES.items():
        kind, _, word = name.partition(".")
        assert word in WELL_KNOWN[RecordKind(kind)]
        assert split_source(source)[0] == OBJECTS[RecordKind(kind)]
