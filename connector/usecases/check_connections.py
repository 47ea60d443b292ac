"""What a connection is like: whether it opens the right organisation, and what its CRM says of rights and fields."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from connector.domain.findings import Finding, Severity, Spot
from connector.domain.owners import Owner
from connector.domain.records import PART, Fact, RecordKind
from connector.ports.crm import CrmAdapter, Field, Problem
from connector.ports.errors import CrmError, CrmHiddenKind, CrmMissingField, CrmWrongOrg
from connector.ports.inspecting import Inspected
from connector.ports.wiring import Crm

SAME_AS = "same_as"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """One connection as it was found; `failure` says why it cannot be used. Fields are by their names in small letters.

    `facts` are the fields behind our facts, as `Object.Field`; of a fact of several sources those of its parts.
    `owners` are the people as the CRM shows them now, None where they were not seen.
    """

    crm: Crm
    facts: Mapping[str, str]
    organisation: str | None = None
    failure: CrmError | None = None
    problems: Sequence[Problem] = ()
    fields: Mapping[RecordKind, Mapping[str, Field]] = field(default_factory=dict)
    owners: Sequence[Owner] | None = None

    def field_of(self, fact: Fact) -> Field | None:
        """The CRM's field behind a fact; None where there is none, or it was not seen."""
        source = self.facts.get(fact.name, "")
        return self.fields.get(fact.kind, {}).get(source.rpartition(".")[2].lower())


def connect(crm: Crm, inspected: Inspected) -> Connected:
    """Sign in, ask the CRM what it has, and sign out; a CRM that fails says so in `failure`."""
    declared = {fact.name: source for fact, source in inspected.declared[crm.name].items()}
    derived = {each.fact.name for each in crm.derived}
    defaults = {name: source for name, source in inspected.defaults[crm.name].items() if name not in derived}
    facts = defaults | declared
    try:
        with crm.open() as adapter:
            return Connected(
                crm=crm,
                facts=facts,
                organisation=adapter.organisation(),
                problems=adapter.check(),
                fields=_fields(adapter),
                owners=_owners(adapter) if crm.capabilities.tasks else None,
            )
    except CrmError as error:
        return Connected(crm=crm, facts=facts, failure=error)


def connection_findings(connected: Connected, inspected: Inspected, *, pinned: str | None) -> Iterator[Finding]:
    """What is wrong with a connection; `pinned` is the organisation that our database belongs to, if any."""
    name = connected.crm.name
    if isinstance(connected.failure, CrmWrongOrg):
        spot = Spot(path=("crms", name, "org_id"))
        yield Finding(severity=Severity.ERROR, message=str(connected.failure), spot=spot)
    elif pinned is not None and connected.organisation not in (None, pinned):
        told = f"{name} opens {connected.organisation}, but the database is that of {pinned}: use another data_dir"
        yield Finding(severity=Severity.ERROR, message=told, spot=Spot(path=("crms", name), is_key=True))
    for problem in connected.problems:
        yield _finding(problem, connected, inspected)


def _fields(adapter: CrmAdapter) -> Mapping[RecordKind, Mapping[str, Field]]:
    found: dict[RecordKind, Mapping[str, Field]] = {}
    for kind in sorted(adapter.capabilities.reads - {RecordKind.OWNER}):
        with suppress(CrmMissingField, CrmHiddenKind):  # the whole object is hidden, which is one of the problems
            found[kind] = {each.name.lower(): each for each in adapter.fields(kind)}
    return found


def _owners(adapter: CrmAdapter) -> list[Owner] | None:
    """Everybody who can have a task, as the CRM shows them; None where it does not."""
    try:
        pages = list(adapter.pull(RecordKind.OWNER, None))
    except (CrmMissingField, CrmHiddenKind):  # which is one of the problems
        return None
    rows = [dict(zip(page.columns, row, strict=True)) for page in pages for row in page.rows]
    return [_owner(row) for row in rows]


def _owner(row: Mapping[str, Any]) -> Owner:
    return Owner(
        crm_id=row["crm_id"],
        address=row.get("address"),
        is_active=row.get("is_active"),
        manager=row.get("manager"),
    )


def _finding(problem: Problem, connected: Connected, inspected: Inspected) -> Finding:
    """A problem at the part of the settings that asks for what is not there; what an admin names must be there."""
    name = connected.crm.name
    _, _, about = problem.where.partition(".")
    message = problem.message if problem.message.startswith(f"{name}:") else f"{name}: {problem.message}"
    fact = next((each for each in inspected.declared[name] if each.name == about), None)
    if fact is not None:
        message = message.replace(fact.name, _own_name(fact)) + _suggestion(fact, connected)
        return Finding(severity=Severity.ERROR, message=message, spot=_spot_of(fact, name))
    severity = Severity.ERROR if problem.is_error else Severity.WARNING
    kind, _, word = about.partition(".")
    words = next((list(words) for of, words in connected.crm.write_words.items() if of == kind), [])
    if word in words:
        return Finding(severity=severity, message=message, spot=Spot(path=("write_back", kind, words.index(word))))
    return Finding(severity=severity, message=message, spot=Spot(path=("crms", name), is_key=True))


def _spot_of(fact: Fact, crm: str) -> Spot:
    if fact.word == SAME_AS:
        return Spot(path=("crms", crm, SAME_AS, fact.kind.value))
    path = ("crms", crm, "facts", _own_name(fact))
    _, is_part, number = fact.word.partition(PART)
    return Spot(path=(*path, "first_of", int(number) - 1, "titles") if is_part else (*path, "field"))


def _own_name(fact: Fact) -> str:
    """The admin's own word for a fact: of a part the fact's that it is a source of."""
    return fact.name.partition(PART)[0]


def _suggestion(fact: Fact, connected: Connected) -> str:
    """The field whose name is nearest, where the one that is named is not there."""
    if connected.field_of(fact) is not None:
        return ""
    owner, _, name = connected.facts[fact.name].rpartition(".")
    known = connected.fields.get(fact.kind, {})
    near = get_close_matches(name.lower(), known, n=1)
    return f". Did you mean {owner}.{known[near[0]].name}?" if near else ""
