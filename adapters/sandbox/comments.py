"""What reps write into a task, and how the editors of the two CRMs put it under the text that is there."""

from __future__ import annotations

from html import escape

from adapters.sandbox.chance import chance, pick

_WRONG_MARKUP = 0.12
_SENTENCES = (
    "Called back, the part ships on Friday.",
    "Rückruf erledigt: Gutschrift zugesagt, Lieferung in < 5 Tagen.",
    "Spoke to purchasing & quality; new contact agreed.\nNext visit in two weeks.",
    'They were told "the price stays until June".',
    "Visited the plant. Training for 2 > 1 shifts planned.",
    "War vor Ort, Störung behoben. Grüße an die Schicht bestellt.",
    "Rappelé, tout est réglé.",
    "Sent the missing documents, they are happy.",
)
_BROKEN = (
    "<b>Called & sorted out",
    "<p>Rückruf <br Gutschrift zugesagt</div>",
    "Price < 5 & > 3 agreed </span>",
    '<a href="notes>see my notes</a>',
    "&nbsp&amp;done &#x;",
)


def comment(*key: object) -> str:
    """An invented comment; one of eight is markup that is wrong, as it comes out of pasted mails."""
    return pick(_BROKEN if chance(_WRONG_MARKUP, *key, "wrong") else _SENTENCES, *key, "words")


def under_text(body: str | None, words: str) -> str:
    """A text area with words written under what was there."""
    # unverified: whether the org's own text area ends lines so; it did in records that people had typed.
    lines = words.replace("\n", "\r\n")
    return f"{body}\r\n\r\n{lines}" if body else lines


def under_html(body: str | None, words: str, *key: object) -> str:
    """A rich text with words written under what was there; the newer of the two editors wraps all of it."""
    # unverified: which wrappers the portal's editors leave.
    text = words if words in _BROKEN else escape(words, quote=False).replace("\n", "<br>")
    whole = f'{body or ""}<p style="margin:0;">{text}</p>'
    return f'<div style="" dir="auto" data-top-level="true">{whole}</div>' if chance(0.5, *key, "editor") else whole
