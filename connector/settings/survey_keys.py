"""The keys of surveys."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from connector.settings.checking import wrong
from connector.settings.key_types import Id, Keys, Text

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
    text: Text
    scale: Annotated[str, AfterValidator(_check_scale)] | None = None
    ends: Annotated[list[Text], Field(min_length=2, max_length=2)] | None = None
    choice: Options | None = None
    several: Options | None = None
    comment: Literal[True] | None = None
    optional: bool = False


class SurveyKeys(Keys):
    """One file under surveys/; its questions are checked one by one."""

    id: Id
    kind: Literal["relationship", "transaction"]
    title: Text
    thanks: Text
    score: str
    questions: list[Any] = Field(min_length=1)
