"""The short pages that say how something stands and what to do: nothing on them is personal."""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.domain.surveys import Survey
from connector.usecases.hear import PageState


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One short page; `language` is that of the first paragraph where it is not the page's."""

    status: int
    title: str
    paragraphs: tuple[str, ...]
    language: str | None = None


def notice(status: int, title: str, *paragraphs: str) -> Notice:
    """A short page in the page's own language."""
    return Notice(status=status, title=title, paragraphs=paragraphs)


def by_status(*notices: Notice) -> Mapping[int, Notice]:
    """Notices of failures by the status that each answers with."""
    return {each.status: each for each in notices}


ENDED = {
    PageState.USED: notice(
        410,
        "Your answers have arrived",
        "This link was used already, and each link takes answers once.",
        "Is there something to add? Please reply to the mail or talk to the person you work with.",
    ),
    PageState.CLOSED: notice(
        410,
        "These questions are closed",
        "The time for answering them is over.",
        "We still want to hear from you: please reply to the mail or talk to the person you work with.",
    ),
    PageState.UNKNOWN: notice(
        404,
        "We do not know this link",
        "It may have been cut off on its way. Please open it from the mail once more, or copy the whole of it.",
        "If that does not help, please reply to the mail.",
    ),
}

UNSUBSCRIBED = notice(
    200,
    "You are unsubscribed",
    "We send you no more questions by mail. There is nothing else to do.",
    "A mail that was already on its way may still arrive.",
)

FAILURES = by_status(
    notice(
        400,
        "The form did not arrive whole",
        "Nothing was recorded. Please go back, where your text is still there, and send it again.",
    ),
    notice(404, "There is no page here", "Please open the link from the mail once more, or copy the whole of it."),
    notice(405, "This page cannot be asked that way", "Please open the link from the mail in a browser."),
    notice(
        413,
        "That is more than we can take",
        "Nothing was recorded. Please go back, shorten your text and send it again.",
    ),
    notice(415, "We take forms only", "Nothing was recorded. Please open the link from the mail in a browser."),
    notice(
        500,
        "Something went wrong on our side",
        "Please go back, where your text is still there, and try again in a few minutes.",
    ),
    notice(
        503,
        "We cannot take this at the moment",
        "Nothing was recorded. Please go back, where your text is still there, and try again in a few minutes.",
    ),
)


def thanks(survey: Survey) -> Notice:
    """What somebody reads whose answers have just been taken."""
    return Notice(
        status=200,
        title="Your answers have arrived",
        paragraphs=(survey.thanks, "You can close this page."),
        language=survey.language,
    )
