"""The examples that are shipped load with the real adapters, and their programs reach most customers."""

from pathlib import Path

import pytest

from adapters.hubspot.spec import SPEC as HUBSPOT
from adapters.salesforce.spec import SPEC as SALESFORCE
from connector.domain.programs import Mode
from connector.domain.surveys import AskKind
from connector.ports.errors import ConfigError
from connector.settings.loading import load

EXAMPLES = Path(__file__).parents[3] / "config" / "examples"
SPECS = {"salesforce": SALESFORCE, "hubspot": HUBSPOT}
ENVIRON = {
    "CLOSEDLOOP_PUBLIC_URL": "http://127.0.0.1:8080",
    "CLOSEDLOOP_LISTEN": "127.0.0.1:8080",
    "CLOSEDLOOP_DATA": "data",
    "CLOSEDLOOP_KEY": "k" * 32,
    "SMTP_RELAY": "127.0.0.1:2525",
    "SMTP_TLS": "none",
}
SALESFORCE_ENVIRON = {
    "SALESFORCE_ORG_ID": "00D5e000000ABCD",
    "SALESFORCE_URL": "http://127.0.0.1:9000",
    "SALESFORCE_CLIENT_ID": "id",
    "SALESFORCE_CLIENT_SECRET": "secret",
}
HUBSPOT_ENVIRON = {
    "HUBSPOT_ORG_ID": "12345678",
    "HUBSPOT_URL": "http://127.0.0.1:9000",
    "HUBSPOT_ACCESS_TOKEN": "pat-eu1-a-token",
}
WHOLE = ENVIRON | SALESFORCE_ENVIRON | HUBSPOT_ENVIRON


def test_the_example_of_kea_loads_with_the_real_adapter() -> None:
    loaded = load(EXAMPLES / "kea", specs=SPECS, environ=WHOLE)
    assert loaded.policy.mode is Mode.SHADOW
    types = [rule.type for rule in loaded.policy.relationships]
    assert types == ["partner", "strategic", "ongoing", "regular", "transactional"]
    assert {program.id: (program.relationship, program.kind) for program in loaded.policy.programs} == {
        "onboarding": ("ongoing", AskKind.TRANSACTION),
        "ongoing": ("ongoing", AskKind.RELATIONSHIP),
        "partner": ("partner", AskKind.RELATIONSHIP),
        "regular": ("regular", AskKind.TRANSACTION),
        "strategic": ("strategic", AskKind.RELATIONSHIP),
        "transactional": ("transactional", AskKind.TRANSACTION),
    }
    assert {fact.name: source for fact, source in loaded.crms[0].sources.items()} == {
        "account.kind": "Account.Type",
        "account.tier": "Account.Tier__c",
        "account.revenue": "Account.ARR__c",
        "account.renewal_on#1": "Account.Renewal_Date__c",
        "contact.level#1": "Contact.Feedback_Level__c",
        "contact.title#2": "Contact.Title",
        "contact.language": "Contact.Language__c",
    }


def test_the_example_of_a_portal_loads_with_the_real_adapter_and_names_its_properties() -> None:
    loaded = load(EXAMPLES / "kea-hubspot", specs=SPECS, environ=ENVIRON | HUBSPOT_ENVIRON)
    assert loaded.policy.mode is Mode.SHADOW
    assert [(crm.name, crm.spec.name, crm.org_id) for crm in loaded.crms] == [("hub", "hubspot", "12345678")]
    assert {fact.name: source for fact, source in loaded.crms[0].sources.items()} == {
        "account.kind": "company.type",
        "account.tier": "company.tier",
        "account.revenue": "company.arr",
        "account.renewal_on": "company.renewal_date",
        "contact.level#1": "contact.feedback_level",
        "contact.title#2": "contact.jobtitle",
        "contact.language": "contact.hs_language",
    }


@pytest.mark.parametrize("folder", sorted(path.name for path in EXAMPLES.iterdir()))
def test_every_relationship_type_of_an_example_has_a_program(folder: str) -> None:
    policy = load(EXAMPLES / folder, specs=SPECS, environ=WHOLE).policy
    assert {rule.type for rule in policy.relationships} == {program.relationship for program in policy.programs}


@pytest.mark.parametrize(
    ("folder", "own"),
    [("kea", SALESFORCE_ENVIRON | HUBSPOT_ENVIRON), ("kea-hubspot", HUBSPOT_ENVIRON)],
    ids=["kea", "kea-hubspot"],
)
def test_without_its_environment_an_example_names_every_missing_variable(folder: str, own: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(EXAMPLES / folder, specs=SPECS, environ={})
    named = {mistake.found.removeprefix("found the environment variable ") for mistake in caught.value.mistakes}
    assert named == {f"{name} not set" for name in ENVIRON | own}
