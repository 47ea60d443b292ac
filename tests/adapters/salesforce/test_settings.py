"""Which keys of a connection are taken, and how the others are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.salesforce.settings import SalesforceSettings

GOOD = {"flow": "client_credentials", "domain": "kea.my", "client_id": "an-id", "client_secret": "a-secret"}


def told(values: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        SalesforceSettings.model_validate(values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ({"domain": "kea.my"}, "https://kea.my.salesforce.com"),
        ({"domain": "kea--uat.sandbox.my"}, "https://kea--uat.sandbox.my.salesforce.com"),
        ({"domain": "https://Kea.my.salesforce.com/"}, "https://kea.my.salesforce.com"),
        ({"url": "https://kea.my.salesforce.com/"}, "https://kea.my.salesforce.com"),
        ({"url": "http://127.0.0.1:8123"}, "http://127.0.0.1:8123"),
        ({"url": "http://127.9.9.9:8123"}, "http://127.9.9.9:8123"),
        ({"url": "http://localhost:8123/"}, "http://localhost:8123"),
        ({"url": "http://[::1]:8123"}, "http://[::1]:8123"),
    ],
)
def test_a_sign_in_place_is_taken(written: dict[str, str], origin: str) -> None:
    login = {key: value for key, value in GOOD.items() if key != "domain"} | written
    assert SalesforceSettings.model_validate({"login": login}).login.origin == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://kea.my.salesforce.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "http://127.0.0.1@evil.example",
    ],
)
def test_plain_http_leaves_this_machine_under_no_name(url: str) -> None:
    login = {"flow": "token", "url": url, "access_token": "a-token"}
    text = told({"login": login})
    assert "plain http is allowed to this machine only" in text or "only scheme, host and port" in text
    assert "a-token" not in text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"domain": "login"}, "My Domain only"),
        ({"domain": "kea my"}, "such as kea.my"),
        ({"domain": None}, "expected either domain or url"),
        ({"url": "https://kea.my.salesforce.com"}, "expected either domain or url"),
        ({"domain": None, "url": "https://kea.my.salesforce.com/services"}, "only scheme, host and port"),
        ({"domain": None, "url": "ftp://kea.my.salesforce.com"}, "expected the org's URL"),
        ({"flow": "password"}, "client_credentials"),
        ({"user": "iris"}, "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_login_is_refused_without_telling_its_values(change: dict[str, Any], expected: str) -> None:
    text = told({"login": {**GOOD, **change}})
    assert expected in text
    assert "a-secret" not in text


@pytest.mark.parametrize(
    "change", [{"api_version": "v68.0"}, {"api_version": "31.0"}, {"page_size": 2001}, {"page_size": 10}, {"x": 1}]
)
def test_other_wrong_keys_are_refused(change: dict[str, Any]) -> None:
    assert next(iter(change)) in told({"login": GOOD, **change})


def test_secrets_show_in_no_text_of_the_settings() -> None:
    settings = SalesforceSettings.model_validate({"login": GOOD})
    assert "a-secret" not in f"{settings!r} {settings} {settings.model_dump()}"
    assert (settings.api_version, settings.page_size) == ("68.0", 2000)
