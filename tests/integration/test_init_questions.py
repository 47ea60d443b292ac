"""The questions of `closedloop init`: numbered and explained, with what is usual here, and never lost."""

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connector.bootstrap import configure, inspected, installed_specs
from connector.cli.examples import examples
from connector.cli.main import app
from connector.cli.our_words import FACTS, TYPES
from connector.settings.examples import read_examples
from tests.integration.test_init import environ_of

SALESFORCE = {f"SALESFORCE_{name}": "x" for name in ("ORG_ID", "URL", "CLIENT_ID", "CLIENT_SECRET")}
HUBSPOT = {"HUBSPOT_ORG_ID": "1", "HUBSPOT_ACCESS_TOKEN": "x"}
ENVIRON = dict.fromkeys((*SALESFORCE, *HUBSPOT, "SMTP_RELAY", "CLOSEDLOOP_PUBLIC_URL"))
NOBODY = "nothing was said; expected a mail address such as feedback@kea.example"


def asked(folder: Path, *words: str, said: tuple[str, ...], **environ: str) -> Result:
    """What is shown where these lines are typed, and then the input ends."""
    typed = "".join(f"{line}\n" for line in said)
    return CliRunner().invoke(app, ["init", str(folder), *words], input=typed, env={**ENVIRON, **environ})


def test_a_wrong_answer_or_none_is_asked_for_again_with_what_is_expected(tmp_path: Path) -> None:
    fields = ("no", "", "", "", "", "-", "Contact.Rank__c")
    said = ("", "Huia", "Mars/Olympus", "Pacific/Auckland", "", "salesforce", *fields, "partner")
    said += ("nowhere", "", "feedback@huia.example", "", "smtp.huia.example:587", "", "anna@huia.example")
    done = asked(tmp_path, said=said)
    assert done.exit_code == 0, done.output
    assert "expected a time zone such as Pacific/Auckland" in done.output
    assert "strategic is left out: no CRM has a field behind account.tier." in done.output
    assert done.output.count(NOBODY) == 2, "of the sender and of who stands in"
    loaded = configure(tmp_path, environ=environ_of(tmp_path))
    assert [program.id for program in loaded.policy.programs] == ["partner"]
    assert {fact.name: field for fact, field in loaded.crms[0].sources.items()} == {
        "account.kind": "Account.Type",
        "contact.level": "Contact.Rank__c",
    }
    assert (loaded.mail.relay_host, loaded.mail.sender, loaded.policy.actions.stand_in, loaded.public_url) == (
        "smtp.huia.example",
        "feedback@huia.example",
        "anna@huia.example",
        "http://localhost:8080",
    )


@pytest.mark.parametrize(
    ("environ", "usual", "questions"),
    [
        ({}, "salesforce,hubspot", 11),
        (SALESFORCE | HUBSPOT, "salesforce,hubspot", 11),
        (HUBSPOT, "hubspot", 10),
        (SALESFORCE | {"SALESFORCE_URL": ""}, "salesforce,hubspot", 11),
    ],
    ids=["nothing is set", "both are set", "one is set", "one is half set"],
)
def test_questions_are_numbered_and_offer_the_crms_whose_variables_are_set(
    environ: dict[str, str], usual: str, questions: int, tmp_path: Path
) -> None:
    said = ("Huia", *[""] * (questions - 5), "feedback@huia.example", "", "", "anna@huia.example")
    variables = {"SMTP_RELAY": "smtp.huia.example:587", "CLOSEDLOOP_PUBLIC_URL": "https://ask.huia.example"}
    done = asked(tmp_path, said=said, **environ, **variables)
    assert done.exit_code == 0, done.output
    assert f"4 of {questions}  Your CRMs, of hubspot, salesforce [{usual}]: " in done.output
    numbers = [f"{number} of {questions}  " for number in range(1, questions + 1)]
    assert [number in done.output for number in numbers] == [True] * questions
    loaded = configure(tmp_path, environ=environ_of(tmp_path))
    assert (loaded.public_url, loaded.mail.relay_host) == ("https://ask.huia.example", "smtp.huia.example")
    assert [crm.name for crm in loaded.crms] == usual.split(",")


def test_another_number_of_crms_is_another_number_of_questions(tmp_path: Path) -> None:
    done = asked(tmp_path, "--language=en", said=("Huia", "", "hubspot"))
    assert "3 of 10  Your CRMs" in done.output
    assert "4 of 9  HubSpot: is that right?" in done.output


def test_what_was_answered_is_told_as_a_command_that_goes_on_from_there(tmp_path: Path) -> None:
    said = ("Huia & Co", "", "", "salesforce", "no", "Account.Class__c", "-")
    left = asked(tmp_path / "new", "--relay", "smtp.huia.example:587", said=said)
    assert left.exit_code == 130
    assert not (tmp_path / "new").exists()
    first, told, command = left.stderr.splitlines()[-3:]
    assert (first, told) == ("Nothing is written yet.", "This goes on from here, with what you answered:")
    words = shlex.split(command)
    assert words == [
        *("closedloop", "init", str(tmp_path / "new")),
        *("--organisation", "Huia & Co", "--timezone", "UTC", "--language", "en", "--crms", "salesforce"),
        *("--field", "salesforce.account.kind=Account.Class__c", "--field", "salesforce.account.orders_24m="),
    ]
    rest = ("yes", "", "feedback@huia.example", "", "", "anna@huia.example")
    done = CliRunner().invoke(app, words[1:], input="\n".join([*rest, ""]), env=ENVIRON)
    assert done.exit_code == 0, done.output
    assert "1 of 6  Salesforce: is that right?" in done.output
    loaded = configure(tmp_path / "new", environ=environ_of(tmp_path / "new"))
    assert loaded.policy.organisation.name == "Huia & Co"
    assert "account.kind: Account.Class__c" in (tmp_path / "new" / "closedloop.yaml").read_text()
    assert "regular" not in {program.id for program in loaded.policy.programs}


def test_fields_that_were_taken_as_they_are_need_no_second_yes(tmp_path: Path) -> None:
    left = asked(tmp_path / "new", said=("Huia & Co", "", "", "salesforce", "yes"))
    words = shlex.split(left.stderr.splitlines()[-1])
    rest = ("", "", "", "feedback@huia.example", "", "", "anna@huia.example")
    done = CliRunner().invoke(app, words[1:], input="\n".join([*rest, ""]), env=ENVIRON)
    assert (done.exit_code, "is that right?" in done.output) == (0, False), done.output
    whole = ("Huia & Co", "", "", "salesforce", "yes", *rest)
    at_once = asked(tmp_path / "other", said=whole)
    assert at_once.exit_code == 0, at_once.output
    files = [(tmp_path / name / "closedloop.yaml").read_text() for name in ("new", "other")]
    assert files[0] == files[1]
    with inspected(configure(tmp_path / "new", environ=environ_of(tmp_path / "new"))) as seen:
        assert seen.public_url == "http://localhost:8080"


def test_where_nothing_was_answered_there_is_nothing_to_go_on_from(tmp_path: Path) -> None:
    left = asked(tmp_path / "new", said=())
    assert (left.exit_code, left.stderr.splitlines()[-1]) == (130, "Nothing is written yet.")


def test_a_field_that_is_named_in_the_place_of_a_count_holds_a_number(tmp_path: Path) -> None:
    answers = ("--organisation=Huia", "--from=feedback@huia.example", "--stand-in=anna@huia.example")
    done = asked(tmp_path, *answers, "--yes", "--field=salesforce.account.orders_24m=Account.Orders__c", said=())
    assert done.exit_code == 0, done.output
    house = (tmp_path / "closedloop.yaml").read_text()
    assert "account.orders_24m: {field: Account.Orders__c, type: number}" in house
    assert 'account.orders_24m: {count: opportunity, where: "opportunity.is_won", within: 24 months}' in house
    assert len(configure(tmp_path, environ=environ_of(tmp_path)).policy.relationships) == 5


def test_every_word_of_ours_that_is_shown_is_explained() -> None:
    known = read_examples(examples() / "kea")
    needed = known.needs(list(known.rules))
    shown = {name for spec in installed_specs().values() for name in spec.likely if name in needed}
    assert shown | known.counts.keys() <= FACTS.keys()
    assert known.rules.keys() == TYPES.keys()


def test_with_json_questions_stand_on_standard_error_and_one_document_on_standard_output(tmp_path: Path) -> None:
    done = asked(
        tmp_path / "new",
        *("--organisation=Huia", "--from=feedback@huia.example", "--timezone=UTC", "--language=en", "--json"),
        *("--crms=hubspot", "--relationships=transactional", "--public-url=http://localhost:8080"),
        *("--stand-in=anna@huia.example",),
        said=("", ""),
    )
    assert done.exit_code == 0, done.output
    assert "1 of 2  HubSpot: is that right?" in done.stderr
    assert "2 of 2  Your mail relay" in done.stderr
    assert json.loads(done.stdout)["folder"] == str(tmp_path / "new")
