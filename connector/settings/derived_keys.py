"""The keys of facts that several sources tell, and of the levels that titles stand for."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from connector.domain.derivation import Window
from connector.domain.records import FactType, Level
from connector.domain.titles import Levels, folded
from connector.settings.checking import wrong
from connector.settings.durations import read_window
from connector.settings.key_types import Keys, Text
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
    """Patterns of titles by level; the first level of executive, manager and user with a match stands."""

    executive: Patterns = Field(default_factory=list)
    manager: Patterns = Field(default_factory=list)
    user: Patterns = Field(default_factory=list)

    @property
    def by_level(self) -> Levels:
        """The patterns as the domain takes them."""
        return {level: tuple(getattr(self, level.value)) for level in Level}


class DerivedKeys(Keys):
    """A fact with several sources; each is checked by itself."""

    first_of: list[Any] = Field(min_length=1)
    type: Literal["text", "number", "date", "boolean"] | None = None
    values: Annotated[dict[str, Text], Field(min_length=1)] | None = None

    @property
    def fact_type(self) -> FactType | None:
        """The stated type as the domain's value."""
        return None if self.type is None else FactType(self.type)


class TitlesKeys(Keys):
    """A field with job titles."""

    titles: str


class DateKeys(Keys):
    """A date of a child record: exactly one of `next`, `latest` and `first`."""

    next: FactName = None
    latest: FactName = None
    first: FactName = None
    where: ConditionText = None


class CountKeys(Keys):
    """A number of child records."""

    count: Literal["opportunity", "case", "contract"]
    where: ConditionText = None
    within: Within | None = None
    by: FactName = None


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
