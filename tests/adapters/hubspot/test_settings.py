"""Which keys of a connection are taken, and how the others are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from adapters.hubspot.settings import HubspotSettings

GOOD = {"flow": "token", "access_token": "pat-eu1-a-secret"}


def told(values: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        HubspotSettings.model_validate(values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ({}, "https://api.hubapi.com"),
        ({"url": "https://API.hubapi.com/"}, "https://api.hubapi.com"),
        ({"url": "http://127.0.0.1:8123"}, "http://127.0.0.1:8123"),
        ({"url": "http://localhost:8123"}, "http://localhost:8123"),
        ({"url": "http://[::1]:8123"}, "http://[::1]:8123"),
    ],
)
def test_a_sign_in_place_is_taken(written: dict[str, str], origin: str) -> None:
    assert HubspotSettings.model_validate({"login": GOOD | written}).login.url == origin


@pytest.mark.parametrize(
    "url",
    [
        "http://api.hubapi.com",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "http://127.0.0.1@evil.example",
    ],
)
def test_plain_http_leaves_this_machine_under_no_name(url: str) -> None:
    text = told({"login": {**GOOD, "url": url}})
    assert "plain http is allowed to this machine only" in text or "only scheme, host and port" in text
    assert "a-secret" not in text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"url": "https://api.hubapi.com/crm"}, "only scheme, host and port"),
        ({"url": "ftp://api.hubapi.com"}, "expected a URL"),
        ({"flow": "client_credentials"}, "Input should be 'token'"),
        ({"user": "iris"}, "Extra inputs are not permitted"),
        ({"access_token": "pat-a-secret\nX-Header: 1"}, "in one line and without spaces"),
        ({"access_token": ""}, "in one line and without spaces"),
    ],
)
def test_a_wrong_login_is_refused_without_telling_its_values(change: dict[str, Any], expected: str) -> None:
    text = told({"login": {**GOOD, **change}})
    assert expected in text
    assert "a-secret" not in text


def test_other_keys_are_refused() -> None:
    assert "page_size" in told({"login": GOOD, "page_size": 100})


def test_a_token_loses_the_line_break_at_its_end_and_shows_in_no_text() -> None:
    settings = HubspotSettings.model_validate({"login": {**GOOD, "access_token": "pat-eu1-a-secret\n"}})
    assert settings.login.access_token.get_secret_value() == "pat-eu1-a-secret"
    assert "a-secret" not in f"{settings!r} {settings} {settings.model_dump()}"


@pytest.mark.parametrize("name", ["", "Manager", "hs manager", "a.b", "x" * 101, "1st"])
def test_the_managers_property_must_look_like_one(name: str) -> None:
    assert "manager_property" in told({"login": GOOD, "manager_property": name})


def test_the_managers_property_has_a_default_and_may_be_named() -> None:
    named = HubspotSettings.model_validate({"login": GOOD, "manager_property": "reports_to_owner"})
    default = HubspotSettings.model_validate({"login": GOOD})
    assert (named.manager_property, default.manager_property) == ("reports_to_owner", "manager_owner_id")
