"""What bootstrap joins: which sources a connection has decides what is pulled again."""

import shutil
from pathlib import Path

import pytest

from connector.bootstrap import configure, wired
from connector.testing.fakes import FakeClock
from tests.unit.settings.test_examples import EXAMPLES, WHOLE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example's settings with one more fact, which no condition reads."""
    folder = shutil.copytree(EXAMPLES / "kea", tmp_path / "kea")
    tier = "account.tier: Account.Tier__c"
    change(folder, old=tier, new=f"{tier}\n      account.seats: Account.Seats__c")
    return folder


def change(folder: Path, *, old: str, new: str) -> None:
    settings = folder / "closedloop.yaml"
    text = settings.read_text()
    assert text.count(old) == 1
    settings.write_text(text.replace(old, new))


def sources(folder: Path) -> dict[str, str]:
    """The sources of Salesforce, as `closedloop sync` would get them."""
    environ = {**WHOLE, "CLOSEDLOOP_DATA": str(folder.parent / "data")}
    with wired(configure(folder, environ=environ), clock=FakeClock()) as ports:
        (crm,) = (crm for crm in ports.crms if crm.name == "sf")
        return dict(crm.sources)


def test_sources_name_the_field_the_declared_type_and_the_words_of_ours(folder):
    found = sources(folder)
    names = ("account.revenue", "account.kind", "account.renewal_on", "account.name", "contact.ours.score")
    assert {name: found[name] for name in names} == {
        "account.revenue": "Account.ARR__c as number",
        "account.kind": "Account.Type as text",
        "account.renewal_on": (
            "first of Account.Renewal_Date__c, next contract.ends_on where contract.stage = 'Activated' as date"
        ),
        "account.name": "Account.Name",
        "contact.ours.score": "ours as number",
    }


@pytest.mark.parametrize(
    ("old", "new", "otherwise"),
    [
        (
            "account.seats: Account.Seats__c",
            "account.seats: {field: Account.Seats__c, type: number}",
            {"account.seats"},
        ),
        ("contact: [score, answered_on]", "contact: [score]", {"contact.ours.answered_on"}),
    ],
    ids=["a type alone", "a word of ours"],
)
def test_a_change_of_what_is_read_shows_in_the_sources_alone_there(folder, old, new, otherwise):
    before = sources(folder)
    change(folder, old=old, new=new)
    after = sources(folder)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == otherwise
