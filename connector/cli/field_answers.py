"""Which field stands behind each fact: one list a CRM, taken as it is or changed one by one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

import typer

from connector.cli.our_words import FACTS
from connector.cli.questions import Questions, yes_or_no
from connector.domain.records import FactType
from connector.ports.crm import CrmSpec, LikelyField
from connector.settings.examples import Examples
from connector.settings.start_crms import Fields

OPTION = "--field"
NONE = "-"
_NEAR = 0.8
"""How much of a fact must be alike to be meant: all facts of a kind begin alike."""
Said = Mapping[tuple[str, str], str]
"""The field by connection and fact; an empty one where there is none."""


def given_fields(given: Sequence[str], *, crms: Sequence[CrmSpec], known: Collection[str]) -> Said:
    """What `--field` says; a fact that no program to begin with reads would stand nowhere. Raises BadParameter."""
    return dict(_split(text, crms=crms, known=known) for text in given)


def has_question(spec: CrmSpec, said: Said, *, examples: Examples) -> bool:
    """Whether something is left to ask about a CRM's fields."""
    return any((spec.name, name) not in said for name in _usual(spec, examples))


def asked_fields(questions: Questions, said: Said, *, crms: Sequence[CrmSpec], examples: Examples) -> Fields:
    """What stands behind each fact that programs may read and that a CRM does not bring by itself; none may."""
    return {spec.name: _of_crm(questions, said, spec=spec, examples=examples) for spec in crms}


def _of_crm(questions: Questions, said: Said, *, spec: CrmSpec, examples: Examples) -> dict[str, LikelyField | str]:
    usual = _usual(spec, examples)
    own = {name: text for (crm, name), text in said.items() if crm == spec.name}
    texts = {name: own.get(name, _text(usual.get(name))) for name in sorted({*usual, *own})}
    if has_question(spec, said, examples=examples) and not questions.is_silent:
        hints = (
            f"The programs read these facts. Where {spec.label} keeps them or what tells them:",
            *_lines(texts, examples),
        )
        question = f"{spec.label}: is that right? (no: change it line by line)"
        _, is_right = questions.numbered(question, default="yes", read=yes_or_no, hints=hints)
        texts = texts if is_right else _one_by_one(questions, texts, spec=spec)
        kept = {f"{spec.name}.{name}={text}" for name, text in texts.items() if name not in own}
        questions.said += [(OPTION, text) for text in sorted(kept - {text for _, text in questions.said})]
    found = {name: _field(text, usual.get(name), is_count=name in examples.counts) for name, text in texts.items()}
    return {name: field for name, field in found.items() if field is not None}


def _usual(spec: CrmSpec, examples: Examples) -> dict[str, LikelyField | str]:
    """What is likely behind each fact that some program reads."""
    needed = examples.needs(list(examples.rules))
    counts = {name: count.text for name, count in examples.counts.items() if count.is_told_by(spec)}
    usual: dict[str, LikelyField | str] = {**counts, **spec.likely}
    return {name: field for name, field in usual.items() if name in needed}


def _text(field: LikelyField | str | None) -> str:
    return field.source if isinstance(field, LikelyField) else field or ""


def _lines(texts: Mapping[str, str], examples: Examples) -> list[str]:
    """A line for each fact: our word, where it comes from, and what the word means."""
    counted = {count.text: f"number of {count.kind} records" for count in examples.counts.values()}
    shown = {name: counted.get(text, text or NONE) for name, text in texts.items()}
    word, field = max(map(len, shown)), max(map(len, shown.values()))
    return [f"  {name:<{word}}  {text:<{field}}  {FACTS.get(name, '')}".rstrip() for name, text in shown.items()]


def _one_by_one(questions: Questions, texts: Mapping[str, str], *, spec: CrmSpec) -> dict[str, str]:
    """Each line again; what is changed is kept where somebody leaves in the middle."""
    changed = {}
    for name, text in texts.items():
        question = f"  {name} ({NONE} for none)"
        _, said = questions.prompt(question, default=text or NONE, read=str.strip)
        changed[name] = "" if said == NONE else said
        questions.said += [(OPTION, f"{spec.name}.{name}={changed[name]}")] if changed[name] != text else []
    return changed


def _split(text: str, *, crms: Sequence[CrmSpec], known: Collection[str]) -> tuple[tuple[str, str], str]:
    name, equals, source = text.partition("=")
    crm, dot, fact = name.partition(".")
    if not equals or not dot or crm not in {spec.name for spec in crms}:
        expected = f"expected {crms[0].name}.account.renewal_on=FIELD, with one of {', '.join(s.name for s in crms)}"
        raise typer.BadParameter(f"found {text!r}; {expected}", param_hint=OPTION)
    if fact not in known:
        near = get_close_matches(fact, known, n=1, cutoff=_NEAR)
        expected = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(sorted(known))}"
        raise typer.BadParameter(f"found {fact}, which no program to begin with reads; {expected}", param_hint=OPTION)
    return (crm, fact), source.strip()


def _field(text: str, usual: LikelyField | str | None, *, is_count: bool) -> LikelyField | str | None:
    """What stands in the file; a field that is named for what would be counted holds a number."""
    if not text:
        return None
    if text == _text(usual):
        return usual
    if isinstance(usual, LikelyField):
        return replace(usual, source=text, values={})
    return LikelyField(source=text, type=FactType.NUMBER if is_count else None)
