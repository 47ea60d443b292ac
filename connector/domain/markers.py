"""The marker by which a task of ours is found again in a CRM: a line of its text that no other task has. Pure."""

import re


def marked(body: str, *, marker: str, longest: int) -> str:
    """The body with the marker as its last line unless it bears it; what is too long is cut, the marker never."""
    if len(body) <= longest and bears(body, marker=marker):
        return body
    cut = body[: longest - len(marker) - 1].rstrip()
    if bears(cut, marker=marker):
        return cut
    return f"{cut}\n{marker}" if cut else marker


def bears(text: str, *, marker: str) -> bool:
    """Whether a text holds the marker as a whole: `x-1` is not in `x-12`."""
    return re.search(rf"(?<![\w-]){re.escape(marker)}(?![\w-])", text) is not None
