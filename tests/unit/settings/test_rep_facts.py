"""What reps say may stand in fields of an admin's own: mapped as any well-known fact, with the type of its word."""

import shutil
from pathlib import Path

import pytest

from connector.domain.records import Fact, FactType, RecordKind
from connector.ports.crm import CrmSpec
from connector.ports.errors import ConfigError
from connector.settings.loading import load

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
MAPPED = {
    Fact(kind=ACCOUNT, word="hold_until", type=FactType.DATE): "Firm.PausedUntil",
    Fact(kind=ACCOUNT, word="hold_reason", type=FactType.TEXT): "Firm.PausedWhy",
    Fact(kind=CONTACT, word="hold_until", type=FactType.DATE): "Card.PausedUntil",
    Fact(kind=CONTACT, word="hold_reason", type=FactType.TEXT): "Card.PausedWhy",
    Fact(kind=CONTACT, word="left_company", type=FactType.BOOLEAN): "Card.Gone",
    Fact(kind=CONTACT, word="rep_level", type=FactType.TEXT): "Card.Rank",
}


def with_facts(good: Path, tmp_path: Path, *lines: str) -> Path:
    """The good folder with more facts."""
    folder = tmp_path / "kea"
    shutil.copytree(good, folder)
    house = folder / "closedloop.yaml"
    before, mark, after = house.read_text().partition("    facts:\n")
    house.write_text(before + mark + "".join(f"      {line}\n" for line in lines) + after)
    return folder


def test_fields_of_one_s_own_stand_for_what_reps_say(
    good: Path, specs: dict[str, CrmSpec], environ: dict[str, str], tmp_path: Path
) -> None:
    lines = [f"{fact.name}: {source}" for fact, source in MAPPED.items()]
    (crm,) = load(with_facts(good, tmp_path, *lines), specs=specs, environ=environ).crms
    assert {fact: crm.sources.get(fact) for fact in MAPPED} == MAPPED


def test_a_hold_s_date_is_a_date_whatever_the_admin_says(
    good: Path, specs: dict[str, CrmSpec], environ: dict[str, str], tmp_path: Path
) -> None:
    folder = with_facts(good, tmp_path, "account.hold_until: {field: Firm.PausedUntil, type: text}")
    with pytest.raises(ConfigError) as caught:
        load(folder, specs=specs, environ=environ)
    assert [(mistake.found, mistake.expected) for mistake in caught.value.mistakes] == [
        ("found account.hold_until as text", "expected date, as its word says")
    ]
