"""Reads the forms of a page and fills them in the way a person would."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from adapters.sandbox.chance import chance
from adapters.sandbox.sentiment import choose, nearest, sentence

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(slots=True)
class Control:
    """One named control; a group of radios or the options of a list are one control with several values."""

    name: str
    type: str
    values: list[str] = field(default_factory=list)
    required: bool = False
    checked: bool = False


@dataclass(slots=True)
class Form:
    """One form with its controls in the order of the page."""

    action: str
    method: str
    controls: list[Control] = field(default_factory=list)

    def asks(self) -> bool:
        """Whether it asks a person for anything."""
        return any(one.type in ("radio", "textarea", "checkbox", "select", "number", "range") for one in self.controls)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.forms: list[Form] = []
        self._select: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = facts.get("lang", "")
        elif tag == "form":
            self.forms.append(Form(facts.get("action", ""), facts.get("method", "get").lower()))
        elif self.forms and "disabled" not in facts:
            self._control(tag, facts)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None

    def _control(self, tag: str, facts: dict[str, str]) -> None:
        controls = self.forms[-1].controls
        if tag == "option" and self._select is not None:
            self._select.values.append(facts.get("value", ""))
            return
        kind = facts.get("type", "text" if tag == "input" else "submit").lower() if tag in ("input", "button") else tag
        name = facts.get("name", "")
        if tag not in ("input", "button", "textarea", "select") or not name:
            return
        group = next((one for one in controls if kind == "radio" and (one.name, one.type) == (name, kind)), None)
        if group is not None:
            group.values.append(facts.get("value", "on"))
            return
        values = [] if tag == "select" else [facts.get("value", "on" if kind in ("radio", "checkbox") else "")]
        if kind in ("number", "range"):
            values = [facts.get("min", "0"), facts.get("max", "10")]
        controls.append(Control(name, kind, values, "required" in facts, "checked" in facts))
        self._select = controls[-1] if tag == "select" else self._select


@dataclass(frozen=True, slots=True)
class Page:
    """The forms of a page and its language."""

    language: str
    forms: list[Form]


def read_page(html: str) -> Page:
    """The forms of a page of HTML."""
    reader = _Reader()
    reader.feed(html)
    return Page(reader.language, reader.forms)


def answer_form(page: Page) -> Form | None:
    """The form that is posted and asks something, or None."""
    return next((form for form in page.forms if form.method == "post" and form.asks()), None)


def leaving_form(page: Page) -> Form | None:
    """The form that is posted on a page for leaving, or None."""
    return next((form for form in page.forms if form.method == "post"), None)


def fill(
    form: Form, *, score: float, language: str, key: tuple[object, ...], words: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """The pairs to post: scales follow the score, words fit it, the rest is decided by hash of the key.

    Who has `words` writes them into the text fields in order; where there are fewer fields, the last ones.
    """
    pairs: list[tuple[str, str]] = []
    texts = [control.name for control in form.controls if control.type == "textarea"]
    written = dict(zip(reversed(texts), reversed(words), strict=False))
    pressed = False
    for control in form.controls:
        if control.type in ("submit", "image"):
            if not pressed:
                pairs.append((control.name, control.values[0]))
            pressed = True
            continue
        value = written.get(control.name, _value(control, score, language, (*key, control.name)))
        if value is not None:
            pairs.append((control.name, value))
    return pairs


def _value(control: Control, score: float, language: str, key: tuple[object, ...]) -> str | None:
    if control.type in ("radio", "select", "number", "range"):
        return _chosen([value for value in control.values if value], score, key)
    if control.type == "checkbox":
        ticked = control.required or chance(0.25, *key, control.values[0])
        return control.values[0] if ticked else None
    if control.type == "textarea":
        return sentence(language, score, *key) if control.required or chance(0.65, *key, "writes") else ""
    if control.type in ("button", "reset", "file"):
        return None
    return control.values[0]  # hidden values go back as they came; a person leaves other lines as they are


def _chosen(values: list[str], score: float, key: tuple[object, ...]) -> str | None:
    numbers = [value for value in values if _NUMBER.fullmatch(value)]
    if len(numbers) >= 2:
        return nearest(numbers, score)
    return choose(values, score, *key, "choice") if values else None
