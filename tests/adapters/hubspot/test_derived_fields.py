"""Properties that facts of several sources read: each holds the values of what it stands for."""

from datetime import UTC

from adapters.hubspot.layout import Gap, layout_of
from connector.domain.records import Fact, FactType, RecordKind


def source(word: str) -> Fact:
    return Fact(kind=RecordKind.CONTACT, word=word, type=FactType.TEXT)


def layout(sources, *described):
    return layout_of(RecordKind.CONTACT, described, sources=sources, write_fields=(), zone=UTC)


def test_a_source_of_a_level_holds_levels_a_title_any_text_and_one_of_a_counterpart_a_user() -> None:
    sources = {
        source("level#1"): "contact.hs_seniority",
        source("title#2"): "contact.jobtitle",
        source("counterpart#1"): "contact.csm",
    }
    shown = layout(
        sources,
        {"name": "hs_seniority", "type": "enumeration", "fieldType": "select"},
        {"name": "jobtitle", "type": "string", "fieldType": "text"},
        {"name": "csm", "type": "enumeration", "fieldType": "select", "referencedObjectType": "OWNER"},
    )
    given = {"hs_seniority": "vp", "jobtitle": "Head of QA", "csm": "77"}
    read = {
        column.word: column.convert([given[name] for name in column.properties])
        for column in shown.columns
        if "#" in column.word
    }
    assert read == {"level#1": "executive", "title#2": "Head of QA", "counterpart#1": "77"}


def test_a_counterpart_in_a_property_of_text_is_told_as_any_owner_would_be() -> None:
    described = {"name": "csm", "type": "string", "fieldType": "text"}
    shown = layout({source("counterpart#1"): "contact.csm"}, described)
    told = "contact.counterpart#1 reads contact.csm, a property of type string; expected a HubSpot user"
    assert [gap for gap in shown.gaps if "#" in gap.word] == [
        Gap(word="counterpart#1", message=told, is_required=True, is_missing=False)
    ]
