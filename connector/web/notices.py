"""The short pages that say how something stands and what to do: nothing on them is personal."""

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


ENDED = {
    PageState.USED: Notice(
        status=410,
        title="Your answers have arrived",
        paragraphs=(
            "This link was used already, and each link takes answers once.",
            "Is there something to add? Please reply to the mail or talk to the person you work with.",
        ),
    ),
    PageState.CLOSED: Notice(
        status=410,
        title="These questions are closed",
        paragraphs=(
            "The time for answering them is over.",
            "We still want to hear from you: please reply to the mail or talk to the person you work with.",
        ),
    ),
    PageState.UNKNOWN: Notice(
        status=404,
        title="We do not know this link",
        paragraphs=(
            "It may have been cut off on its way. Please open it from the mail once more, or copy the whole of it.",
            "If that does not help, please reply to the mail.",
        ),
    ),
}

UNSUBSCRIBED = Notice(
    status=200,
    title="You are unsubscribed",
    paragraphs=(
        "We send you no more questions by mail. There is nothing else to do.",
        "A mail that was already on its way may still arrive.",
    ),
)

FAILURES = {
    400: Notice(
        status=400,
        title="The form did not arrive whole",
        paragraphs=("Nothing was recorded. Please go back, where your text is still there, and send it again.",),
    ),
    404: Notice(
        status=404,
        title="There is no page here",
        paragraphs=("Please open the link from the mail once more, or copy the whole of it.",),
    ),
    405: Notice(
        status=405,
        title="This page cannot be asked that way",
        paragraphs=("Please open the link from the mail in a browser.",),
    ),
    413: Notice(
        status=413,
        title="That is more than we can take",
        paragraphs=("Nothing was recorded. Please go back, shorten your text and send it again.",),
    ),
    415: Notice(
        status=415,
        title="We take forms only",
        paragraphs=("Nothing was recorded. Please open the link from the mail in a browser.",),
    ),
    500: Notice(
        status=500,
        title="Something went wrong on our side",
        paragraphs=("Please go back, where your text is still there, and try again in a few minutes.",),
    ),
    503: Notice(
        status=503,
        title="We cannot take this at the moment",
        paragraphs=(
            "Nothing was recorded. Please go back, where your text is still there, and try again in a few minutes.",
        ),
    ),
}


def thanks(survey: Survey) -> Notice:
    """What somebody reads whose answers have just been taken."""
    return Notice(
        status=200,
        title="Your answers have arrived",
        paragraphs=(survey.thanks, "You can close this page."),
        language=survey.language,
    )
