"""What connections say of each other: which one is home, and whose records theirs are the same as (design 5.6)."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from connector.domain.records import Fact, FactType, RecordKind
from connector.ports.crm import CrmSpec
from connector.settings.checking import Checker
from connector.settings.documents import Path
from connector.settings.facts import SAME_AS, check_field
from connector.settings.house_keys import SameAsKeys

KINDS = (RecordKind.ACCOUNT, RecordKind.CONTACT)
"""Kinds of records that can be the same in two CRMs."""


def check_homes(checker: Checker, *, crms: Mapping[str, Any]) -> None:
    """One connection at most is home."""
    homes = [name for name, crm in crms.items() if isinstance(crm, dict) and crm.get("home") is True]
    for name in homes[1:]:
        expected = f"expected one at most: crms.{homes[0]} is home"
        checker.add(("crms", name, "home"), found="found a second home", expected=expected)


def read_same_as(checker: Checker, *, name: str, data: Any, spec: CrmSpec) -> tuple[str | None, dict[Fact, str]]:
    """The connection whose ids this one holds, and the fields that hold them as facts; mistakes where they cannot."""
    path: Path = ("crms", name, SAME_AS)
    said = checker.check(SameAsKeys, data, at=path) if isinstance(data, dict) else None
    if said is None:
        return None, {}
    _check_crm(checker, name=name, said=said.crm, path=(*path, "crm"))
    fields = {kind: getattr(said, kind.value) for kind in KINDS}
    if not any(fields.values()):
        expected = "expected the field of one at least that holds the other CRM's id"
        checker.add(path, found="found neither account nor contact", expected=expected)
    facts = {Fact(kind=kind, word=SAME_AS, type=FactType.TEXT): field for kind, field in fields.items() if field}
    return said.crm, {
        fact: field
        for fact, field in facts.items()
        if check_field(field, fact=fact, spec=spec, checker=checker, path=(*path, fact.kind.value))
    }


def _check_crm(checker: Checker, *, name: str, said: str, path: Path) -> None:
    crms = checker.document.at(("crms",))
    others = [str(other) for other in crms if other != name]
    if said == name:
        checker.add(path, found=f"found '{said}'", expected="expected another connection than itself")
    elif said not in others:
        near = get_close_matches(said, others, n=1)
        known = f"expected one of {', '.join(others)}" if others else "expected a second connection in `crms`"
        expected = f"did you mean {near[0]}?" if near else known
        checker.add(path, found=f"found the unknown connection '{said}'", expected=expected)
    elif checker.document.has(("crms", said, SAME_AS)):
        expected = f"expected a connection without one, as {said} points elsewhere itself"
        checker.add(path, found=f"found '{said}', which has a `{SAME_AS}` too", expected=expected)
