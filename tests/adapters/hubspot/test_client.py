"""How often HubSpot is asked, and what becomes of its answers; over HTTP to a small server of the test."""

import time
import traceback
from typing import Any

import pytest

from adapters.hubspot.failures import MissingScope
from adapters.hubspot.settings import HubspotSettings
from adapters.hubspot.transport import TIMEOUT_SECONDS, open_api
from connector.ports.errors import CrmAuthError, CrmRateLimited, CrmUnavailable, CrmWrongOrg
from tests.adapters.hubspot.small_portal import TOKEN, Answer, Portal, client_of, failing

QUESTION = {"query": "iris.malouf@kauri.example"}


def test_every_request_goes_over_one_connection_with_the_token(portal: Portal) -> None:
    client = client_of(portal)
    client.properties("contacts")
    client.search("contacts", {})
    client.owners(after=None, archived=True)
    assert {headers["Authorization"] for headers in portal.headers} == {f"Bearer {TOKEN}"}
    assert len(portal.connections) == 1
    assert portal.asked == [
        "GET /crm/properties/2026-03/contacts",
        "POST /crm/objects/2026-03/contacts/search",
        "GET /crm/owners/2026-03?limit=100&archived=true",
    ]


def test_another_portal_is_asked_for_nothing(portal: Portal) -> None:
    client = client_of(portal, pinned="99")
    for verb in (client.organisation, lambda: client.properties("contacts")):
        with pytest.raises(CrmWrongOrg, match="opens portal 12345678, but 99 is pinned"):
            verb()
    assert portal.asked == []


@pytest.mark.parametrize("name", ["bad token", "expired token"])
def test_a_refused_token_is_not_tried_again(portal: Portal, name: str) -> None:
    portal.answer = failing(name, times=99)
    with pytest.raises(CrmAuthError, match="put a new one into login") as caught:
        client_of(portal).properties("contacts")
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert len(portal.asked) == 1


def test_a_passing_failure_is_asked_as_often_as_patience_allows(portal: Portal) -> None:
    portal.answer = failing("down", times=99)
    with pytest.raises(CrmUnavailable) as caught:
        client_of(portal).search("contacts", QUESTION)
    assert len(portal.asked) == 3
    assert "malouf" not in "".join(traceback.format_exception(caught.value))


def test_a_request_limit_of_seconds_is_waited_for(portal: Portal) -> None:
    portal.answer = failing("search limit", times=1)
    begin = time.monotonic()
    assert client_of(portal).search("contacts", {}).records == []
    assert time.monotonic() - begin >= 1.0
    assert len(portal.asked) == 2


@pytest.mark.parametrize(("name", "headers"), [("moving", {"Retry-After": "600"}), ("edge", {}), ("burst limit", {})])
def test_a_wait_longer_than_our_patience_is_left_to_the_next_run(
    portal: Portal, name: str, headers: dict[str, str]
) -> None:
    portal.answer = failing(name, times=99, headers=headers)
    with pytest.raises((CrmUnavailable, CrmRateLimited)):
        client_of(portal).properties("contacts")
    assert len(portal.asked) == 1


@pytest.mark.parametrize(
    ("zone", "seconds"), [("Europe/Berlin", 3600 * 2 - 60), ("UTC", 3600 * 4 - 60), ("Mars/Olympus", 3600 * 4 - 60)]
)
def test_a_used_up_day_waits_for_the_portals_midnight(portal: Portal, zone: str, seconds: float) -> None:
    portal.zone = zone
    portal.answer = failing("daily limit", times=99, headers={"Date": "Fri, 01 May 2026 20:01:00 GMT"})
    with pytest.raises(CrmRateLimited) as caught:
        client_of(portal).properties("contacts")
    assert caught.value.retry_after == seconds
    assert len(portal.asked) == 1


@pytest.mark.parametrize("answer", [b"<html>Please log in</html>", b"", b"[]", b'{"status": "COMPLETE"}', b"\xff\xfe"])
def test_an_answer_of_an_unknown_form_counts_as_unavailable(portal: Portal, answer: bytes) -> None:
    portal.answer = lambda method, path, body: (200, {"Content-Type": "text/html"}, answer)
    with pytest.raises(CrmUnavailable, match=r"not JSON|unknown form"):
        client_of(portal).properties("contacts")


def test_an_error_page_in_an_odd_encoding_counts_as_unavailable(portal: Portal) -> None:
    portal.answer = lambda method, path, body: (502, {"Content-Type": "text/html"}, b"<html>\xe4\xf6</html>")
    with pytest.raises(CrmUnavailable):
        client_of(portal).properties("contacts")


def test_a_redirect_is_not_followed_with_the_token(portal: Portal) -> None:
    portal.answer = lambda method, path, body: (302, {"Location": f"{portal.url}/elsewhere"}, b"")
    with pytest.raises(CrmUnavailable):
        client_of(portal).properties("contacts")
    assert {path.partition(" ")[2] for path in portal.asked} == {"/crm/properties/2026-03/contacts"}


def test_associations_are_asked_for_by_the_thousand_and_read_on_where_there_are_more(portal: Portal) -> None:
    def answer(method: str, path: str, body: Any) -> Answer:
        first = body["inputs"][0]
        to = [{"toObjectId": 29022297485, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 5}]}]
        more = {} if "after" in first or first["id"] != "0" else {"paging": {"next": {"after": "x"}}}
        result = {"from": {"id": first["id"]}, "to": to, **more}
        return 207, {}, {"results": [result], "errors": [{"category": "OBJECT_NOT_FOUND"}]}

    portal.answer = answer
    found = client_of(portal).associations("deals", "companies", ids=[str(number) for number in range(1001)])
    assert [len(body["inputs"]) for body in portal.bodies] == [1000, 2]
    assert portal.bodies[1]["inputs"] == [{"id": "1000"}, {"id": "0", "after": "x"}]
    one = ("29022297485", frozenset({5}))
    assert found == {"0": [one], "1000": [one]}


def test_a_missing_scope_is_told_apart_from_a_bad_token(portal: Portal) -> None:
    portal.answer = failing("missing scope", times=99)
    with pytest.raises(MissingScope, match=r"crm\.objects\.contacts\.read"):
        client_of(portal).properties("contacts")


def test_every_request_has_a_time_out(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    client = client_of(portal)
    pool = client._api.rest_client.pool_manager
    urlopen = pool.urlopen

    def spy(method: str, url: str, **options: Any) -> Any:
        seen.append((options["timeout"].connect_timeout, options["timeout"].read_timeout))
        return urlopen(method, url, **options)

    monkeypatch.setattr(pool, "urlopen", spy)
    client.properties("contacts")
    client.search("contacts", {})
    assert seen == [TIMEOUT_SECONDS] * 3


def test_the_library_neither_retries_nor_redirects_by_itself() -> None:
    settings = HubspotSettings.model_validate({"login": {"flow": "token", "access_token": TOKEN}})
    api = open_api(settings)
    assert (api.configuration.host, api.configuration.retries) == ("https://api.hubapi.com", False)
    retries = api.rest_client.pool_manager.connection_pool_kw["retries"]
    assert (retries.total, retries.redirect) == (False, 0)
