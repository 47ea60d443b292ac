"""What `closedloop init` asks, in its order, and what the answers come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer

from connector.cli.field_answers import asked_fields, given_fields, has_question
from connector.cli.our_words import CRMS, PUBLIC_URL, SENDER, STAND_IN, TYPES
from connector.cli.questions import Questions, of_type, some_of
from connector.ports.crm import CrmSpec
from connector.settings.examples import Examples, missing_facts
from connector.settings.house_keys import Address
from connector.settings.key_types import HostPort, Language, PublicUrl, Text, TimeZone
from connector.settings.start_crms import Fields, variables_of
from connector.settings.starting import Start

_RELAY, _PUBLIC_URL = "SMTP_RELAY", "CLOSEDLOOP_PUBLIC_URL"
"""Variables that tell what is usual here, as in the shipped examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was given as options; None where a question is still to be asked."""

    organisation: str | None
    timezone: str | None
    language: str | None
    crms: str | None
    fields: Sequence[str]
    relationships: str | None
    public_url: str | None
    relay: str | None
    sender: str | None
    stand_in: str | None

    def open(self) -> int:
        """How many questions are still to be asked, without those about fields."""
        of_one = (self.organisation, self.timezone, self.language, self.crms, self.relationships)
        return [*of_one, self.public_url, self.relay, self.sender, self.stand_in].count(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What can be begun with: the examples, the CRMs that are installed, the environment, and the moment."""

    examples: Examples
    specs: Mapping[str, CrmSpec]
    environ: Mapping[str, str]
    now: datetime


def answered(questions: Questions, given: Answers, *, beginning: Beginning) -> Start:
    """Ask whatever was not given. Raises BadParameter where an answer cannot be, or is missing with --yes."""

    def ask(option: str, question: str, said: str | None, default: str | None, type_: Any, *hints: str) -> str:
        return questions.ask(option, question, given=said, default=default, read=of_type(type_), hints=hints)

    environ, usual = beginning.environ, _usual_crms(beginning)
    questions.total = given.open() + (len(usual) if given.crms is None else 0)
    organisation = ask("--organisation", "Your organisation's name", given.organisation, None, Text)
    timezone = ask("--timezone", "Its time zone", given.timezone, "UTC", TimeZone)
    language = ask("--language", "The language of the surveys", given.language, "en", Language)
    crms = _crms(questions, given.crms, usual=usual, specs=beginning.specs)
    fields = _fields(questions, given, crms=crms, usual=usual, examples=beginning.examples)
    relationships = _relationships(
        questions, given.relationships, examples=beginning.examples, crms=crms, fields=fields
    )
    url, relay = environ.get(_PUBLIC_URL) or "http://localhost:8080", environ.get(_RELAY) or "localhost:25"
    return Start(
        organisation=organisation,
        timezone=timezone,
        language=language,
        crms=crms,
        relationships=relationships,
        fields=fields,
        sender=ask("--from", "The address that mail comes from", given.sender, None, Address, *SENDER),
        public_url=ask("--public-url", "Base of links in mails", given.public_url, url, PublicUrl, *PUBLIC_URL),
        relay=ask("--relay", "Your mail relay, as host:port", given.relay, relay, HostPort),
        stand_in=ask("--stand-in", "Address in the CRM of who stands in", given.stand_in, None, Address, *STAND_IN),
        starts_on=beginning.now.astimezone(ZoneInfo(timezone)).date(),
    )


def _usual_crms(beginning: Beginning) -> list[str]:
    """The CRMs whose variables are all set, or else all; one that keeps another's ids comes after it."""
    names = sorted(beginning.specs, key=lambda name: (len(beginning.specs[name].twins), name))
    ready = [name for name in names if _is_ready(beginning.specs[name], beginning.environ)]
    return ready or names


def _is_ready(spec: CrmSpec, environ: Mapping[str, str]) -> bool:
    return all(environ.get(each.name) or each.default for each in variables_of(spec))


def _crms(
    questions: Questions, given: str | None, *, usual: Sequence[str], specs: Mapping[str, CrmSpec]
) -> list[CrmSpec]:
    names = sorted(specs)
    question = f"Your CRMs, of {', '.join(names)}"
    chosen = questions.ask("--crms", question, given=given, default=",".join(usual), read=some_of(names), hints=CRMS)
    return [specs[name] for name in chosen]


def _fields(
    questions: Questions, given: Answers, *, crms: Sequence[CrmSpec], usual: Sequence[str], examples: Examples
) -> Fields:
    said = given_fields(given.fields, crms=crms, known=examples.needs(list(examples.rules)))
    questions.said += [("--field", text) for text in given.fields]
    questions.total += sum(has_question(spec, said, examples=examples) for spec in crms)
    questions.total -= len(usual) if given.crms is None else 0
    return asked_fields(questions, said, crms=crms, examples=examples)


def _relationships(
    questions: Questions, given: str | None, *, examples: Examples, crms: Sequence[CrmSpec], fields: Fields
) -> list[str]:
    """The types to begin with; one that reads a fact which no CRM brings is left out, and said to be."""
    possible = []
    for each in examples.rules:
        missing = missing_facts(examples, each, crms=crms, fields=fields)
        if missing:
            typer.echo(f"{each} is left out: no CRM has a field behind {', '.join(missing)}.", err=True)
        else:
            possible.append(each)
    width = max(map(len, possible))
    return questions.ask(
        "--relationships",
        "Relationship types to begin with",
        given=given,
        default=",".join(possible),
        read=some_of(possible),
        hints=[f"  {each:<{width}}  {TYPES.get(each, '')}".rstrip() for each in possible],
    )
