"""Test mode in the settings: its list, where it is obligatory, and programs below it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from connector.domain.listed import Listed
from connector.domain.programs import Mode
from connector.ports.crm import CrmSpec
from connector.ports.errors import ConfigError
from connector.settings.configuration import Configuration
from connector.settings.loading import load

LIST = 'test: {recipients: ["*@KEA.example"], accounts: [" Kea Test GmbH "]}\n'
MISSING = (
    "closedloop.yaml:1:1: found no key `test`; expected it here, such as "
    '{recipients: ["*@kea.example"], accounts: ["Kea Test GmbH"]}: whom test mode reaches'
)
Loading = Callable[..., Configuration]


@pytest.fixture
def loading(good: Path, specs: dict[str, CrmSpec], environ: dict[str, str], tmp_path: Path) -> Loading:
    """Loads the good folder with other lines at the top of the house file and of a program, without their modes."""
    folder = tmp_path / "kea"
    shutil.copytree(good, folder)

    def run(*, house: str = "", program: str = "") -> Configuration:
        for name, text in (("closedloop.yaml", house), ("programs/ongoing.yaml", program)):
            lines = (folder / name).read_text().splitlines(keepends=True)
            kept = [line for line in lines if not line.startswith(("mode:", "test:"))]
            (folder / name).write_text("".join([text, *kept]))
        return load(folder, specs=specs, environ=environ)

    return run


def mistakes_of(loading: Loading, **lines: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loading(**lines)
    return str(caught.value).splitlines()


def test_a_house_in_test_mode_lists_whom_it_reaches(loading: Loading) -> None:
    policy = loading(house=f"mode: test\n{LIST}").policy
    assert (policy.mode, policy.listed) == (
        Mode.TEST,
        Listed(recipients=("*@kea.example",), accounts=("Kea Test GmbH",)),
    )
    assert {policy.mode_of(program) for program in policy.programs} == {Mode.TEST, Mode.SHADOW}


def test_an_account_s_id_may_be_written_in_each_form_that_its_crm_gives_it(
    loading: Loading, specs: dict[str, CrmSpec]
) -> None:
    specs["paper"] = replace(specs["paper"], read_id=lambda text: f"{text}-00" if text.startswith("F") else None)
    listed = loading(
        house='mode: test\ntest: {recipients: ["*@kea.example"], accounts: [F7, Kea Test GmbH]}\n'
    ).policy.listed
    assert (listed.accounts, listed.ids) == (("F7", "Kea Test GmbH"), {"F7-00": "F7"})
    assert [listed.has_account(name=None, crm_id=crm_id) for crm_id in ("F7", "F7-00", "F8-00")] == [True, True, False]


@pytest.mark.parametrize(
    "lines",
    [{"house": "mode: test\n"}, {"house": "mode: live\n", "program": "mode: test\n"}, {"program": "mode: test\n"}],
)
def test_the_list_is_obligatory_where_anything_is_in_test_mode(loading: Loading, lines: dict[str, str]) -> None:
    assert MISSING in mistakes_of(loading, **lines)


@pytest.mark.parametrize(
    ("house", "program", "expected"),
    [("test", "live", "test"), ("shadow", "test", "shadow"), ("shadow", "live", "shadow")],
)
def test_a_program_may_be_lower_never_higher(loading: Loading, house: str, program: str, expected: str) -> None:
    told = mistakes_of(loading, house=f"mode: {house}\n{LIST}", program=f"mode: {program}\n")
    assert told == [
        f"programs/ongoing.yaml:1:7: found '{program}'; expected {expected}, as in closedloop.yaml: "
        "a program's mode may be lower, never higher"
    ]


def test_test_mode_too_sends_and_writes_for_one_pinned_org_only(loading: Loading, tmp_path: Path) -> None:
    house = tmp_path / "kea" / "closedloop.yaml"
    house.write_text("".join(line for line in house.read_text().splitlines(keepends=True) if "org_id" not in line))
    (told,) = mistakes_of(loading, house=f"mode: test\n{LIST}")
    assert told.endswith("found no key `org_id`; expected it here: test mode sends and writes for one pinned org only")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{recipients: ["*"], accounts: [A]}', "1:21: found '*'; expected a mail address, or a pattern such as"),
        ("{recipients: [], accounts: [A]}", "1:20: found an empty list; expected at least 1"),
        ('{recipients: ["*@kea.example"], accounts: []}', "1:49: found an empty list; expected at least 1"),
        ('{recipients: ["*@kea.example"]}', "found no key `accounts`"),
    ],
)
def test_a_list_that_cannot_be_meant_is_a_mistake_with_its_place(loading: Loading, line: str, expected: str) -> None:
    (told,) = mistakes_of(loading, house=f"test: {line}\nmode: test\n")
    assert expected in told
