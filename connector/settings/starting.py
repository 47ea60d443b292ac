"""A first folder of settings from a few answers: programs and surveys of the examples, the rest by a template."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connector.domain.hosts import is_loopback
from connector.ports.crm import CrmSpec
from connector.settings.examples import Examples
from connector.settings.folder import HOUSE, RELATIONSHIPS
from connector.settings.network import read_endpoint
from connector.settings.start_crms import Fields, Variable, crm_text, quoted, variables_of

ENVIRONMENT = "environment.example"
_TEMPLATE = Path(__file__).parent / "templates" / HOUSE
_DATED = re.compile(r"^\s*#.*\b\d{4}-\d{2}-\d{2}\b.*\n", re.MULTILINE)
_BEGINS_WITH_US = re.compile(r"^(\s*\w+: )(\{us\}[^\"\\\n]*)$", re.MULTILINE)
_SCHEMA = "# yaml-language-server: $schema={path}\n"
_KEY = Variable(
    name="CLOSEDLOOP_KEY",
    told="""At least 32 bytes; make one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))\"""",
)
_HEAD = """\
# What closedloop.yaml reads from the environment. Copy this file to `environment`, fill it in, keep it out of version
# control and readable by you alone, and read it before a command: set -a; . ./environment; set +a
"""
_RULES_HEAD = """\
# What kind of relationship an account has: the first rule that matches decides, the last one takes the rest.
relationships:
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What somebody who begins has answered; `crms` are their adapters, the first being home."""

    organisation: str
    timezone: str
    language: str
    public_url: str
    relay: str
    sender: str
    stand_in: str
    crms: Sequence[CrmSpec]
    relationships: Sequence[str]
    fields: Fields
    starts_on: date


def variables(start: Start) -> list[Variable]:
    """The variables that the settings name, in the order of the file."""
    return [_KEY, *(each for spec in start.crms for each in variables_of(spec))]


def started_files(start: Start, *, examples: Examples) -> dict[str, str]:
    """Each file by its name in the folder; no secret is in any of them."""
    programs = [each for each in examples.programs if each.relationship in start.relationships]
    files = {HOUSE: _house(start, needed=examples.needs(start.relationships)), RELATIONSHIPS: _rules(start, examples)}
    for each in programs:
        text = (examples.folder / each.file).read_text(encoding="utf-8")
        dated = re.sub(r"^starts_on: .*$", f"starts_on: {start.starts_on}", _DATED.sub("", text), flags=re.MULTILINE)
        files[each.file] = _SCHEMA.format(path="../schema/program.json") + dated
        survey = _for_us((examples.folder / each.survey_file).read_text(encoding="utf-8"), examples.organisation)
        files[each.survey_file] = _SCHEMA.format(path="../schema/survey.json") + survey
    return files | {ENVIRONMENT: _environment(start)}


def _for_us(survey: str, name: str) -> str:
    """The survey with `{us}` in the place of a name; YAML wants a text that begins so in quotes."""
    return _BEGINS_WITH_US.sub(r'\1"\2"', survey.replace(name, "{us}"))


def _house(start: Start, *, needed: frozenset[str]) -> str:
    is_here = is_loopback(read_endpoint(start.relay).host)
    values = {
        "organisation": quoted(start.organisation),
        "timezone": start.timezone,
        "language": start.language,
        "public_url": quoted(start.public_url),
        "relay": quoted(start.relay),
        "tls": "none" if is_here else "starttls",
        "sender": quoted(start.sender),
        "stand_in": quoted(start.stand_in),
        "domain": start.sender.rpartition("@")[2],
        "crms": crm_text(start.crms, fields=start.fields, needed=needed),
    }
    return re.sub(r"<<(\w+)>>", lambda match: values[match[1]], _TEMPLATE.read_text(encoding="utf-8"))


def _rules(start: Start, examples: Examples) -> str:
    """The chosen rules in their order; the leftover rule, which is obligatory, stays whatever was chosen."""
    *others, last = examples.rules
    lines = [examples.rules[each] for each in (*(one for one in others if one in start.relationships), last)]
    return _SCHEMA.format(path="schema/relationships.json") + _RULES_HEAD + "".join(lines)


def _environment(start: Start) -> str:
    return _HEAD + "".join(f"\n# {each.told}\n{each.name}={each.default}\n" for each in variables(start))
