"""The keys of surveys."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from connector.settings.checking import wrong
from connector.settings.key_types import Id, Keys, ListOf, Text

SCALE_LIMIT = 10
"""Highest number of a scale: eleven buttons are what a mail on a telephone has room for."""

_SCALE = re.compile(r"(\d{1,2})-(\d{1,2})")


def _check_scale(text: str) -> str:
    low, high = scale_ends(text)
    if low not in (0, 1) or not low < high <= SCALE_LIMIT:
        raise wrong(f"expected a scale such as 0-10 or 1-7, from 0 or 1 up to at most {SCALE_LIMIT}")
    return text


def scale_ends(text: str) -> tuple[int, int]:
    """The lowest and highest number of a scale; equal where the text is no scale."""
    match = _SCALE.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _check_options(options: list[str]) -> list[str]:
    twice = next((option for index, option in enumerate(options) if option in options[:index]), None)
    if twice is not None:
        raise wrong(f"expected different answers, not '{twice}' twice")
    return options


Options = Annotated[list[Text], Field(min_length=2, max_length=12), AfterValidator(_check_options)]


class QuestionKeys(Keys):
    """One question: exactly one of `scale`, `choice`, `several` and `comment`."""

    id: Id
    """Its name in conditions, as answer.<id>."""
    text: Text
    """The question as people read it; {us} is the organisation's name."""
    scale: Annotated[str, AfterValidator(_check_scale)] | None = None
    """A number from the first to the last, such as 0-10 or 1-7."""
    ends: Annotated[list[Text], Field(min_length=2, max_length=2)] | None = None
    """What the lowest and the highest number of the scale mean."""
    choice: Options | None = None
    """One of these answers."""
    several: Options | None = None
    """Any of these answers."""
    comment: Literal[True] | None = None
    """Free text."""
    optional: bool = False
    """Whether it can be left out; comments and `several` always can."""


class SurveyKeys(Keys):
    """One file under surveys/; its questions are checked one by one."""

    id: Id
    """Its name in programs."""
    kind: Literal["relationship", "transaction"]
    """Whether it asks about the relationship or about one transaction; their numbers are never mixed."""
    title: Text
    """The heading of the page, and the subject of the mail."""
    thanks: Text
    """What is said after the answer."""
    score: str
    """The id of the scale question whose answer is the score."""
    questions: Annotated[list[Any], ListOf(QuestionKeys)] = Field(min_length=1)
    """The questions in their order."""
