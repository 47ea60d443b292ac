"""The sandbox's record pages in a real browser: they fit, can be read, and need no script."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Page

from jobs.demo.sandbox import Sandbox, running_sandbox
from jobs.demo.stories import stories_of
from tests.browser.test_survey_in_browser import CONTRAST

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A running sandbox whose first story has a score and a hold."""

    sandbox: Sandbox
    index: str
    account: str

    def pages(self) -> list[str]:
        """Every kind of record page, the index and one that is not there."""
        return [self.index, *(story.record_url for story in stories_of(self.sandbox)), f"{self.index}/x/y/z"]


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    """A small sandbox with stories, as it begins."""
    with running_sandbox(accounts=8, contacts=40) as sandbox:
        story = stories_of(sandbox)[0]
        until = (sandbox.now().date() + timedelta(days=30)).isoformat()
        fill_in(sandbox, "Account", story.crm_id, Closedloop_Score__c=5.1, Closedloop_Hold_Until__c=until)
        yield Shown(sandbox=sandbox, index=f"{sandbox.control_url}/records", account=story.record_url)


def fill_in(sandbox: Sandbox, object_name: str, record_id: str, **fields: object) -> None:
    body = {"name": "touch", "object": object_name, "id": record_id, "fields": fields}
    assert httpx.post(f"{sandbox.control_url}/faults", json=body, trust_env=False).status_code == 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_record_pages_fit_the_window_and_can_be_read(shown: Shown, visit: Visit, width: int, scheme: str) -> None:
    for url in shown.pages():
        page = visit(url, width=width, scripts=True, scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
        assert page.evaluate(CONTRAST) == [], url


def test_from_the_index_a_rep_reaches_an_account_and_its_people_without_a_script(shown: Shown, visit: Visit) -> None:
    page = visit(shown.index, width=390)
    page.get_by_role("link", name="Salesforce record of Harakeke Dairy").click()
    assert page.url == shown.account
    assert page.get_by_role("heading", name="Harakeke Dairy", level=1).is_visible()
    assert page.get_by_text(f"On hold until {shown.sandbox.now().date() + timedelta(days=30)}").is_visible()
    page.get_by_role("link", name="Wilf Thistlewade").click()
    assert page.get_by_role("heading", name="Wilf Thistlewade", level=1).is_visible()
    page.get_by_role("link", name="Harakeke Dairy").click()
    assert page.url == shown.account


def test_the_style_sheet_is_let_in_and_nothing_is_refused(shown: Shown, visit: Visit) -> None:
    page = visit(shown.account, scripts=True)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.reload()
    assert page.evaluate("getComputedStyle(document.querySelector('dl')).display") == "grid"
    assert complaints == []
