"""Which properties are read, and how a page of records becomes rows of our words, on invented payloads."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.hubspot.layout import Gap, LinkColumn, layout_of, merges_of, picked, write_gaps
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.write_back import WRITE_FIELDS, WriteField
from connector.ports.crm import Removal
from connector.ports.errors import CrmMissingField

CONTACT = RecordKind.CONTACT
ZONE = ZoneInfo("Europe/Berlin")
SEATS = Fact(kind=CONTACT, word="seats", type=FactType.NUMBER)
JOINED = Fact(kind=CONTACT, word="joined_on", type=FactType.DATE)
CALLED = Fact(kind=CONTACT, word="called_on", type=FactType.DATE)
VIP = Fact(kind=CONTACT, word="is_vip", type=FactType.BOOLEAN)
DECLARED = {SEATS: "contact.seats", JOINED: "contact.joined_on", CALLED: "contact.last_call", VIP: "contact.vip"}


def payload(name: str) -> Any:
    return json.loads((Path(__file__).parent / "payloads" / f"{name}.json").read_text())


def properties(*without: str) -> list[dict[str, Any]]:
    return [entry for entry in payload("contact_properties")["results"] if entry["name"] not in without]


def contact_layout(
    *without: str, sources: dict[Fact, str] | None = None, write_fields: tuple[WriteField, ...] = ()
) -> Any:
    described = properties(*without)
    return layout_of(CONTACT, described, sources=sources or {}, write_fields=write_fields, zone=ZONE)


def test_a_page_becomes_rows_of_our_words() -> None:
    layout = contact_layout(sources=DECLARED, write_fields=WRITE_FIELDS)
    words = "crm_id stamp name address title level opted_out bounced account owner"
    words += " seats joined_on called_on is_vip ours.score ours.answered_on"
    assert layout.words == tuple(words.split())
    assert layout.gaps == ()
    assert [layout.row(record, links={}) for record in payload("contact_page")["results"]] == [
        (
            "713492963559",
            datetime(2026, 5, 1, 7, 25, 37, 250_000, tzinfo=UTC),
            "Iris Malouf",
            "iris.malouf@kauri.example",
            "Chief Operating Officer",
            "executive",
            False,
            False,
            "29022297485",
            "81234567",
            12,
            date(2026, 4, 1),
            date(2026, 5, 1),
            True,
            8.5,
            date(2026, 4, 30),
        ),
        (
            "713492963560",
            datetime(2026, 5, 1, 7, 25, 37, tzinfo=UTC),
            "Brandt",
            None,
            None,
            None,
            True,
            True,
            None,
            None,
            None,
            None,
            date(2026, 4, 30),
            None,
            None,
            None,
        ),
    ]


def test_each_property_is_asked_for_once() -> None:
    role = Fact(kind=CONTACT, word="role", type=FactType.TEXT)
    layout = contact_layout(sources={role: "contact.jobtitle"})
    assert layout.properties.count("jobtitle") == 1
    assert {"title", "role"} <= set(layout.words)
    assert "hs_merged_object_ids" in layout.properties


def test_a_property_that_is_left_out_of_an_answer_is_not_taken_for_empty() -> None:
    record = payload("contact_page")["results"][1]
    del record["properties"]["hs_email_optout"]
    with pytest.raises(CrmMissingField, match=r"contact\.hs_email_optout was left out"):
        contact_layout().row(record, links={})


@pytest.mark.parametrize(
    ("text", "opted_out"), [(None, False), ("", False), ("false", False), ("true", True), ("yes", True), ("?", True)]
)
def test_whatever_is_no_plain_no_is_an_opt_out(text: str | None, opted_out: bool) -> None:
    record = payload("contact_page")["results"][0]
    record["properties"]["hs_email_optout"] = text
    layout = contact_layout()
    assert layout.row(record, links={})[layout.words.index("opted_out")] is opted_out


def test_an_admins_source_stands_above_the_default() -> None:
    opt_out = Fact(kind=CONTACT, word="opted_out", type=FactType.BOOLEAN)
    layout = contact_layout("hs_email_optout", sources={opt_out: "contact.vip"})
    assert layout.gaps == ()
    assert [column.properties for column in layout.columns if column.word == "opted_out"] == [("vip",)]


def test_without_the_opt_out_there_is_a_required_gap_with_the_remedy() -> None:
    assert contact_layout("hs_email_optout").gaps == (
        Gap(
            word="opted_out",
            message="contact.hs_email_optout (contact.opted_out) is missing or hidden: without it people who opted out "
            "could be asked; make it visible to the app, or map contact.opted_out to the property that holds the "
            "opt-out",
            is_required=True,
        ),
    )


def test_a_default_property_that_is_hidden_is_left_out_and_told() -> None:
    layout = contact_layout("jobtitle")
    assert "title" not in layout.words
    assert [(gap.word, gap.is_required) for gap in layout.gaps] == [("title", False)]


def test_a_fact_on_several_properties_reads_those_that_are_there_and_tells_the_others() -> None:
    layout = contact_layout("hs_email_bad_address", "firstname")
    found = {column.word: column.properties for column in layout.columns}
    assert (found["name"], found["bounced"]) == (
        ("lastname",),
        ("hs_email_hard_bounce_reason_enum", "hs_email_quarantined"),
    )
    assert [(gap.word, gap.is_required) for gap in layout.gaps] == [("name", False), ("bounced", False)]


def test_a_portal_without_seniority_is_no_news_and_one_that_hides_merges_is() -> None:
    assert [gap.word for gap in contact_layout("hs_seniority", "hs_merged_object_ids").gaps] == ["merges"]


def test_many_properties_are_too_wide_for_one_request() -> None:
    described = [{**properties()[0], "name": f"an_admins_property_{number:03}"} for number in range(100)]
    facts = {
        Fact(kind=CONTACT, word=f"word_{number:03}", type=FactType.TEXT): f"contact.an_admins_property_{number:03}"
        for number in range(100)
    }
    wide = layout_of(CONTACT, [*properties(), *described], sources=facts, write_fields=(), zone=ZONE)
    assert (wide.is_wide, contact_layout().is_wide) == (True, False)


@pytest.mark.parametrize(
    ("fact", "source", "told"),
    [
        (
            SEATS,
            "contact.jobtitle",
            "contact.seats reads contact.jobtitle, a property of type string; expected a number",
        ),
        (
            Fact(kind=CONTACT, word="seen_on", type=FactType.DATE),
            "contact.seats",
            "contact.seen_on reads contact.seats, a property of type number; expected a date",
        ),
        (
            Fact(kind=CONTACT, word="account", type=FactType.TEXT),
            "contact.jobtitle",
            "contact.account reads contact.jobtitle, a property of type string; "
            "expected a number that holds a record id",
        ),
        (
            Fact(kind=CONTACT, word="owner", type=FactType.TEXT),
            "contact.jobtitle",
            "contact.owner reads contact.jobtitle, a property of type string; expected a HubSpot user",
        ),
        (
            Fact(kind=CONTACT, word="place", type=FactType.TEXT),
            "contact.map",
            "contact.place reads contact.map, a property of type json; expected a text, number or selection",
        ),
    ],
)
def test_a_property_of_the_wrong_type_is_refused(fact: Fact, source: str, told: str) -> None:
    gap = Gap(word=fact.word, message=told, is_required=True, is_missing=False)
    assert contact_layout(sources={fact: source}).gaps == (gap,)


def test_a_fact_of_another_object_is_refused() -> None:
    told = "contact.seats reads company.seats, but facts of the contact are properties of contact"
    assert [gap.message for gap in contact_layout(sources={SEATS: "company.seats"}).gaps] == [told]


def test_what_a_push_could_not_set_is_told_with_the_remedy() -> None:
    described = properties("closedloop_score")
    gaps = write_gaps(CONTACT, described, write_fields=WRITE_FIELDS, zone=ZONE)
    assert [gap.message for gap in gaps] == [
        "contact.closedloop_score is missing or hidden: create it as Number",
        "contact.closedloop_answered_on is read-only: let the app edit it",
    ]


def test_our_date_may_not_be_a_date_with_time() -> None:
    described = [{**properties()[0], "name": "closedloop_answered_on", "type": "datetime"}]
    gaps = write_gaps(CONTACT, described, write_fields=WRITE_FIELDS[1:], zone=ZONE)
    told = "contact.closedloop_answered_on has type datetime: create it as Date picker"
    assert [gap.message for gap in gaps] == [told]


def test_former_ids_are_removals_into_the_record_that_names_them() -> None:
    first, second = payload("contact_page")["results"]
    assert merges_of(first) == [
        Removal(crm_id="101", merged_into="713492963559"),
        Removal(crm_id="102", merged_into="713492963559"),
    ]
    assert merges_of(second) == []


def test_a_deals_company_is_the_primary_one_and_its_contact_the_only_one() -> None:
    company = LinkColumn(word="account", target="companies", primary_type=5)
    contact = LinkColumn(word="contact", target="contacts")
    two = [("7", frozenset({341})), ("8", frozenset({341, 5}))]
    assert (picked(company, two), picked(company, two[:1])) == ("8", None)
    same = [("9", frozenset({3})), ("9", frozenset({77}))]
    assert (picked(contact, same), picked(contact, two), picked(contact, [])) == ("9", None, None)


def test_a_deal_reads_its_associations_unless_a_property_is_declared() -> None:
    described = [{"name": "main_company", "type": "number", "fieldType": "number"}]
    account = Fact(kind=RecordKind.OPPORTUNITY, word="account", type=FactType.TEXT)
    layouts = [
        layout_of(RecordKind.OPPORTUNITY, described, sources=sources, write_fields=(), zone=ZONE)
        for sources in ({}, {account: "deal.main_company"})
    ]
    assert [[link.target for link in layout.links] for layout in layouts] == [["companies", "contacts"], ["contacts"]]
