"""Finds the links of a mail and tells which of them lead to the answer page and which to leaving."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser
from urllib.parse import SplitResult, parse_qsl, urlsplit

_IN_TEXT = re.compile(r"https?://[^\s<>\"'\])}]+")
_IN_HEADER = re.compile(r"<(https?://[^>]+)>")


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag in ("a", "area") and href and href.startswith(("http://", "https://")):
            self.found.append(href)


def links(message: EmailMessage) -> list[str]:
    """All links of the HTML and the text parts, each once, in order."""
    found: list[str] = []
    for part in message.walk():
        if part.get_content_type() == "text/html":
            anchors = _Anchors()
            anchors.feed(part.get_content())
            found += anchors.found
        elif part.get_content_type() == "text/plain":
            found += [link.rstrip(".,;:!?") for link in _IN_TEXT.findall(part.get_content())]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Leaving:
    """The List-Unsubscribe header: where to, and whether one click is enough."""

    url: str
    one_click: bool


def leaving(message: EmailMessage) -> Leaving | None:
    """How the mail says one can leave, or None."""
    match = _IN_HEADER.search(str(message.get("List-Unsubscribe", "")))
    if match is None:
        return None
    one_click = str(message.get("List-Unsubscribe-Post", "")).strip().lower() == "list-unsubscribe=one-click"
    return Leaving(match.group(1), one_click)


def unsubscribe_link(message: EmailMessage) -> str | None:
    """The link in the body that leads to leaving."""
    return next((link for link in links(message) if _leads_out(message, link)), None)


def answer_link(message: EmailMessage, score: float) -> str | None:
    """The link a person with this score (0 to 10) clicks: the nearest of a scale, else the first that is left."""
    left = [link for link in links(message) if not _leads_out(message, link)]
    scales: dict[tuple[str, str], dict[float, str]] = {}
    for link in left:
        parts = urlsplit(link)
        for name, value in parse_qsl(parts.query):
            if re.fullmatch(r"\d+(\.\d+)?", value):
                scales.setdefault((_page(parts), name), {}).setdefault(float(value), link)
    scale = max(scales.values(), key=len, default={})
    if len(scale) >= 2:
        low, high = min(scale), max(scale)
        return scale[min(scale, key=lambda value: abs(low + (high - low) * score / 10 - value))]
    return left[0] if left else None


def _page(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _leads_out(message: EmailMessage, link: str) -> bool:
    header = leaving(message)
    same = header is not None and _page(urlsplit(header.url)) == _page(urlsplit(link))
    return same or "unsubscribe" in urlsplit(link).path.lower()
