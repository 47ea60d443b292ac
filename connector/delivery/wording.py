"""The words of an invitation mail that depend on who is asked, what and until when."""

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.domain.foreign_text import one_line
from connector.domain.invitations import Invitation
from connector.domain.surveys import AskKind, QuestionKind, Survey

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = (
    "January February March April May June July August September October November December"
).split()  # strftime would follow the process's locale

SECONDS = {QuestionKind.SCALE: 10, QuestionKind.CHOICE: 10, QuestionKind.SEVERAL: 15, QuestionKind.COMMENT: 30}
"""Seconds that a question takes (our estimate: a comment is one or two sentences)."""

OPENINGS = {
    AskKind.RELATIONSHIP: "we would like to hear how working with {us} is going for you.",
    AskKind.TRANSACTION: "we would like to hear how it went for you with {us}.",
}


def opening(kind: AskKind, *, us: str) -> str:
    """The first sentence, by kind of ask."""
    sentence = OPENINGS[kind].format(us=us)
    return sentence[0].upper() + sentence[1:]


def reason(invitation: Invitation) -> str:
    """Why this person gets this mail."""
    account = one_line(invitation.account_name)
    return f"You get this mail because you work with us{f' at {account}' if account else ''}."


def time_needed(survey: Survey) -> str:
    """How long the survey takes, in words."""
    minutes = math.ceil(sum(SECONDS[question.kind] for question in survey.questions) / 60)
    return "about a minute" if minutes <= 1 else f"about {minutes} minutes"


def last_day(closes_at: datetime, *, zone: ZoneInfo) -> str:
    """The last whole day before the survey closes, in a time zone: `Friday, 4 December 2026`."""
    return _in_words((closes_at.astimezone(zone) - timedelta(days=1)).date())


def _in_words(day: date) -> str:
    return f"{DAY_NAMES[day.weekday()]}, {day.day} {MONTH_NAMES[day.month - 1]} {day.year}"
