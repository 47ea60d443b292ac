"""Facts of several sources as an admin writes them, and what bootstrap makes of them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from connector.bootstrap import wired
from connector.domain.derivation import (
    CountPart,
    DatePart,
    Derivation,
    FieldPart,
    OwnerPart,
    Take,
    TitlePart,
    Window,
    default_counterpart,
)
from connector.domain.records import Fact, FactType, Level, RecordKind
from connector.settings.loading import load
from tests.builders import FACTS, condition

HOUSE = """\
organisation: {name: Kea Instruments, timezone: UTC}
public_url: http://localhost:8080
data_dir: data
instance_key: ["${env:KEY}"]
mail: {relay: "localhost:25", from: feedback@kea.example, tls: none}
levels:
  executive: ["chief *"]
  user: ["*engineer*"]
  unknown: ["*assistant*"]
crms:
  desk:
    adapter: paper
    facts:
      account.kind: {first_of: [Firm.Type, Firm.Old_Type], values: {Client: Customer}}
      account.revenue: {first_of: [Firm.Revenue, Firm.Sales], type: number}
      account.founded_on: Firm.Founded
      account.is_vip: Firm.Vip
      account.orders_24m: {count: opportunity, where: "opportunity.is_won", within: 24 months}
      account.signed: {count: opportunity, within: 1 year, by: opportunity.signed_on}
      account.renewal_on:
        first_of:
          - Firm.Renewal
          - {next: opportunity.signed_on, where: "opportunity.kind = 'Renewal'"}
      contact.level: {first_of: [Card.Level, {titles: Card.Job}]}
      contact.counterpart: {first_of: [Card.Helper, contact.owner, account.owner]}
      opportunity.signed_on: Deal.Signed
      opportunity.kind: Deal.Type
    login: {flow: token, token: "${env:TOKEN}"}
actions: {stand_in: anna@kea.example}
"""
OWNED = {"contact.owner": "Card.Owner", "account.owner": "Firm.Owner", "opportunity.account": "Deal.Firm"}
LEVELS = {None: ("*assistant*",), Level.EXECUTIVE: ("chief *",), Level.MANAGER: (), Level.USER: ("*engineer*",)}
SIGNED = Fact(kind=RecordKind.OPPORTUNITY, word="signed_on", type=FactType.DATE)
KIND = Fact(kind=RecordKind.OPPORTUNITY, word="kind", type=FactType.TEXT)


@pytest.fixture
def read(good, specs, environ, tmp_path):
    """Loads the good folder with another house file, of a CRM that tells owners and accounts too."""

    def load_house(text: str):
        folder = Path(tmp_path / "kea")
        shutil.copytree(good, folder, dirs_exist_ok=True)
        (folder / "closedloop.yaml").write_text(text)
        paper = specs["paper"]
        owned = replace(paper, sources={**paper.sources, **OWNED})
        return load(folder, specs={"paper": owned}, environ=environ)

    return load_house


def number(word: str) -> Fact:
    return Fact(kind=RecordKind.ACCOUNT, word=word, type=FactType.NUMBER)


def test_a_connection_says_how_its_facts_are_derived_and_which_fields_that_reads(read):
    (crm,) = read(HOUSE).crms
    facts = FACTS | {"opportunity.kind": KIND}
    assert crm.derived == (
        Derivation(
            fact=FACTS["account.kind"], parts=(FieldPart(source="Firm.Type"), FieldPart(source="Firm.Old_Type"))
        ),
        Derivation(fact=number("revenue"), parts=(FieldPart(source="Firm.Revenue"), FieldPart(source="Firm.Sales"))),
        Derivation(
            fact=number("orders_24m"),
            parts=(
                CountPart(
                    kind=RecordKind.OPPORTUNITY,
                    where=condition("opportunity.is_won"),
                    window=Window(months=24),
                    by=FACTS["opportunity.closes_on"],
                ),
            ),
        ),
        Derivation(
            fact=number("signed"),
            parts=(CountPart(kind=RecordKind.OPPORTUNITY, window=Window(months=12), by=SIGNED),),
        ),
        Derivation(
            fact=FACTS["account.renewal_on"],
            parts=(
                FieldPart(source="Firm.Renewal"),
                DatePart(take=Take.NEXT, fact=SIGNED, where=condition("opportunity.kind = 'Renewal'", facts=facts)),
            ),
        ),
        Derivation(
            fact=FACTS["contact.level"],
            parts=(FieldPart(source="Card.Level"), TitlePart(source="Card.Job", levels=LEVELS)),
        ),
        Derivation(
            fact=FACTS["contact.counterpart"],
            parts=(
                FieldPart(source="Card.Helper"),
                OwnerPart(kind=RecordKind.CONTACT),
                OwnerPart(kind=RecordKind.ACCOUNT),
            ),
        ),
    )
    assert {fact.name: source for fact, source in crm.sources.items() if "#" in fact.word} == {
        "account.kind#1": "Firm.Type",
        "account.kind#2": "Firm.Old_Type",
        "account.revenue#1": "Firm.Revenue",
        "account.revenue#2": "Firm.Sales",
        "account.renewal_on#1": "Firm.Renewal",
        "contact.level#1": "Card.Level",
        "contact.title#2": "Card.Job",
        "contact.counterpart#1": "Card.Helper",
    }
    assert crm.values == {FACTS["account.kind"]: {"Client": "Customer"}}


def test_rules_may_name_derived_facts_with_the_types_that_their_sources_have(read):
    loaded = read(HOUSE)
    names = ("account.kind", "account.orders_24m", "account.renewal_on", "contact.counterpart", "contact.level")
    assert [loaded.facts[name].type for name in names] == [
        FactType.TEXT,
        FactType.NUMBER,
        FactType.DATE,
        FactType.TEXT,
        FactType.TEXT,
    ]
    assert [name for name in loaded.facts if "#" in name] == []


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ('executive: ["chief *"]', 'executive: ["chief *", "c?o"]', {"contact.level"}),
        ('unknown: ["*assistant*"]', 'unknown: ["*secretary*"]', {"contact.level"}),
        (
            "[Firm.Type, Firm.Old_Type]",
            "[Firm.Old_Type, Firm.Type]",
            {"account.kind", "account.kind#1", "account.kind#2"},
        ),
        ("values: {Client: Customer}", "values: {Client: Partner}", {"account.kind"}),
        ("within: 24 months", "within: 12 months", {"account.orders_24m"}),
        ("kind = 'Renewal'", "kind = 'Extension'", {"account.renewal_on"}),
    ],
)
def test_other_patterns_sources_and_values_are_another_reading_of_the_fact_alone(read, before, after, moved):
    def sources(text):
        with wired(read(text)) as ports:
            return ports.crms[0].sources

    first, then = sources(HOUSE), sources(HOUSE.replace(before, after))
    assert {name for name in first.keys() | then.keys() if first.get(name) != then.get(name)} == moved


def test_where_nothing_is_said_a_contact_s_counterpart_is_who_owns_the_contact_or_its_account(read):
    line = next(line for line in HOUSE.splitlines() if "contact.counterpart" in line)
    with wired(read(HOUSE.replace(f"{line}\n", ""))) as ports:
        (crm,) = ports.crms
    assert crm.derived[-1] == default_counterpart()
    assert "contact.counterpart" not in crm.sources
    with wired(read(HOUSE.replace(line, "      contact.counterpart: account.owner"))) as ports:
        (crm,) = ports.crms
    assert crm.derived[-1].parts == (OwnerPart(kind=RecordKind.ACCOUNT),)
    with wired(read(HOUSE.replace(line, "      contact.counterpart: Card.Helper"))) as ports:
        (crm,) = ports.crms
    assert crm.sources["contact.counterpart"] == "Card.Helper"
    assert "contact.counterpart" not in {each.fact.name for each in crm.derived}


@pytest.mark.parametrize(
    ("said", "name", "shows_counterpart"),
    [("", None, False), (", shown_name: Kea", "Kea", False), (", shown_name: counterpart", None, True)],
)
def test_mail_can_show_the_counterpart_s_name_beside_the_organisation_s(read, said, name, shows_counterpart):
    loaded = read(HOUSE.replace("tls: none}", f"tls: none{said}}}"))
    assert (loaded.mail.shown_name, loaded.mail.shows_counterpart) == (name, shows_counterpart)
    with wired(loaded) as ports:
        assert (ports.writer.shown_name, ports.writer.shows_counterpart) == (
            name or "Kea Instruments",
            shows_counterpart,
        )
