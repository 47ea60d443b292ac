"""What `closedloop init` asks, in its order, and what the answers come to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

import typer

from connector.cli.questions import Questions, of_type, some_of
from connector.ports.crm import CrmSpec, LikelyField
from connector.settings.house_keys import Address
from connector.settings.key_types import HostPort, Language, PublicUrl, Text, TimeZone
from connector.settings.start_crms import Fields
from connector.settings.starting import Examples, Start, missing_facts

_NEAR = 0.8
"""How much of a fact must be alike to be meant: all facts of a kind begin alike."""


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


def answered(
    questions: Questions, given: Answers, *, examples: Examples, specs: Mapping[str, CrmSpec], now: datetime
) -> Start:
    """Ask whatever was not given. Raises BadParameter where an answer cannot be, or is missing with --yes."""

    def ask(option: str, question: str, said: str | None, default: str | None, type_: Any) -> str:
        return questions.ask(option, question, given=said, default=default, read=of_type(type_))

    organisation = ask("--organisation", "Your organisation's name", given.organisation, None, Text)
    timezone = ask("--timezone", "Its time zone", given.timezone, "UTC", TimeZone)
    language = ask("--language", "The language of the surveys", given.language, "en", Language)
    crms = _crms(questions, given.crms, specs=specs)
    fields = _fields(questions, given.fields, crms=crms, examples=examples)
    relationships = _relationships(questions, given.relationships, examples=examples, crms=crms, fields=fields)
    sender = ask("--from", "The address that mail comes from", given.sender, None, Address)
    return Start(
        organisation=organisation,
        timezone=timezone,
        language=language,
        public_url=ask("--public-url", "Base of links in mails", given.public_url, "http://localhost:8080", PublicUrl),
        relay=ask("--relay", "Your mail relay, as host:port", given.relay, "localhost:25", HostPort),
        sender=sender,
        stand_in=ask("--stand-in", "Address in the CRM of who stands in", given.stand_in, sender, Address),
        crms=crms,
        relationships=relationships,
        fields=fields,
        starts_on=now.astimezone(ZoneInfo(timezone)).date(),
    )


def _crms(questions: Questions, given: str | None, *, specs: Mapping[str, CrmSpec]) -> list[CrmSpec]:
    names = sorted(specs)
    question = f"Your CRMs, of {', '.join(names)}; of two the first gets the writes"
    chosen = questions.ask("--crms", question, given=given, default=names[0], read=some_of(names))
    return [specs[name] for name in chosen]


def _fields(questions: Questions, given: Sequence[str], *, crms: Sequence[CrmSpec], examples: Examples) -> Fields:
    """The field behind each fact that programs may read and that a CRM does not bring by itself; none is an answer."""
    needed = examples.needs(list(examples.rules))
    said = dict(_split(text, crms=crms, known=needed) for text in given)
    fields: dict[str, dict[str, LikelyField]] = {}
    for spec in crms:
        asked = sorted(needed & spec.likely.keys() | {name for crm, name in said if crm == spec.name})
        found = {name: _field(questions, said.get((spec.name, name)), spec=spec, name=name) for name in asked}
        fields[spec.name] = {name: field for name, field in found.items() if field is not None}
    return fields


def _split(text: str, *, crms: Sequence[CrmSpec], known: Collection[str]) -> tuple[tuple[str, str], str]:
    """Connection and fact, and the field; a fact that no program to begin with reads would be written nowhere."""
    name, equals, source = text.partition("=")
    crm, dot, fact = name.partition(".")
    if not equals or not dot or crm not in {spec.name for spec in crms}:
        expected = f"expected {crms[0].name}.account.renewal_on=FIELD, with one of {', '.join(s.name for s in crms)}"
        raise typer.BadParameter(f"found {text!r}; {expected}", param_hint="--field")
    if fact not in known:
        near = get_close_matches(fact, known, n=1, cutoff=_NEAR)
        expected = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(sorted(known))}"
        raise typer.BadParameter(
            f"found {fact}, which no program to begin with reads; {expected}", param_hint="--field"
        )
    return (crm, fact), source.strip()


def _field(questions: Questions, given: str | None, *, spec: CrmSpec, name: str) -> LikelyField | None:
    likely = spec.likely.get(name)
    question = f"{spec.label}: the field behind {name} (- for none)"
    default = likely.source if likely else None
    read = of_type(Text) if given else str.strip
    said = questions.ask("--field", question, given=given, default=default, read=read)
    if said in ("", "-"):
        return None
    if likely is not None and said == likely.source:
        return likely
    return LikelyField(source=said) if likely is None else replace(likely, source=said, values={})


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
    question = f"Relationship types to begin with, of {', '.join(possible)}"
    return questions.ask("--relationships", question, given=given, default=",".join(possible), read=some_of(possible))
