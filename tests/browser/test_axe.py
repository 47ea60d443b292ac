"""Axe finds nothing to object to on any page that people see: console, survey, unsubscribe, and a CRM's records."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.console import running_console
from tests.browser.looks import in_looks
from tests.browser.record_pages import Shown, shown_records

try:
    from axe_playwright_python.sync_playwright import Axe
except ImportError:
    if os.environ.get("CI"):
        raise
    pytest.skip("axe-playwright-python is not installed", allow_module_level=True)

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe objects to: rule and places."""
    page.wait_for_load_state("networkidle")
    found = Axe().run(page).response["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]


def in_every_look(page: Page) -> list[tuple[Any, ...]]:
    """What axe objects to in each look."""
    return [(width, scheme, *each) for width, scheme in in_looks(page) for each in violations(page)]


@pytest.mark.parametrize("is_empty", [False, True], ids=["lived in", "empty"])
def test_axe_finds_nothing_on_the_console(tmp_path: Path, visit: Visit, is_empty: bool) -> None:
    with running_console(f"sqlite:///{tmp_path}/closedloop.db", is_empty=is_empty) as console:
        found = {name: in_every_look(visit(url, scripts=True)) for name, url in console.pages.items()}
    assert found == {name: [] for name in console.pages}


def test_axe_finds_nothing_on_the_public_pages(site: Any, visit: Visit) -> None:
    urls = [f"{site.answer}?score=4", site.leave, f"{site.answer[:-5]}xxxxx"]
    found = [in_every_look(visit(url, scripts=True)) for url in urls]
    assert found == [[], [], []]


@pytest.fixture
def shown() -> Iterator[Shown]:
    """The record pages."""
    with shown_records() as records:
        yield records


def test_axe_finds_nothing_on_the_record_pages(shown: Shown, visit: Visit) -> None:
    pages = shown.pages()
    found = {url: in_every_look(visit(url, scripts=True)) for url in pages}
    assert found == {url: [] for url in pages}


def test_axe_finds_nothing_on_a_form_with_problems(site: Any, visit: Visit) -> None:
    page = visit(site.answer, scripts=True)
    page.evaluate("document.querySelectorAll('[required]').forEach(field => field.removeAttribute('required'))")
    page.get_by_role("button", name="Send my answers").click()
    page.get_by_role("alert").wait_for()
    assert violations(page) == []


def test_axe_objects_to_a_page_that_is_wrong(site: Any, visit: Visit) -> None:
    page = visit(site.leave, scripts=True)
    page.evaluate("document.querySelector('main').innerHTML = '<img src=\"/x\"><input>'")
    found = Counter(rule for _, _, rule, _ in in_every_look(page))
    assert (found["image-alt"], found["label"]) == (4, 4), "in each look"
