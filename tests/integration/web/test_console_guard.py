"""Who may look at the console: this machine by its own names, with headers that let nothing else in."""

from collections.abc import Iterator

import pytest
import structlog
from fastapi.testclient import TestClient

from connector.storage.engine import SqlStorage
from connector.usecases.kept_plans import KeptPlans
from connector.web.console_guard import FROM_ELSEWHERE, host_name
from tests.integration.web.console_house import console_of, fill

FOREIGN = ("<style", " style=", " onclick=", "javascript:", "http://", "https://")


@pytest.fixture
def client(storage: SqlStorage) -> Iterator[TestClient]:
    """A console over a world in which something happened."""
    fill(storage)
    with console_of(storage) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8081", "127.0.0.1", "localhost:9000", "LOCALHOST", "[::1]:8081", "127.8.9.1"]
)
def test_a_name_of_this_machine_is_answered(client: TestClient, host: str) -> None:
    assert client.get("/accounts", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:8081",
        "10.0.0.1",
        "[::2]",
        "",
        "[::1",
        "localhost:x",
    ],
)
def test_any_other_name_is_refused_without_a_word_of_the_page(client: TestClient, host: str) -> None:
    answer = client.get("/accounts", headers={"host": host})
    assert answer.status_code == 421
    assert answer.text == "The console answers to names of this machine only, such as 127.0.0.1 or localhost.\n"


@pytest.mark.parametrize("url", ["/", "/next", "/plan", "/accounts/1", "/static/console.css", "/healthz"])
def test_nothing_is_fetched_or_started_by_a_page_of_another_site(
    client: TestClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptPlans, "next_days", lambda *_: pytest.fail("work was started"))
    for mode, dest in (("no-cors", "image"), ("navigate", "document"), ("cors", "empty")):
        sent = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode, "sec-fetch-dest": dest}
        answer = client.get(url, headers=sent)
        assert (answer.status_code, answer.text, answer.headers["x-frame-options"]) == (403, FROM_ELSEWHERE, "DENY")


@pytest.mark.parametrize("site", [None, "none", "same-origin", "same-site"])
def test_a_typed_link_a_program_and_our_own_pages_are_answered(client: TestClient, site: str | None) -> None:
    assert client.get("/plan", headers={} if site is None else {"sec-fetch-site": site}).status_code == 200


def test_a_host_header_is_read_without_its_port() -> None:
    found = {text: host_name(text) for text in ("a.example:80", "a.example", "[::1]:80", "[::1]", "[::1", "a:b", "")}
    assert found == {"a.example:80": "a.example", "a.example": "a.example", "[::1]:80": "::1", "[::1]": "::1"} | {
        "[::1": "",
        "a:b": "",
        "": "",
    }


@pytest.mark.parametrize("url", ["/", "/accounts", "/plan", "/errors", "/next", "/nowhere", "/static/console.css"])
def test_every_answer_lets_nothing_in_but_the_console_s_own_files(client: TestClient, url: str) -> None:
    headers = client.get(url).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    )
    expected = {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow",
    }
    assert {name: headers[name] for name in expected} == expected
    assert headers["cache-control"] == ("private, max-age=3600" if url.startswith("/static") else "no-store")


def test_no_page_holds_a_script_a_style_or_an_address_of_another_machine(client: TestClient) -> None:
    for url in ("/", "/accounts", "/plan", "/errors", "/nowhere"):
        text = client.get(url).text
        assert text.count("<script") == text.count('<script src="/static/htmx.js" defer></script>') == 1
        assert [
            each for each in ("<style", " style=", " onclick=", "javascript:", "http://", "https://") if each in text
        ] == []


def test_a_failure_of_ours_is_a_page_with_the_same_headers(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("Anna Größe")

    monkeypatch.setattr("connector.web.console.overview", broken)
    answer = client.get("/")
    assert (answer.status_code, "Anna" in answer.text) == (500, False)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_an_unreadable_database_is_told(client: TestClient, storage: SqlStorage) -> None:
    with storage.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE switch RENAME TO hidden")
    try:
        answer, health = client.get("/errors"), client.get("/healthz")
    finally:
        with storage.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE hidden RENAME TO switch")
    assert (answer.status_code, health.status_code) == (503, 503)
    assert "The database cannot be read at the moment" in answer.text


def test_the_log_names_pages_and_nobody(client: TestClient) -> None:
    with structlog.testing.capture_logs() as logs:
        for url in ("/accounts?q=anna", "/accounts/1", "/anna", "/"):
            client.get(url)
    assert [(each["event"], each["page"], each["method"]) for each in logs] == [
        ("page_served", "/accounts", "GET"),
        ("page_served", "/accounts", "GET"),
        ("page_served", "other", "GET"),
        ("page_served", "/", "GET"),
    ]
    assert "anna" not in str(logs).lower()
