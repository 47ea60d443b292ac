"""Durations as words: `90 days`, `15 minutes`; months differ in length, and business days only say when work is due."""

import re
from datetime import timedelta

from connector.domain.derivation import Window
from connector.domain.due import Due

_WORDS = re.compile(r"(\d{1,6}) +(minute|hour|day|week)s?")
_BUSINESS = re.compile(r"(\d{1,3}) +business +days?")
_MONTHS = re.compile(r"(\d{1,6}) +(month|year)s?")
_EXPECTED = "expected a duration in words such as `90 days`, `2 weeks` or `15 minutes`"
LIMIT = timedelta(days=3660)
"""Ten years: a longer duration is a slip of the pen, and dates stay far from the calendar's end."""


def read_duration(text: object) -> timedelta:
    """The duration in words. Raises ValueError with what was expected."""
    if not isinstance(text, str):
        raise ValueError(_EXPECTED)
    if re.search(r"\bbusiness\b|\bworking\b", text):
        raise ValueError("expected calendar days such as `2 days`: business days are not accepted yet")
    if re.search(r"\b(month|year)s?\b", text):
        raise ValueError("expected days or weeks such as `90 days`: months and years differ in length")
    if text.lstrip().startswith("-"):
        raise ValueError("expected no minus sign: a duration has no direction")
    match = _WORDS.fullmatch(text.strip())
    if match is None:
        raise ValueError(_EXPECTED)
    duration = timedelta(**{f"{match[2]}s": int(match[1])})
    if duration > LIMIT:
        raise ValueError(f"expected at most {LIMIT.days:,} days")
    return duration


def read_due(text: object) -> Due:
    """The time an owner has: `2 business days`, or whole calendar days. Raises ValueError with what was expected."""
    if isinstance(text, str) and (match := _BUSINESS.fullmatch(text.strip())) is not None and int(match[1]):
        return Due(int(match[1]), is_business=True)
    try:
        return Due(read_days(text))
    except ValueError:
        raise ValueError("expected days such as `2 business days`, `3 days` or `1 week`") from None


def read_window(text: object) -> Window:
    """How far a count looks back: `24 months`, `2 years`, or whole days. Raises ValueError with what was expected."""
    match = _MONTHS.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        try:
            return Window(days=read_days(text))
        except ValueError:
            raise ValueError("expected a time such as `24 months`, `2 years` or `90 days`") from None
    months = int(match[1]) * (12 if match[2] == "year" else 1)
    if not 1 <= months <= 120:
        raise ValueError("expected between `1 month` and `10 years`")
    return Window(months=months)


def read_days(text: object, *, at_least: int = 1) -> int:
    """A duration of whole calendar days. Raises ValueError with what was expected."""
    duration = read_duration(text)
    if duration % timedelta(days=1):
        raise ValueError("expected days or weeks such as `90 days`: shorter steps are not possible here")
    if duration.days < at_least:
        raise ValueError(f"expected at least {at_least} day{'s' if at_least > 1 else ''}")
    return duration.days
