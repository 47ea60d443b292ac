"""`closedloop init`: what it writes loads at once, holds no secret, and leaves alone what is there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from connector.bootstrap import SystemClock, configure, installed_specs
from connector.cli.main import app
from connector.cli.opening import UnwritableFolder
from connector.domain.programs import Mode
from connector.settings.schema_files import schema_texts

EXAMPLE = Path(__file__).parents[2] / "config" / "examples" / "kea"
ANSWERS = ["--yes", "--organisation", 'Huia "&" Co: a house', "--from", "feedback@huia.example"]
ANSWERS += ["--stand-in", "anna@huia.example"]
ALL = ["--crms", "salesforce,hubspot"]
VALUES = {"_URL": "https://crm.huia.example", "_KEY": "an-instance-key-of-at-least-32-bytes"}


def init(folder: Path, *arguments: str, code: int = 0, said: str | None = None) -> str:
    done = CliRunner().invoke(app, ["init", str(folder), *arguments], input=said)
    assert done.exit_code == code, done.output
    return done.output


def written(folder: Path, *arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["init", str(folder), *ANSWERS, *arguments, "--json"])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def environ_of(folder: Path) -> dict[str, str]:
    """Something usable for each variable that the folder's list of them names."""
    lines = (folder / "environment.example").read_text().splitlines()
    named = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    endings = {name: next((value for end, value in VALUES.items() if name.endswith(end)), "x-1") for name in named}
    return {name: value or endings[name] for name, value in named.items()}


@pytest.mark.parametrize("crms", ["salesforce", "hubspot", "salesforce,hubspot", "hubspot,salesforce"])
def test_what_is_written_loads_once_the_environment_is_set(crms: str, tmp_path: Path) -> None:
    written(tmp_path / "new", "--crms", crms, "--timezone", "Pacific/Auckland")
    loaded = configure(tmp_path / "new", environ=environ_of(tmp_path / "new"))
    assert loaded.policy.mode is Mode.SHADOW
    assert (loaded.policy.organisation.name, loaded.policy.organisation.timezone) == (
        'Huia "&" Co: a house',
        "Pacific/Auckland",
    )
    assert [(crm.name, crm.is_home) for crm in loaded.crms] == [
        (name, number == 0 and "," in crms) for number, name in enumerate(crms.split(","))
    ]
    assert {crm.same_as for crm in loaded.crms} == ({None, "salesforce"} if crms.startswith("salesforce,") else {None})
    assert {program.relationship for program in loaded.policy.programs} == {
        "partner",
        "strategic",
        "ongoing",
        "regular",
        "transactional",
    }


def test_programs_and_surveys_are_those_of_the_example_under_the_own_name(tmp_path: Path) -> None:
    told = written(tmp_path, *ALL)
    today = SystemClock().now().date().isoformat()
    for folder in ("programs", "surveys"):
        for path in sorted((EXAMPLE / folder).iterdir()):
            text = (tmp_path / folder / path.name).read_text()
            schema, _, rest = text.partition("\n")
            assert schema == f"# yaml-language-server: $schema=../schema/{folder.removesuffix('s')}.json"
            ours = rest.replace("{us}", "Kea Instruments").replace(f"starts_on: {today}", "starts_on: 2026-01-01")
            changed = {*path.read_text().splitlines()} ^ {*ours.splitlines()}
            assert all("2026-03-02" in line or "text: " in line for line in changed), changed
            assert "Kea" not in text
    assert [name for name in told["written"] if not (tmp_path / name).is_file()] == []
    assert {path.name: path.read_text() for path in (tmp_path / "schema").iterdir()} == schema_texts(installed_specs())


def test_the_variables_are_named_and_nothing_secret_is_written(tmp_path: Path) -> None:
    told = written(tmp_path, *ALL)
    assert told["variables"] == [
        "CLOSEDLOOP_KEY",
        "SALESFORCE_ORG_ID",
        "SALESFORCE_URL",
        "SALESFORCE_CLIENT_ID",
        "SALESFORCE_CLIENT_SECRET",
        "HUBSPOT_ORG_ID",
        "HUBSPOT_ACCESS_TOKEN",
        "HUBSPOT_URL",
    ]
    house = (tmp_path / "closedloop.yaml").read_text()
    assert sorted(set(re.findall(r"\$\{env:(\w+)\}", re.sub(r"#.*", "", house)))) == sorted(told["variables"])
    filled = [line for line in (tmp_path / "environment.example").read_text().splitlines() if re.match(r"\w+=.", line)]
    assert filled == ["HUBSPOT_URL=https://api.hubapi.com"]


def test_a_file_that_is_there_is_left_as_it_is_and_named(tmp_path: Path) -> None:
    (tmp_path / "closedloop.yaml").write_text("mine\n")
    told = written(tmp_path, *ALL)
    assert told["kept"] == ["closedloop.yaml"]
    assert (tmp_path / "closedloop.yaml").read_text() == "mine\n"
    again = init(tmp_path, *ANSWERS, *ALL)
    assert f"was there, left as it is: {tmp_path / 'programs/ongoing.yaml'}" in again
    assert "wrote:" not in again


def test_fewer_types_bring_fewer_programs_and_the_leftover_rule_stays(tmp_path: Path) -> None:
    written(tmp_path, "--crms", "salesforce", "--relationships", "partner")
    assert sorted(path.name for path in (tmp_path / "programs").iterdir()) == ["partner.yaml"]
    assert sorted(path.name for path in (tmp_path / "surveys").iterdir()) == ["partnership.yaml"]
    rules = configure(tmp_path, environ=environ_of(tmp_path)).policy.relationships
    assert [rule.type for rule in rules] == ["partner", "transactional"]
    assert "account.tier" not in (tmp_path / "closedloop.yaml").read_text()


def test_a_field_of_one_s_own_is_taken_and_types_without_one_are_left_out(tmp_path: Path) -> None:
    told = init(
        tmp_path,
        *ANSWERS,
        *("--crms", "salesforce"),
        *("--field", "salesforce.account.renewal_on=Account.Ends__c"),
        *("--field", "salesforce.account.tier="),
    )
    assert "strategic is left out: no CRM has a field behind account.tier." in told
    loaded = configure(tmp_path, environ=environ_of(tmp_path))
    assert {fact.name: field for fact, field in loaded.crms[0].sources.items()} == {
        "account.kind": "Account.Type",
        "account.renewal_on": "Account.Ends__c",
        "contact.level": "Contact.Feedback_Level__c",
    }
    assert [each.fact.name for each in loaded.crms[0].derived] == ["account.orders_24m"]
    assert "strategic" not in {program.id for program in loaded.policy.programs}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--yes"], "with --yes this needs an answer: Your organisation's name"),
        ([*ANSWERS, "--crms", "paper"], "found 'paper'; expected some of hubspot, salesforce"),
        ([*ANSWERS, "--timezone", "Pacific/Aukland"], "did you mean Pacific/Auckland?"),
        ([*ANSWERS, "--relay", "smtp"], "found 'smtp'; expected host:port"),
        ([*ANSWERS, "--field", "account.tier=X"], "found 'account.tier=X'; expected"),
        (
            [*ANSWERS, "--field", "hubspot.account.teir=T"],
            "reads; did you mean account.tier?",
        ),
        (
            [*ANSWERS, "--field", "hubspot.account.zzz=T"],
            "found account.zzz, which no program to begin with reads; expected one of account.",
        ),
        (ANSWERS[:-2], "with --yes this needs an answer: Address in the CRM of who stands in"),
        ([*ANSWERS, "--relationships", "friends"], "found 'friends'; expected some of"),
    ],
)
def test_an_answer_that_cannot_be_is_a_wrong_use_and_nothing_is_written(
    arguments: list[str], told: str, tmp_path: Path
) -> None:
    output = init(tmp_path / "new", *arguments, code=2)
    assert told in " ".join(re.sub(r"[│╭╰─╮╯]", " ", output).split())
    assert not (tmp_path / "new").exists()


def test_a_field_of_any_name_is_read_back_as_it_was_said(tmp_path: Path) -> None:
    names = {"account.tier": "company.my tier: 1 # new", "account.revenue": "company.{x}"}
    written(tmp_path, "--crms", "hubspot", *(f"--field=hubspot.{fact}={name}" for fact, name in names.items()))
    data = YAML(typ="safe").load((tmp_path / "closedloop.yaml").read_text())["crms"]["hubspot"]["facts"]
    found = {fact: data[fact]["field"] if isinstance(data[fact], dict) else data[fact] for fact in names}
    assert found == names


@pytest.mark.parametrize("command", [["init", *ANSWERS], ["schema", "--write"]])
def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "new")
    words = [command[0], folder, *command[1:]] if command[0] == "init" else [*command, folder]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, UnwritableFolder)
    assert str(done.exception) == f"{folder} cannot be written: Not a directory. Name a folder that you may write to."
