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
from connector.settings.key_types import Day, Days, DaysOrNone, DueText, Id, Keys, ListOf, Text, read_date


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
    """The relationship type that programs name."""
    when: ConditionText = None
    """The condition over account facts under which an account has it; the first rule that matches decides."""
    otherwise: Literal[True] | None = None
    """Whether it takes every account that is left; obligatory in the last rule."""


class RelationshipsKeys(Keys):
    """relationships.yaml; the rules are checked one by one."""

    relationships: Annotated[list[Any], ListOf(RuleKeys)] = Field(min_length=1)
    """The rules in their order."""


class WhenKeys(Keys):
    """A milestone's moment: exactly one of `before`, `after`, `changed` and `every`."""

    before: FactName = None
    """A date fact: the milestone comes `by` days before it."""
    after: FactName = None
    """A date fact: the milestone comes `by` days after it."""
    changed: FactName = None
    """A text fact: the milestone comes `by` days after it changed to `to`."""
    every: Days | None = None
    """The length of a period: the milestone comes at the end of each one since `from`."""
    to: Text | None = None
    """The value that `changed` waits for."""
    by: DaysOrNone = 0
    """How far the milestone lies from the date or the change."""
    start: FactOrDay = Field(default=None, alias="from")
    """A date fact, or one date for all, from which `every` counts."""


class MilestoneKeys(Keys):
    """One milestone."""

    id: Id
    """Its name for us, never shown; a rename is a new milestone."""
    when: WhenKeys
    """When it comes: exactly one of before, after, changed, every."""
    where: ConditionText = None
    """A further condition over the account and the record with the date."""
    expires: Days | None = None
    """How long an ask stays worth sending; 14 days about a relationship, 5 about a transaction."""
    new_after: Days = 180
    """How far a later date must lie from this one to be a new milestone; not beside `every`."""


class ActKeys(Keys):
    """One action rule."""

    id: Id
    """Its name for us; kept with each action."""
    when: ConditionText
    """The condition over answers, contact and account facts under which this rule opens an action."""
    do: Text
    """What the task says; {contact}, {account} and {score} are filled in."""
    owner: Literal["contact", "account", "counterpart"] = "contact"
    """Whose owner gets it first; counterpart is our person for the contact."""
    due: DueText
    """Until when, from the answer on."""


class ProgramKeys(Keys):
    """One file under programs/; its action rules are checked one by one, since they name the survey's questions."""

    id: Id
    """Its name for us, never shown; a rename is a new program."""
    name: Text
    """What people here call the program."""
    relationship: Annotated[str, AfterValidator(_check_relationship)]
    """The relationship type whose accounts it listens to."""
    who: ConditionText
    """The condition under which a contact there is asked."""
    survey: Annotated[str, AfterValidator(_check_survey)]
    """The id of the survey that they get."""
    starts_on: Day
    """The first day on which a milestone may come."""
    mode: Annotated[Literal["shadow", "test", "live"], AfterValidator(_check_mode)] = "live"
    """How far this program goes; never further than the mode in closedloop.yaml."""
    closes: Days = 21
    """How long an invitation can be answered."""
    milestones: list[MilestoneKeys] = Field(min_length=1)
    """The moments at which people are asked."""
    act: Annotated[Any, ListOf(ActKeys)] = None
    """What an answer asks of us: the first rule that matches opens one action."""
