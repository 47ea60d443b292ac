"""The keys of facts that several sources tell, and of the levels that titles stand for."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from connector.domain.derivation import Window
from connector.domain.records import FactType, Level
from connector.domain.titles import Levels, folded
from connector.settings.checking import wrong
from connector.settings.durations import read_window
from connector.settings.key_types import Keys, ListOf, Text
from connector.settings.program_keys import ConditionText, FactName


def _read_within(value: object) -> Window:
    try:
        return read_window(value)
    except ValueError as error:
        raise wrong(str(error)) from None


def _check_pattern(text: str) -> str:
    if not folded(text).strip("*? "):
        raise wrong("expected a pattern with a word such as `head of *`: whatever no pattern matches stays unknown")
    return text


Within = Annotated[Window, PlainValidator(_read_within), WithJsonSchema({"type": "string"})]
Patterns = list[Annotated[str, AfterValidator(_check_pattern)]]


class LevelsKeys(Keys):
    """Patterns of titles by level; `unknown` stands before all, then the first of the others with a match."""

    executive: Patterns = Field(default_factory=list)
    """Titles of those who decide, such as `chief *`."""
    manager: Patterns = Field(default_factory=list)
    """Titles of those who lead, such as `head of *`."""
    user: Patterns = Field(default_factory=list)
    """Titles of those who work with it day by day, such as `*engineer*`."""
    unknown: Patterns = Field(default_factory=list)
    """Titles that stand for no level whatever else they match, such as `*assistant*` in `Assistant, CEO office`."""

    @property
    def by_level(self) -> Levels:
        """The patterns as the domain takes them."""
        return {None: tuple(self.unknown)} | {level: tuple(getattr(self, level.value)) for level in Level}


class TitlesKeys(Keys):
    """A field with job titles."""

    titles: str
    """The field with the job titles, which `levels` compares with its patterns."""


class DateKeys(Keys):
    """A date of a child record: exactly one of `next`, `latest` and `first`."""

    next: FactName = None
    """The earliest date that is not before today."""
    latest: FactName = None
    """The latest date that is not after today."""
    first: FactName = None
    """The earliest date of all."""
    where: ConditionText = None
    """Which of the account's child records count, in our words."""


class CountKeys(Keys):
    """A number of child records."""

    count: Literal["opportunity", "case", "contract"]
    """The kind of record that is counted."""
    where: ConditionText = None
    """Which of the account's child records count, in our words."""
    within: Within | None = None
    """How far back from today, such as `24 months`; without it all count."""
    by: FactName = None
    """The date that `within` looks at, where the kind's own is not the one."""


class DerivedKeys(Keys):
    """A fact with several sources; each is checked by itself."""

    first_of: Annotated[list[Any], ListOf(str, TitlesKeys, DateKeys, CountKeys)] = Field(min_length=1)
    """The sources in their order: the first that has a value stands."""
    type: Literal["text", "number", "date", "boolean"] | None = None
    """The type of the values, where neither the word nor the sources say it."""
    values: Annotated[dict[str, Text], Field(min_length=1)] | None = None
    """Our words for the CRM's values; a value without one stays as it is."""

    @property
    def fact_type(self) -> FactType | None:
        """The stated type as the domain's value."""
        return None if self.type is None else FactType(self.type)


DATES = ("next", "latest", "first")
SEVERAL = frozenset({"first_of", "titles", "count", *DATES})
"""Keys of which one stands in every fact that is derived."""


def implied_type(value: dict[str, Any]) -> FactType | None:
    """The type that the sources of a fact imply: a count is a number, and the others say it by their names."""
    sources = value.get("first_of", [value])
    keys = {key for each in sources if isinstance(each, dict) for key in each} if isinstance(sources, list) else set()
    if "count" in keys:
        return FactType.NUMBER
    return FactType.DATE if keys & set(DATES) else None
