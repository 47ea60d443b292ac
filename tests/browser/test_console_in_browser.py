"""The console in a real browser: it fits, can be used by keyboard, and searches under its own strict policy."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.console import RunningConsole, running_console
from tests.browser.looks import NARROW, SCHEMES, WIDE, in_looks

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
PAGES = ("overview", "accounts", "account", "plan", "errors", "missing", "nowhere")
WIDTHS = (320, NARROW, WIDE)
REACHED = "document.activeElement.getAttribute('href') || document.activeElement.id || document.activeElement.tagName"


@pytest.fixture
def console(tmp_path: Path) -> Iterator[RunningConsole]:
    """A console over a lived-in world."""
    with running_console(f"sqlite:///{tmp_path}/closedloop.db") as console:
        yield console


def test_every_page_fits_every_window(console: RunningConsole, visit: Visit) -> None:
    wide = {}
    for name in PAGES:
        page = visit(console.pages[name], scripts=True)
        for look in in_looks(page, widths=WIDTHS):
            wide[name, *look] = page.evaluate("document.documentElement.scrollWidth")
    assert wide == {(name, width, scheme): width for name in PAGES for width in WIDTHS for scheme in SCHEMES}


def test_the_search_answers_as_one_types_and_the_address_follows(console: RunningConsole, visit: Visit) -> None:
    page = visit(console.pages["accounts"], scripts=True)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.reload()
    page.get_by_label("Name").press_sequentially("wek")
    page.get_by_role("link", name="Tui & Söhne <GmbH>").wait_for(state="detached")
    assert page.get_by_role("status").last.inner_text() == "1 account"
    assert page.get_by_role("link", name="Weka Works").count() == 1
    assert page.evaluate("document.activeElement.id") == "q"
    page.get_by_label("Sorted by").select_option("name")
    page.wait_for_url("**sort=name**")
    assert "q=wek" in page.url
    page.get_by_label("Name").fill("nobody at all")
    page.get_by_text("No account matches.").wait_for()
    assert complaints == []


def test_the_search_works_without_a_script(console: RunningConsole, visit: Visit) -> None:
    page = visit(console.pages["accounts"])
    page.get_by_label("Name").fill("weka")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_role("row").count() == 2
    assert page.get_by_label("Name").input_value() == "weka"


def test_the_next_asks_come_in_after_the_page(console: RunningConsole, visit: Visit) -> None:
    page = visit(console.pages["overview"], scripts=True)
    page.get_by_role("link", name="The plan of four weeks").wait_for()
    assert visit(console.pages["overview"]).get_by_role("link", name="Who is asked next").count() == 1


def test_the_keyboard_goes_past_the_navigation_into_the_page(console: RunningConsole, visit: Visit) -> None:
    page = visit(console.pages["accounts"], scripts=True)
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(REACHED))
    assert reached == ["#main", "/", "/accounts", "/plan", "/errors", "q", "type", "sort"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Tui & Söhne <GmbH>").wait_for()


def test_nothing_is_asked_of_another_machine(console: RunningConsole, visit: Visit) -> None:
    page = visit("about:blank", scripts=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in PAGES:
        page.goto(console.pages[name])
        page.wait_for_load_state("networkidle")
    assert len(asked) > len(PAGES)
    assert [url for url in asked if not url.startswith(console.url)] == []
