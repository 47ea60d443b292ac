"""Text that others wrote, such as a CRM's names and people's answers: what of it may be shown as it is."""

import unicodedata

_TURNS = frozenset("LRE RLE LRO RLO PDF LRI RLI FSI PDI".split())
_LAYOUT = frozenset("\n\t")


def harmless(text: str) -> str:
    """The text without control characters, but for line breaks and tabs, or marks that turn the writing direction.

    A terminal obeys the first, and the second make what is shown differ from what is there.
    """
    return text if text.isascii() and text.isprintable() else "".join(filter(_is_harmless, text))


def one_line(text: str | None) -> str:
    """The text as one clean line: harmless, with single spaces and none around it."""
    return " ".join(filter(None, map(harmless, (text or "").split())))


def _is_harmless(char: str) -> bool:
    is_control = unicodedata.category(char) == "Cc" and char not in _LAYOUT
    return not is_control and unicodedata.bidirectional(char) not in _TURNS
