"""Two connections that hold each other's ids: what the settings become, and what bootstrap wires."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from connector.bootstrap import configure, wired
from connector.domain.records import Fact, FactType, RecordKind
from connector.ports.crm import CrmSpec, stripped_id
from connector.ports.wiring import Crm
from connector.settings.loading import load
from connector.testing.fakes import FakeClock
from tests.unit.settings.test_examples import EXAMPLES, WHOLE

TWIN = Fact(kind=RecordKind.ACCOUNT, word="same_as", type=FactType.TEXT)
TWIN_PERSON = Fact(kind=RecordKind.CONTACT, word="same_as", type=FactType.TEXT)
KIND = Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT)
SECOND = """
  till:
    adapter: paper
    home: true
    login: {flow: token, token: "${env:TOKEN}"}
    same_as: {crm: desk, account: Firm.Twin, contact: Card.Twin}
    facts: {account.kind: {field: Firm.Sort, values: {CUSTOMER: Customer, PARTNER: Partner}}}
spacing:"""
PORTAL = """
  portal:
    adapter: hubspot
    org_id: "1234"
    login: {flow: token, access_token: "${env:SALESFORCE_CLIENT_SECRET}"}
    same_as: {crm: sf, account: company.salesforceaccountid}
    facts:
      account.kind: {field: company.type, values: {PARTNER: Partner, CUSTOMER: Customer}}
      account.owner: {field: company.hubspot_owner_id}
      contact.language: {field: contact.hs_language, values: {en-us: en}}
"""


def beside(folder: Path, tmp_path: Path, *, old: str, new: str) -> Path:
    """A copy of a folder with a text in closedloop.yaml replaced."""
    copy = shutil.copytree(folder, tmp_path / "joined")
    text = (copy / "closedloop.yaml").read_text()
    assert text.count(old) == 1
    (copy / "closedloop.yaml").write_text(text.replace(old, new))
    return copy


def test_a_connection_reads_the_other_s_ids_as_facts_that_no_condition_knows(
    good: Path, specs: Mapping[str, CrmSpec], environ: Mapping[str, str], tmp_path: Path
) -> None:
    loaded = load(beside(good, tmp_path, old="\nspacing:", new=SECOND), specs=specs, environ=environ)
    desk, till = loaded.crms
    assert (desk.same_as, desk.is_home, desk.values, TWIN in desk.sources) == (None, False, {}, False)
    assert (till.same_as, till.is_home) == ("desk", True)
    assert till.sources == {KIND: "Firm.Sort", TWIN: "Firm.Twin", TWIN_PERSON: "Card.Twin"}
    assert till.values == {KIND: {"CUSTOMER": "Customer", "PARTNER": "Partner"}}
    assert [name for name in loaded.facts if name.endswith("same_as")] == []


def wired_crms(folder: Path, tmp_path: Path, *, portal: str) -> dict[str, Crm]:
    """The connections of the example's settings beside a portal, as a run would get them."""
    settings = beside(folder, tmp_path, old="\n# What a job title", new=f"{portal}\n# What a job title")
    environ = {**WHOLE, "CLOSEDLOOP_DATA": str(tmp_path / "data")}
    with wired(configure(settings, environ=environ), clock=FakeClock()) as ports:
        return {crm.name: crm for crm in ports.crms}


def test_bootstrap_wires_home_values_and_the_other_crm_s_way_to_read_its_ids(tmp_path: Path) -> None:
    crms = wired_crms(EXAMPLES / "kea", tmp_path, portal=PORTAL)
    org, portal = crms["sf"], crms["portal"]
    assert (org.same_as, org.is_home, org.values) == (None, True, {})
    assert not portal.is_home
    assert portal.values == {
        "account.kind": {"PARTNER": "Partner", "CUSTOMER": "Customer"},
        "contact.language": {"en-us": "en"},
    }
    assert portal.same_as is not None
    assert portal.same_as.crm == "sf"
    given = (" 001000000000001AAA ", "0015g00000AbCdE", "12345", "")
    assert [portal.same_as.read_id(text) for text in given] == ["001000000000001AAA", "0015g00000AbCdEAAV", None, None]


def test_the_twin_s_connection_and_the_values_are_part_of_where_a_fact_is_read(tmp_path: Path) -> None:
    sources = wired_crms(EXAMPLES / "kea", tmp_path, portal=PORTAL)["portal"].sources
    names = ("account.same_as", "account.kind", "account.owner", "contact.language")
    assert {name: sources[name] for name in names} == {
        "account.same_as": "company.salesforceaccountid of sf",
        "account.kind": 'company.type as text with {"CUSTOMER": "Customer", "PARTNER": "Partner"}',
        "account.owner": "company.hubspot_owner_id",
        "contact.language": 'contact.hs_language with {"en-us": "en"}',
    }
    assert "contact.same_as" not in sources


@pytest.mark.parametrize(("text", "expected"), [(" 4711 ", "4711"), ("4711", "4711"), ("  ", None)])
def test_an_id_without_a_form_of_its_own_is_read_as_text(text: str, expected: str | None) -> None:
    assert stripped_id(text) == expected
