"""The keys of relationships.yaml and of programs, checked against the words that the other files declare."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema

from connector.conditions.parsing import parse
from connector.conditions.problems import ConditionError, ConditionProblem
from connector.conditions.words import suggest_fact
from connector.domain.condition import Condition
from connector.domain.programs import Mode
from connector.domain.records import Fact, Word
from connector.settings.checking import wrong, wrong_condition
from connector.settings.key_types import Day, Days, DaysOrNone, DueText, Id, Keys, Text, read_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a program may name; None where the declaring file could not be read, so that nothing is known."""

    facts: Mapping[str, Word] | None = None
    doubtful: frozenset[str] = frozenset()
    """Facts whose declaration has mistakes, so that their type is not known."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Our word by each CRM's field in small letters, for whoever writes the field."""
    relationships: frozenset[str] | None = None
    surveys: frozenset[str] | None = None
    mode: Mode | None = None


def _vocabulary(info: ValidationInfo) -> Vocabulary:
    return info.context if isinstance(info.context, Vocabulary) else Vocabulary()


def _read_condition(value: object, info: ValidationInfo) -> Condition | None:
    if not isinstance(value, str):
        raise wrong("expected a condition in quotes such as \"account.kind = 'Customer'\"")
    facts, doubtful = _vocabulary(info).facts, _vocabulary(info).doubtful
    if facts is None or any(name in value for name in doubtful):
        return None
    try:
        return parse(value.rstrip(), facts=facts)
    except ConditionError as error:
        raise wrong_condition([_in_our_words(each, text=value, info=info) for each in error.problems]) from None


def _in_our_words(problem: ConditionProblem, *, text: str, info: ValidationInfo) -> ConditionProblem:
    """The problem, with our word where a CRM's own field was written."""
    ours = _our_word(text[problem.offset : problem.offset + problem.length], info)
    return problem if ours is None else replace(problem, expected=ours)


def _our_word(written: str, info: ValidationInfo) -> str | None:
    name = _vocabulary(info).fields.get(written.casefold())
    return None if name is None else f"expected our word for that field: `{name}`"


def _read_fact(value: object, info: ValidationInfo) -> Fact | None:
    facts = _vocabulary(info).facts
    if facts is None or str(value) in _vocabulary(info).doubtful:
        return None
    fact = facts.get(value) if isinstance(value, str) else None
    if isinstance(fact, Fact):
        return fact
    raise wrong(_our_word(str(value), info) or suggest_fact(str(value), facts=facts))


def _read_fact_or_day(value: object, info: ValidationInfo) -> Fact | date | None:
    if isinstance(value, str) and "." in value:
        return _read_fact(value, info)
    try:
        return read_date(value)
    except ValueError as error:
        raise wrong(f"{error}, or a fact that is one") from None


def _check_relationship(value: str, info: ValidationInfo) -> str:
    types = _vocabulary(info).relationships
    if types is not None and value not in types:
        raise wrong(_suggestion(value, among=types, otherwise=f"expected one of {', '.join(sorted(types))}"))
    return value


def _check_survey(value: str, info: ValidationInfo) -> str:
    surveys = _vocabulary(info).surveys
    if surveys is not None and value not in surveys:
        raise wrong(_suggestion(value, among=surveys, otherwise="expected the id of a survey under surveys/"))
    return value


def _check_mode(value: str, info: ValidationInfo) -> str:
    house = _vocabulary(info).mode
    if house is not None and Mode(value).reach > house.reach:
        raise wrong(f"expected {house}, as in closedloop.yaml: a program's mode may be lower, never higher")
    return value


def _suggestion(value: object, *, among: frozenset[str], otherwise: str) -> str:
    near = get_close_matches(str(value), sorted(among), n=1)
    return f"did you mean {near[0]}?" if near else otherwise


_AS_TEXT = WithJsonSchema({"type": "string"})
ConditionText = Annotated[Condition | None, PlainValidator(_read_condition), _AS_TEXT]
FactName = Annotated[Fact | None, PlainValidator(_read_fact), _AS_TEXT]
FactOrDay = Annotated[Fact | date | None, PlainValidator(_read_fact_or_day), _AS_TEXT]


class RuleKeys(Keys):
    """One relationship type: `when` it holds, or `otherwise: true` for the leftover."""

    type: Id
    when: ConditionText = None
    otherwise: Literal[True] | None = None


class RelationshipsKeys(Keys):
    """relationships.yaml; the rules are checked one by one."""

    relationships: list[Any] = Field(min_length=1)


class WhenKeys(Keys):
    """A milestone's moment: exactly one of `before`, `after`, `changed` and `every`."""

    before: FactName = None
    after: FactName = None
    changed: FactName = None
    every: Days | None = None
    to: Text | None = None
    by: DaysOrNone = 0
    start: FactOrDay = Field(default=None, alias="from")


class MilestoneKeys(Keys):
    """One milestone."""

    id: Id
    when: WhenKeys
    where: ConditionText = None
    expires: Days | None = None
    new_after: Days = 180
    """Not beside `every`, whose periods say how far asks are apart."""


class ActKeys(Keys):
    """One action rule."""

    id: Id
    when: ConditionText
    do: Text
    owner: Literal["contact", "account", "counterpart"] = "contact"
    due: DueText


class ProgramKeys(Keys):
    """One file under programs/; its action rules are checked one by one, since they name the survey's questions."""

    id: Id
    name: Text
    relationship: Annotated[str, AfterValidator(_check_relationship)]
    who: ConditionText
    survey: Annotated[str, AfterValidator(_check_survey)]
    starts_on: Day
    mode: Annotated[Literal["shadow", "test", "live"], AfterValidator(_check_mode)] = "live"
    closes: Days = 21
    milestones: list[MilestoneKeys] = Field(min_length=1)
    act: Any = None
