"""Plain text <-> the HTML of a task's body, as HubSpot's editor writes and shows it. Pure."""

from html import escape
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "blockquote", "pre", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})


def as_html(text: str) -> str:
    """A text as HTML that shows it line by line; nothing in it is markup."""
    return escape(text.replace("\r\n", "\n"), quote=False).replace("\n", "<br>")


def as_text(html: str) -> str:
    """What a reader of the HTML sees, line by line; any text at all is read, wrong markup too."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = "".join(reader.parts).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self._begin_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._begin_line()

    def handle_data(self, data: str) -> None:
        text = data.replace("\r", "").replace("\n", " ").replace("\xa0", " ")
        is_at_start = not self.parts or self.parts[-1].endswith("\n")
        if text.strip() or not is_at_start:  # space between blocks is shown by no browser
            self.parts.append(text)

    def _begin_line(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")
