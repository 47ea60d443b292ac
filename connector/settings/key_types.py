"""Types of single values in the YAML files; each validator says what it expected."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    PlainValidator,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from connector.domain.due import Due
from connector.settings.checking import wrong
from connector.settings.configuration import Endpoint
from connector.settings.durations import read_days, read_due, read_duration
from connector.settings.network import read_endpoint, read_public_url

T = TypeVar("T")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def shown_as(pattern: str, *examples: str) -> WithJsonSchema:
    """How an editor sees a text that is more than one: by its pattern, with examples to complete from."""
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


_AS_DAYS = shown_as(r"^\s*\d{1,6} +(day|week)s?\s*$", "90 days", "2 weeks")
_AS_ID = shown_as(r"^[a-z0-9]+(-[a-z0-9]+)*$", "before-renewal")
_AS_DUE = shown_as(r"^\s*\d{1,6} +(business +days?|days?|weeks?)\s*$", "2 business days", "1 week")
_AS_EVERY = shown_as(r"^\s*\d{1,6} +(minute|hour|day|week)s?\s*$", "15 minutes", "1 hour")
_AS_DAY = shown_as(r"^\d{4}-\d{2}-\d{2}$", "2026-03-31")
_AS_TEXT = WithJsonSchema({"type": "string"})


class Keys(BaseModel):
    """A mapping whose keys are all known; what YAML reads as a number or a date is not taken for text."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )


class ListOf:
    """Says in a JSON Schema what stands in a list that is checked item by item, and so is `Any` to the model."""

    def __init__(self, *items: type[BaseModel] | type[str]) -> None:
        self._items = items

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A list of one item at least, each of one of the kinds."""
        kinds: list[CoreSchema] = [TypeAdapter(item).core_schema for item in self._items]
        item = kinds[0] if len(kinds) == 1 else core_schema.union_schema(list(kinds))
        return {**handler(core_schema.list_schema(item)), "minItems": 1}


def read_id(text: str) -> str:
    """An id. Raises ValueError with what was expected."""
    if not _ID.fullmatch(text) or len(text) > 60:
        raise ValueError("expected small letters, digits and single hyphens, at most 60")
    return text


def _saying(read: Callable[[Any], T]) -> Callable[[Any], T]:
    """A reader whose ValueError is the sentence to show."""

    def validate(value: Any) -> T:
        try:
            return read(value)
        except ValueError as error:
            raise wrong(str(error)) from None

    return validate


def _read_text(text: str) -> str:
    if not text.strip():
        raise ValueError("expected some text")
    return text.strip()


def _read_language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("expected a language tag such as en or de-CH")
    return text


def _read_timezone(text: str) -> str:
    known = available_timezones()
    if text in known:
        return text
    near = get_close_matches(text, sorted(known), n=1)
    raise ValueError(f"did you mean {near[0]}?" if near else "expected a time zone such as Pacific/Auckland")


def read_date(value: object) -> date:
    """A calendar date, as YAML or as text. Raises ValueError with what was expected."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("expected a date such as 2026-03-31")


def _read_days_or_none(value: object) -> int:
    return read_days(value, at_least=0)


def _read_every(value: object) -> timedelta:
    every = read_duration(value)
    if not timedelta(minutes=1) <= every <= timedelta(days=1):
        raise ValueError("expected between `1 minute` and `1 day`")
    return every


Text = Annotated[str, AfterValidator(_saying(_read_text))]
Id = Annotated[str, AfterValidator(_saying(read_id)), _AS_ID]
Language = Annotated[str, AfterValidator(_saying(_read_language)), shown_as(r"^[a-z]{2,3}(-[A-Z]{2})?$", "en", "de-CH")]
TimeZone = Annotated[str, AfterValidator(_saying(_read_timezone))]
Days = Annotated[int, BeforeValidator(_saying(read_days)), _AS_DAYS]
DaysOrNone = Annotated[int, BeforeValidator(_saying(_read_days_or_none)), _AS_DAYS]
DueText = Annotated[Due, PlainValidator(_saying(read_due)), _AS_DUE]
Every = Annotated[timedelta, BeforeValidator(_saying(_read_every)), _AS_EVERY]
Day = Annotated[date, BeforeValidator(_saying(read_date)), _AS_DAY]
HostPort = Annotated[
    Endpoint, PlainValidator(_saying(read_endpoint)), shown_as(r"^.+:\d{1,5}$", "smtp.kea.example:587")
]
PublicUrl = Annotated[str, PlainValidator(_saying(read_public_url)), _AS_TEXT]
