"""A good folder becomes exactly this configuration."""

import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from connector.domain.condition import Compare, Comparison, IsIn, Span
from connector.domain.programs import (
    Milestone,
    Mode,
    Organisation,
    RelationshipRule,
    Spacing,
    When,
    WhenKind,
)
from connector.domain.records import Fact, FactType, RecordKind
from connector.domain.surveys import AskKind, Question, QuestionKind
from connector.ports.crm import CrmSpec
from connector.ports.delivery import Tls
from connector.ports.errors import ConfigError
from connector.settings.configuration import Configuration, Endpoint, Mail, MailLogin
from connector.settings.loading import load

KIND = Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT)
REVENUE = Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER)
RENEWAL_ON = Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE)
IS_VIP = Fact(kind=RecordKind.ACCOUNT, word="is_vip", type=FactType.BOOLEAN)
FOUNDED_ON = Fact(kind=RecordKind.ACCOUNT, word="founded_on", type=FactType.DATE)
LEVEL = Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT)
STAGE = Fact(kind=RecordKind.OPPORTUNITY, word="stage", type=FactType.TEXT)
CLOSES_ON = Fact(kind=RecordKind.OPPORTUNITY, word="closes_on", type=FactType.DATE)


@pytest.fixture
def loaded(good: Path, specs: dict[str, CrmSpec], environ: dict[str, str]) -> Configuration:
    return load(good, specs=specs, environ=environ)


def changed(good: Path, tmp_path: Path, *, old: str, new: str, file: str = "closedloop.yaml") -> Path:
    """A copy of the good folder with one text replaced in one file."""
    folder = tmp_path / "kea"
    shutil.copytree(good, folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    return folder


def test_process_settings_are_read_and_their_references_resolved(loaded: Configuration, good: Path) -> None:
    assert loaded.public_url == "https://feedback.kea.example"
    assert loaded.listen == Endpoint("127.0.0.1", 8090)
    assert loaded.data_dir == good / "data"
    assert loaded.database_url == SecretStr(f"sqlite:///{good}/data/closedloop.sqlite")
    assert [key.get_secret_value() for key in loaded.instance_key] == [
        "an-instance-key-of-at-least-32-bytes",
        "an-older-instance-key-of-32-bytes!",
    ]
    assert loaded.mail == Mail(
        relay_host="smtp.kea.example", relay_port=587, sender="feedback@kea.example", shown_name="Kea", tls=Tls.STARTTLS
    )
    assert loaded.write_back == {RecordKind.CONTACT: ("score", "answered_on")}


def test_a_connection_has_its_facts_and_its_adapters_own_settings(
    loaded: Configuration, specs: dict[str, CrmSpec]
) -> None:
    (crm,) = loaded.crms
    assert (crm.name, crm.spec, crm.org_id, crm.every) == (
        "desk",
        specs["paper"],
        "P-1",
        timedelta(hours=1),
    )
    assert crm.settings.model_dump() == {
        "login": {"flow": "token", "token": SecretStr("paper-token-4711")},
        "region": "south",
        "shelves": 1,
    }
    assert crm.sources == {
        KIND: "Firm.Type",
        REVENUE: "Firm.Revenue",
        RENEWAL_ON: "Firm.Renewal",
        IS_VIP: "Firm.Vip",
        FOUNDED_ON: "Firm.Founded",
        LEVEL: "Card.Level",
    }


def test_conditions_may_name_declared_facts_and_what_the_crm_delivers_by_default(loaded: Configuration) -> None:
    assert list(loaded.facts) == [
        "account.founded_on",
        "account.is_vip",
        "account.kind",
        "account.name",
        "account.renewal_on",
        "account.revenue",
        "contact.address",
        "contact.level",
        "opportunity.closes_on",
        "opportunity.is_won",
        "opportunity.stage",
    ]
    assert loaded.facts["opportunity.stage"] == STAGE


def test_the_policy_holds_organisation_rules_and_spacing(loaded: Configuration) -> None:
    policy = loaded.policy
    assert policy.mode is Mode.SHADOW
    assert policy.organisation == Organisation(name="Kea Instruments", timezone="Pacific/Auckland", language="en")
    first, last = policy.relationships
    assert (first.type, first.when.root if first.when else None) == (
        "ongoing",
        Compare(fact=KIND, op=Comparison.EQ, literal="Customer", span=Span(0, 25)),
    )
    assert last == RelationshipRule(type="transactional", when=None)
    assert policy.spacing == Spacing(
        {
            AskKind.RELATIONSHIP: {AskKind.RELATIONSHIP: 90, AskKind.TRANSACTION: 7},
            AskKind.TRANSACTION: {},
        }
    )


def test_programs_are_read_with_their_milestones_and_defaults(loaded: Configuration) -> None:
    ongoing, won = loaded.policy.programs
    assert (ongoing.id, ongoing.name, ongoing.relationship, ongoing.mode, ongoing.closes_days) == (
        "ongoing",
        "Ongoing",
        "ongoing",
        Mode.LIVE,
        21,
    )
    assert ongoing.starts_on == won.starts_on == date(2026, 2, 1)
    assert ongoing.who.root == IsIn(fact=LEVEL, literals=("manager", "user"), negated=False, span=Span(0, 36))
    (renewal,) = ongoing.milestones
    assert replace(renewal, where=None) == Milestone(
        id="renewal",
        when=When(kind=WhenKind.BEFORE, fact=RENEWAL_ON, days=120),
        expires_days=14,
        new_after_days=180,
    )
    assert renewal.where is not None
    assert renewal.where.text == "account.revenue > 1000"
    assert (won.mode, won.closes_days) == (Mode.SHADOW, 7)
    assert won.milestones == (
        Milestone(
            id="won",
            when=When(kind=WhenKind.CHANGED, fact=STAGE, days=0, value="Closed Won"),
            expires_days=3,
            new_after_days=30,
        ),
        Milestone(id="closed", when=When(kind=WhenKind.AFTER, fact=CLOSES_ON, days=3), expires_days=5),
    )


def test_surveys_are_read_with_all_kinds_of_questions(loaded: Configuration) -> None:
    ongoing, won = loaded.policy.programs
    assert (ongoing.survey.kind, ongoing.survey.score_question) == (
        AskKind.RELATIONSHIP,
        Question(
            id="grade",
            kind=QuestionKind.SCALE,
            text="How well do we work together?",
            low=0,
            high=10,
            ends=("badly", "well"),
        ),
    )
    assert won.survey.questions == (
        Question(id="ease", kind=QuestionKind.SCALE, text="It was easy.", low=1, high=7),
        Question(
            id="solved",
            kind=QuestionKind.CHOICE,
            text="Is it solved?",
            options=("yes", "partly", "no"),
            optional=True,
        ),
        Question(id="may", kind=QuestionKind.SEVERAL, text="May we?", options=("call me", "quote me")),
    )


def test_a_surveys_version_changes_with_what_people_see_and_with_nothing_else(
    good: Path, specs: dict[str, CrmSpec], environ: dict[str, str], tmp_path: Path
) -> None:
    def version(folder: Path) -> str:
        return load(folder, specs=specs, environ=environ).policy.programs[0].survey.version

    before = version(good)
    assert re.fullmatch("[0-9a-f]{12}", before)
    noted = changed(good, tmp_path / "a", old="title:", new="# a note\ntitle:", file="surveys/short.yaml")
    reworded = changed(good, tmp_path / "b", old="Why?", new="Why so?", file="surveys/short.yaml")
    assert (version(noted) == before, version(reworded) == before) == (True, False)


def test_the_digest_covers_names_and_texts_of_all_files_and_never_a_secret(
    loaded: Configuration, good: Path, specs: dict[str, CrmSpec], environ: dict[str, str], tmp_path: Path
) -> None:
    assert list(loaded.texts) == [
        "closedloop.yaml",
        "programs/ongoing.yaml",
        "programs/won.yaml",
        "relationships.yaml",
        "surveys/after.yaml",
        "surveys/short.yaml",
    ]
    assert loaded.texts["closedloop.yaml"] == (good / "closedloop.yaml").read_text()
    digests = {
        load(folder, specs=specs, environ=environ | {"TOKEN": "another-token"}).policy.digest
        for folder in (good, changed(good, tmp_path, old="mode: shadow", new="mode:  shadow"))
    }
    assert loaded.policy.digest in digests
    assert len(digests) == 2


def test_no_secret_shows_in_a_repr(loaded: Configuration, environ: dict[str, str]) -> None:
    shown = repr(loaded) + repr(loaded.crms) + str(loaded.mail)
    assert [name for name in ("KEY", "OLD_KEY", "TOKEN") if environ[name] in shown] == []


def test_a_login_and_a_database_come_from_references(
    good: Path, specs: dict[str, CrmSpec], environ: dict[str, str], tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("from-a-file\n")
    folder = changed(
        good,
        tmp_path,
        old="shown_name: Kea}",
        new=f'tls: implicit, login: {{user: clerk, password: "${{file:{secret}}}"}}}}\ndatabase: "${{env:DB}}"',
    )
    url = "postgresql+psycopg://kea:pw@db.kea.example/kea"
    loaded = load(folder, specs=specs, environ=environ | {"DB": url})
    assert loaded.mail == Mail(
        relay_host="smtp.kea.example",
        relay_port=587,
        sender="feedback@kea.example",
        tls=Tls.IMPLICIT,
        login=MailLogin("clerk", SecretStr("from-a-file")),
    )
    assert loaded.database_url == SecretStr(url)
    assert url not in repr(loaded)
    with pytest.raises(ConfigError, match="expected a URL that starts with sqlite: or postgresql:"):
        load(folder, specs=specs, environ=environ | {"DB": "mysql://kea"})


def test_an_empty_folder_lacks_both_files(tmp_path: Path, specs: dict[str, CrmSpec]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, specs=specs, environ={})
    assert str(caught.value) == "\n".join(
        f"{name}:1:1: found no such file; expected it in the folder {tmp_path}"
        for name in ("closedloop.yaml", "relationships.yaml")
    )


def test_where_no_folder_is_named_the_way_to_name_one_is(
    tmp_path: Path, specs: dict[str, CrmSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(Path(), specs=specs, environ={})
    expected = "expected it in this folder: name another one by --config, or in CLOSEDLOOP_CONFIG"
    assert {mistake.expected for mistake in caught.value.mistakes} == {expected}


def test_a_huge_file_is_refused_unread(good: Path, specs: dict[str, CrmSpec], tmp_path: Path) -> None:
    folder = changed(good, tmp_path, old="id: short", new=f"id: short # {'x' * 1_000_000}", file="surveys/short.yaml")
    with pytest.raises(ConfigError) as caught:
        load(folder, specs=specs, environ={})
    about_it = [str(mistake) for mistake in caught.value.mistakes if mistake.file == "surveys/short.yaml"]
    size = (folder / "surveys/short.yaml").stat().st_size
    assert about_it == [f"surveys/short.yaml:1:1: found a file of {size:,} bytes; expected at most 1,000,000"]


def test_write_back_needs_a_crm_that_writes_the_kind(
    good: Path, specs: dict[str, CrmSpec], environ: dict[str, str]
) -> None:
    paper = specs["paper"]
    reader = replace(paper, capabilities=replace(paper.capabilities, writes=frozenset()))
    with pytest.raises(ConfigError) as caught:
        load(good, specs={"paper": reader}, environ=environ)
    assert str(caught.value) == (
        "closedloop.yaml:25:3: found `contact`; expected a kind that one of the CRMs can write"
    )
