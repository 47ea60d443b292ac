"""Each seeded mistake of an admin is found where it stands, and nothing else, by reading the files alone."""

import shutil
from pathlib import Path

import pytest

from adapters.hubspot.spec import SPEC as HUBSPOT
from adapters.salesforce.spec import SPEC as SALESFORCE
from connector.ports.errors import ConfigError, Mistake
from connector.settings.loading import load
from tests.mistakes.seeds import KEA, Place, Seed, read_seeds

SPECS = {"salesforce": SALESFORCE, "hubspot": HUBSPOT}
ENVIRON = {
    "CLOSEDLOOP_PUBLIC_URL": "https://feedback.kea.example",
    "CLOSEDLOOP_LISTEN": "127.0.0.1:8080",
    "CLOSEDLOOP_DATA": "data",
    "CLOSEDLOOP_KEY": "a-key-of-the-tests-with-32-bytes",
    "SMTP_RELAY": "127.0.0.1:25",
    "SMTP_TLS": "none",
    "SALESFORCE_ORG_ID": "00D5e000000ABCD",
    "SALESFORCE_URL": "https://kea.my.salesforce.com",
    "SALESFORCE_CLIENT_ID": "an-id",
    "SALESFORCE_CLIENT_SECRET": "a-secret",
    "HUBSPOT_URL": "https://api.hubapi.com",
    "HUBSPOT_ACCESS_TOKEN": "a-token",
    "HUBSPOT_ORG_ID": "12345678",
}
SEEDS = read_seeds()
IN_THE_FILES = [seed for seed in SEEDS if seed.found_by == "load"]
ELSEWHERE = [seed for seed in SEEDS if seed.found_by != "load"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example, without any mistake."""
    return Path(shutil.copytree(KEA, tmp_path / "settings"))


def mistakes_of(folder: Path) -> list[Mistake]:
    with pytest.raises(ConfigError) as caught:
        load(folder, specs=SPECS, environ=ENVIRON)
    return caught.value.mistakes


@pytest.mark.parametrize("seed", IN_THE_FILES, ids=lambda seed: seed.name)
def test_a_mistake_is_told_at_its_place_and_no_other_is(seed: Seed, folder: Path) -> None:
    seed.lay_over(folder)
    told = {Place(each.file, each.line, each.column, "error"): str(each) for each in mistakes_of(folder)}
    assert set(told) == seed.places, told
    missing = [word for place, words in seed.words.items() for word in words if word not in told[place]]
    assert missing == [], told
    assert [word for word in seed.never_told if word in " ".join(told.values())] == []


@pytest.mark.parametrize("seed", ELSEWHERE, ids=lambda seed: seed.name)
def test_what_only_a_look_at_the_crm_or_at_the_rules_together_can_find_stops_no_loading(
    seed: Seed, folder: Path
) -> None:
    seed.lay_over(folder)
    assert load(folder, specs=SPECS, environ=ENVIRON).policy.programs


def test_there_are_thirty_mistakes_and_more_of_every_sort() -> None:
    assert len([seed for seed in SEEDS if seed.errors]) >= 30
    assert {seed.found_by for seed in SEEDS} == {"load", "rules", "connection"}
    assert load(KEA, specs=SPECS, environ=ENVIRON).policy.programs, "without a seed there is no mistake"
