"""Fields that facts of several sources read: each holds the values of what it stands for."""

from datetime import UTC

from adapters.salesforce.layout import Gap, layout_of
from connector.domain.records import Fact, FactType, RecordKind


def source(word: str) -> Fact:
    return Fact(kind=RecordKind.CONTACT, word=word, type=FactType.TEXT)


def layout(sources, *fields: tuple[str, str]):
    described = {"fields": [{"name": name, "type": kind} for name, kind in fields], "replicateable": True}
    return layout_of(RecordKind.CONTACT, described, sources=sources, write_fields=(), zone=lambda: UTC)


def test_a_source_of_a_level_holds_levels_a_title_any_text_and_one_of_a_counterpart_a_user() -> None:
    sources = {
        source("level#1"): "Contact.Level__c",
        source("title#2"): "Contact.Title",
        source("counterpart#1"): "Contact.CSM__c",
    }
    shown = layout(sources, ("Level__c", "picklist"), ("Title", "string"), ("CSM__c", "reference"))
    row = {"Id": "003A", "SystemModstamp": "2026-01-05T09:00:00.000+0000"}
    values = {"Level__c": "Executive", "Title": "Head of QA", "CSM__c": "005000000000001"}
    (read,) = shown.rows([row | values])
    assert dict(zip(shown.words[2:], read[2:], strict=True)) == {
        "title": "Head of QA",
        "level#1": "executive",
        "title#2": "Head of QA",
        "counterpart#1": "005000000000001AAA",
    }


def test_a_counterpart_in_a_field_of_text_is_told_as_any_lookup_would_be() -> None:
    shown = layout({source("counterpart#1"): "Contact.CSM__c"}, ("CSM__c", "string"))
    told = "contact.counterpart#1 reads Contact.CSM__c, a field of type string; expected a lookup"
    assert [gap for gap in shown.gaps if "#" in gap.word] == [
        Gap(word="counterpart#1", message=told, is_required=True, is_missing=False)
    ]
