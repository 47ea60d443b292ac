"""The sandbox's record pages in a real browser: they fit, can be read, and need no script."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from tests.browser.looks import in_looks
from tests.browser.record_pages import Shown, shown_records
from tests.browser.test_survey_in_browser import CONTRAST

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    """The record pages, open while this module's tests run."""
    with shown_records() as records:
        yield records


def test_record_pages_fit_the_window_and_can_be_read(shown: Shown, visit: Visit) -> None:
    for url in shown.pages():
        page = visit(url, scripts=True)
        for width, scheme in in_looks(page):
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (url, scheme)
            assert page.evaluate(CONTRAST) == [], (url, width, scheme)


def test_from_the_index_a_rep_reaches_an_account_and_its_people_without_a_script(shown: Shown, visit: Visit) -> None:
    page = visit(shown.index, width=390)
    page.get_by_role("link", name="Salesforce record of Harakeke Dairy").click()
    assert page.url == shown.account
    assert page.get_by_role("heading", name="Harakeke Dairy", level=1).is_visible()
    assert page.get_by_text("Done, with cake.").is_visible()
    told = page.get_by_text("They gave 9.")
    assert not told.is_visible(), "the text of a task that is done is folded away"
    page.get_by_role("listitem").filter(has_text="Thank them").get_by_text("Text of the task").click()
    assert told.is_visible()
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
