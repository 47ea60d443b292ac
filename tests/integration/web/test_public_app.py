"""What holds for every page: headers, limits, failures, and a log without links."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import structlog
from fastapi.testclient import TestClient

from connector.domain.programs import Organisation
from connector.ports.errors import StorageError
from connector.testing.fakes import FakeClock
from connector.web.public import PublicSite, public_app
from connector.web.serving import public_server

CSP = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


class _BrokenStorage:
    """A storage whose database is away, or which has a mistake of ours."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    @contextmanager
    def begin(self) -> Iterator[Any]:
        raise self._error
        yield

    snapshot = begin


def _broken(error: Exception) -> TestClient:
    public = PublicSite(
        storage=_BrokenStorage(error),
        clock=FakeClock(),
        organisation=Organisation(name="Kea", timezone="UTC"),
        public_url="https://kea.example/feedback",
    )
    return TestClient(public_app(public), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "answer", 200),
        ("POST", "answer", 422),
        ("GET", "leave", 200),
        ("GET", "/a/forged", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("GET", "/a/", 404),
        ("PUT", "answer", 405),
        ("GET", "/healthz", 200),
    ],
)
def test_every_page_is_private_and_harmless(site: Any, method: str, path: str, status: int) -> None:
    response = site.client.request(method, path if path.startswith("/") else getattr(site, path))
    assert response.status_code == status
    wanted = {
        "content-security-policy": CSP,
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-robots-tag": "noindex, nofollow",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    assert {name: response.headers.get(name) for name in wanted} == wanted
    assert "set-cookie" not in response.headers


def test_the_stylesheet_is_served_and_may_be_kept(site: Any) -> None:
    response = site.client.get("/static/public.css")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert response.headers["cache-control"] == "public, max-age=3600"
    assert "url(" not in response.text


@pytest.mark.parametrize("page", ["answer", "leave"])
def test_a_large_body_is_refused_before_it_is_read(site: Any, page: str) -> None:
    before = site.rows()
    response = site.client.post(getattr(site, page), content=b"x=" + b"y" * 65_536, headers=FORM_TYPE)
    assert (response.status_code, "more than we can take" in response.text) == (413, True)
    assert site.rows() == before


def test_a_large_body_of_no_declared_length_is_refused_too(site: Any) -> None:
    chunks = (b"x=" + b"y" * 999 for _ in range(100))
    assert site.client.post(site.answer, content=chunks, headers=FORM_TYPE).status_code == 413


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_a_form_of_too_many_fields_is_refused(site: Any, encoding: str) -> None:
    fields = {f"f{number}": "1" for number in range(101)}
    sent = {"data": fields} if encoding == "urlencoded" else {"files": dict.fromkeys(fields, (None, "1"))}
    assert site.client.post(site.answer, **sent).status_code in (400, 413)


@pytest.mark.parametrize(
    ("content_type", "content", "status"),
    [
        ("application/json", b'{"relationship": 7}', 415),
        ("text/plain", b"relationship=7", 415),
        ("multipart/form-data", b"no boundary", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nnothing", 422),
        ("application/x-www-form-urlencoded", b"%ff%00=%zz&&&=&relationship=%ff", 422),
        ("application/x-www-form-urlencoded", b"\xff\xfe\x00", 422),
        ("application/x-www-form-urlencoded", b"", 422),
    ],
)
def test_a_body_that_is_no_form_is_refused_with_a_page(
    site: Any, content_type: str, content: bytes, status: int
) -> None:
    before = site.rows()
    response = site.client.post(site.answer, content=content, headers={"Content-Type": content_type})
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert site.rows() == before


def test_files_are_not_taken(site: Any) -> None:
    assert site.client.post(site.answer, files={"change": ("a.txt", b"hi")}).status_code == 400


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (StorageError("the database of secret is away"), 503, "We cannot take this at the moment"),
        (RuntimeError("secret"), 500, "Something went wrong on our side"),
    ],
)
def test_a_failure_of_ours_says_so_and_tells_nothing_else(error: Exception, status: int, words: str) -> None:
    client = _broken(error)
    for response in (client.get("/a/x"), client.post("/a/x", data={"a": "1"}), client.post("/u/x")):
        assert (response.status_code, words in response.text, "secret" in response.text) == (status, True, False)
        assert response.headers["content-security-policy"] == CSP
        assert response.headers["cache-control"] == "no-store"


def test_health_follows_the_database(site: Any) -> None:
    assert site.client.get("/healthz").text == "ok"
    assert _broken(StorageError()).get("/healthz").status_code == 503


def test_a_public_address_with_a_path_leads_to_its_own_pages() -> None:
    page = _broken(StorageError()).get("/a/x").text
    assert 'href="/feedback/static/public.css"' in page


def test_the_log_names_pages_and_never_links(site: Any) -> None:
    with structlog.testing.capture_logs() as events:
        site.client.get(f"{site.answer}?score=7")
        site.client.post(site.leave, data={"List-Unsubscribe": "One-Click"})
        site.client.get("/somebody@else.example/path")
    assert [(event["event"], event["method"], event["page"], event["status"]) for event in events] == [
        ("page_served", "GET", "/a", 200),
        ("page_served", "POST", "/u", 200),
        ("page_served", "GET", "other", 404),
    ]
    shown = repr(events)
    assert site.answer.removeprefix("/a/") not in shown
    assert site.leave.removeprefix("/u/") not in shown


def test_the_server_prints_no_link_and_believes_no_forwarded_header(
    site: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    server = public_server(site.client.app, host="127.0.0.1", port=0)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    # The listener queues the request until the server is ready, so there is nothing to poll for.
    url = f"http://127.0.0.1:{listener.getsockname()[1]}{site.answer}"
    response = httpx.get(url, headers={"X-Forwarded-Proto": "https"}, timeout=10)
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
    assert (response.status_code, "server" in response.headers) == (200, False)
    token = site.answer.removeprefix("/a/")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    assert token not in "".join(ours)
    captured = capfd.readouterr()
    assert token not in captured.out + captured.err
