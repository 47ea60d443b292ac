"""HubSpot's words and values <-> ours, on invented payloads."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.hubspot.mapping import (
    OBJECTS,
    SOURCES,
    converter_for,
    field_of,
    milliseconds,
    moment,
    write_property,
    written_value,
)
from connector.domain.records import WELL_KNOWN, FactType, RecordKind
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import Field


def properties() -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "payloads" / "contact_properties.json").read_text()
    return list(json.loads(text)["results"])


def test_a_listed_property_keeps_its_visible_values_only() -> None:
    entry = next(entry for entry in properties() if entry["name"] == "hs_seniority")
    assert field_of(entry) == Field(
        name="hs_seniority",
        label="Seniority",
        type=FactType.TEXT,
        values=("vp", "manager", "entry"),
        is_writable=True,
    )


def test_a_list_of_checkboxes_holds_several_values() -> None:
    described = {"name": "products", "type": "enumeration", "options": [{"value": "a"}, {"value": "b"}]}
    found = [field_of(described | {"fieldType": kind}) for kind in ("checkbox", "select")]
    assert [(each.is_multiple, each.is_closed) for each in found if each] == [(True, True), (False, True)]


def test_a_property_that_no_fact_can_hold_is_not_listed() -> None:
    assert [entry["name"] for entry in properties() if field_of(entry) is None] == ["map"]


def test_moments_come_as_iso_or_milliseconds_and_go_as_milliseconds() -> None:
    at = datetime(2026, 5, 1, 7, 25, 37, 251_000, tzinfo=UTC)
    assert [
        moment(text) for text in ("2026-05-01T07:25:37.251Z", "2026-05-01T09:25:37.251+02:00", "1777620337251")
    ] == [
        at,
        at,
        at,
    ]
    assert milliseconds(at) == 1_777_620_337_251


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Pacific/Auckland", date(2026, 5, 1)), ("UTC", date(2026, 4, 30)), ("Asia/Tokyo", date(2026, 5, 1))],
)
def test_a_date_with_time_falls_on_the_portals_day(zone: str, day: date) -> None:
    convert = converter_for("", FactType.DATE, described={"type": "datetime"}, zone=ZoneInfo(zone))
    assert convert is not None
    assert convert(["2026-04-30T22:30:00Z"]) == day
    assert convert(["2026-04-30T00:00:00Z"]) == date(2026, 4, 30)


def test_a_plain_date_is_the_same_day_in_every_zone() -> None:
    convert = converter_for("", FactType.DATE, described={"type": "date"}, zone=ZoneInfo("Pacific/Honolulu"))
    assert convert is not None
    assert [convert([text]) for text in ("2026-03-31", "1774915200000", "", None)] == [
        date(2026, 3, 31),
        date(2026, 3, 31),
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("12.0", 12), ("8.50", 8.5), ("1.5E3", 1500), ("", None), ("nan", None), ("x", None)],
)
def test_numbers_are_read_from_text(text: str, number: float | None) -> None:
    convert = converter_for("", FactType.NUMBER, described={"type": "number"}, zone=UTC)
    assert convert is not None
    assert convert([text]) == number


@pytest.mark.parametrize(
    ("text", "level"),
    [("Executive", "executive"), ("vp", "executive"), ("director", "manager"), ("entry", "user"), ("intern", None)],
)
def test_seniority_becomes_a_level_and_what_is_unknown_stays_unknown(text: str, level: str | None) -> None:
    convert = converter_for("level", FactType.TEXT, described={"type": "enumeration"}, zone=UTC)
    assert convert is not None
    assert convert([text]) == level


def test_our_words_become_property_names_and_texts() -> None:
    contacts, accounts = ("score", "answered_on"), ("score", "score_on", "voices", "open_actions")
    assert [write_property(own.word) for own in WRITE_FIELDS] == [f"closedloop_{word}" for word in contacts + accounts]
    values = (7.5, 7.0, 10, date(2026, 3, 1), True, False, None, "text")
    assert [written_value(value) for value in values] == ["7.5", "7", "10", "2026-03-01", "true", "false", "", "text"]


def test_every_default_source_names_a_well_known_word_and_its_object() -> None:
    for name, source in SOURCES.items():
        kind, _, word = name.partition(".")
        assert word in WELL_KNOWN[RecordKind(kind)]
        assert source.partition(".")[0] == OBJECTS[RecordKind(kind)]
