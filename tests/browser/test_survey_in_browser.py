"""People answer in a real browser, without a script, by keyboard or by mouse."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
ARRIVED = "Your answers have arrived"

CONTRAST = """() => {
  const channel = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const rgba = text => text.match(/[0-9.]+/g).map(Number);
  const ground = node => {
    for (let each = node; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll('body *')) {
    if (![...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim())) continue;
    const [a, b] = [light(rgba(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(node.textContent.trim().slice(0, 40));
  }
  return poor;
}"""


def test_the_survey_can_be_answered_by_keyboard_alone(site: Any, visit: Visit) -> None:
    page = visit(site.answer)
    for keys in (
        ["Tab", "Space", *["ArrowRight"] * 8],
        ["Tab", "Space", "ArrowDown"],
        ["Tab", *"Be quicker"],
        ["Tab", "Tab", "Space"],
        ["Tab", "Enter"],
    ):
        for key in keys:
            page.keyboard.press(key)
    page.get_by_role("heading", name=ARRIVED).wait_for()
    assert page.get_by_text("Thank you! Kea Instruments reads every word.").is_visible()
    assert site.column("response", "score", "source") == [(8.0, "page")]
    assert site.column("answer", "question", "number", "choices", "text") == [
        ("relationship", 8.0, None, None),
        ("since", None, ["same"], None),
        ("change", None, None, "Be quicker"),
        ("consent", None, ["you may quote me"], None),
    ]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_survey_can_be_answered_with_the_mouse(site: Any, visit: Visit, width: int) -> None:
    page = visit(f"{site.answer}?score=3", width=width)
    scale = page.get_by_role("group", name="How well is the relationship with Kea Instruments working for you today?")
    assert scale.get_by_role("radio", checked=True).get_attribute("value") == "3"
    scale.get_by_role("radio", name="10", exact=False).click()
    page.get_by_label("worse").click()
    page.get_by_label("If we changed one thing, what should it be?").fill("Größe & <b>")
    page.get_by_role("button", name="Send my answers").click()
    page.get_by_role("heading", name=ARRIVED).wait_for()
    assert site.column("response", "score") == [(10.0,)]
    assert site.column("answer", "text")[-1] == ("Größe & <b>",)


def test_the_ends_of_the_scale_are_spoken_with_their_numbers(site: Any, visit: Visit) -> None:
    scale = visit(site.answer).get_by_role("group", name="How well is the relationship")
    assert scale.get_by_role("radio", name="0, not at all", exact=True).count() == 1
    assert scale.get_by_role("radio", name="10, extremely well", exact=True).count() == 1
    assert scale.get_by_role("radio", name="7", exact=True).count() == 1


def test_an_incomplete_form_stays_in_the_browser(site: Any, visit: Visit) -> None:
    page = visit(site.answer)
    page.get_by_role("button", name="Send my answers").click()
    assert page.get_by_role("button", name="Send my answers").is_visible()
    assert site.column("response", "id") == []


def test_problems_are_named_focused_and_can_be_mended(site: Any, visit: Visit) -> None:
    page = visit(site.answer, scripts=True)
    page.evaluate("document.querySelectorAll('[required]').forEach(field => field.removeAttribute('required'))")
    page.get_by_label("If we changed one thing, what should it be?").fill("Kept words")
    page.get_by_role("button", name="Send my answers").click()
    page.get_by_role("alert").wait_for()
    scale = page.get_by_role("group", name="How well is the relationship")
    assert page.evaluate("document.activeElement.name") == "relationship"
    assert scale.get_attribute("aria-describedby") == "e-relationship"
    assert page.locator("#e-relationship").inner_text() == "Please choose an answer here."
    scale.get_by_role("radio", name="5", exact=True).click()
    page.get_by_label("better").click()
    page.get_by_role("button", name="Send my answers").click()
    page.get_by_role("heading", name=ARRIVED).wait_for()
    assert site.column("answer", "text")[-1] == ("Kept words",)


def test_unsubscribing_takes_the_link_and_one_button(site: Any, visit: Visit) -> None:
    page = visit(site.leave)
    assert site.column("opt_out", "id") == []
    page.get_by_role("button", name="Unsubscribe").click()
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert site.column("opt_out", "person_id", "source") == [(1, "unsubscribe-page")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_fit_the_window_and_can_be_read(site: Any, visit: Visit, width: int, scheme: str) -> None:
    forged = f"{site.answer[:-5]}xxxxx"
    for url in (f"{site.answer}?score=4", site.leave, forged):
        page = visit(url, width=width, scripts=True, scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRAST) == []


def test_the_policy_lets_the_stylesheet_in_and_nothing_is_refused(site: Any, visit: Visit) -> None:
    page = visit(site.answer, scripts=True)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.reload()
    assert page.evaluate("getComputedStyle(document.querySelector('.points')).display") == "grid"
    assert complaints == []
