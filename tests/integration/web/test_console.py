"""The console shows what there is, escapes all of it, and changes nothing."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlmodel import SQLModel

from connector.storage.engine import SqlStorage
from connector.testing.acting_world import hear_anna
from connector.testing.asking_world import MONDAY
from tests.integration.web.console_house import SCRIPT, console_of, fill

PAGES = ("/", "/next", "/accounts", "/plan", "/errors")


@pytest.fixture
def tui(storage: SqlStorage) -> int:
    """A world in which something happened; the id of the account where it did."""
    return fill(storage)


@pytest.fixture
def client(tui: int, storage: SqlStorage) -> Iterator[TestClient]:
    """A client of the console over that world."""
    with console_of(storage) as client:
        yield client


def text_of(client: TestClient, url: str) -> str:
    """A page that is found, as text in which runs of white space are one space."""
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.text)
    return " ".join(unescape(answer.text).split())


def everything(storage: SqlStorage) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with storage.engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for name, table in SQLModel.metadata.tables.items()
        }


def test_the_overview_tells_how_everything_stands(client: TestClient) -> None:
    page = text_of(client, "/")
    assert '<span class="number">8</span> candidates' in page
    assert "Ongoing relationships" in page
    assert '<span class="number">4.0</span>' in page, "Anna's newest score, not the mean of both"
    assert "from 30 people on" in page, "no interval of one person"
    assert "Answer faster." in page
    assert '<a href="/errors">what and how to mend it</a>' in page
    for job, outcome in (("sync:sf", "failed"), ("plan", "ok")):
        assert f'<span class="job">{job}</span> <span class="state">{outcome}</span>' in page


def test_accounts_are_found_by_a_part_of_their_name(client: TestClient, tui: int) -> None:
    page = text_of(client, "/accounts?q=tui")
    assert f'<a href="/accounts/{tui}">Tui & Söhne <GmbH></a>' in page
    assert '1 open<span class="late">1 overdue</span>' in page
    assert "Weka Works" not in page
    assert "No account matches." in text_of(client, "/accounts?q=nobody")
    assert "Weka Works" in text_of(client, "/accounts?type=unheard&sort=of&page=x")


def test_an_account_shows_voices_decisions_actions_and_people(client: TestClient, tui: int) -> None:
    page = text_of(client, f"/accounts/{tui}")
    for words in (
        "because no other rule of <code>relationships.yaml</code> matches",
        "Since last time it has become:",
        "Answer faster.",
        f"Call Anna {SCRIPT}",
        "task <code>sf/t1</code>",
        '<span class="tag tag-late">overdue</span>',
        "Not asked: a mail address is needed, and the record has none (sf/c5, 5 January 2026).",
        "anna@<wbr>tui.example",
        "<code>sf/a1</code>",
    ):
        assert words in page


def test_the_plan_is_of_four_weeks_from_the_organisation_s_day_on(client: TestClient) -> None:
    assert "from 9 Jan 2026 through 5 Feb 2026" in text_of(client, "/plan")
    assert "through 15 Jan 2026" in text_of(client, "/next")


def test_errors_are_told_by_cause_with_what_to_do(client: TestClient) -> None:
    page = text_of(client, "/errors")
    assert "The job sync:sf failed" in page
    assert "run <code>closedloop run sync</code>; it goes on where it stopped" in page


def test_what_others_wrote_is_escaped_everywhere(client: TestClient, tui: int) -> None:
    for url in (*PAGES, f"/accounts/{tui}", f"/accounts?q={SCRIPT}"):
        assert SCRIPT not in client.get(url).text
    assert "&lt;script&gt;" in client.get("/errors").text
    assert "Tui &amp; Söhne &lt;GmbH&gt;" in client.get("/accounts").text


def test_an_empty_house_says_what_to_do_next(storage: SqlStorage) -> None:
    with console_of(storage) as client:
        assert "Nobody has come due yet." in text_of(client, "/")
        assert "<code>closedloop run all</code>" in text_of(client, "/")
        assert "Read the CRM: <code>closedloop run sync</code>." in text_of(client, "/accounts")
        assert "Nobody comes due in these weeks." in text_of(client, "/plan")
        assert "Nothing went wrong." in text_of(client, "/errors")


def test_a_stop_is_shown_on_every_page_with_its_reason(client: TestClient, storage: SqlStorage, tui: int) -> None:
    with storage.begin() as unit:
        unit.switches.stop(at=MONDAY, reason="the relay is <moved>")
        unit.commit()
    for url in ("/", "/accounts", f"/accounts/{tui}", "/plan", "/errors"):
        assert "the relay is &lt;moved&gt;" in client.get(url).text


def test_looking_changes_nothing_and_only_looking_is_possible(
    client: TestClient, storage: SqlStorage, tui: int
) -> None:
    before = everything(storage)
    for url in (*PAGES, f"/accounts/{tui}"):
        assert client.head(url).status_code == client.get(url).status_code == 200
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            refused = client.request(method, url)
            assert refused.status_code == 405
            assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert everything(storage) == before


@pytest.mark.parametrize("url", ["/nowhere", "/accounts/", "/accounts/999999", "/accounts/x", "/accounts/" + "9" * 30])
def test_what_is_not_there_is_told_on_a_page(client: TestClient, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "There is no" in answer.text


def test_a_page_takes_as_many_queries_for_many_voices_as_for_one(storage: SqlStorage) -> None:
    tui = fill(storage)
    statements: list[str] = []
    event.listen(storage.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for number in (3, 4, 5):
        with console_of(storage) as client:
            statements.clear()
            for url in ("/", "/accounts", f"/accounts/{tui}", "/errors"):
                client.get(url)
            counts.append(len(statements))
        hear_anna(storage, number=number, score=number)
    assert counts == [counts[0]] * 3
