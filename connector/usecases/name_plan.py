"""Name plan: who would be asked by which program, by name, and what most often keeps the others from being asked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from connector.domain.programs import Policy, Track
from connector.domain.selection import Decision, VerdictKind
from connector.ports.storage.explaining import ContactSeen
from connector.ports.storage.unit import Storage
from connector.usecases.plan import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAsk:
    """One person who would be asked, as the contact that would be written to; `role` is their title, else the level."""

    name: str
    role: str
    account: str
    milestone: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedProgram:
    """The people whom a program would ask on a track: `number` of them, of whom `asks` names the first."""

    program: str
    name: str
    track: Track
    number: int
    asks: Sequence[NamedAsk]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlan:
    """A plan by name: programs in the order of the settings, and what keeps how many from being asked."""

    programs: Sequence[NamedProgram]
    others: Sequence[tuple[VerdictKind, str, int]]
    """Verdict, the rule that decided it, and how many candidates that is, the commonest first."""


def name_plan(planned: Planned, *, storage: Storage, policy: Policy, limit: int | None) -> NamedPlan:
    """The same plan with names, at most `limit` for each program, None: all. Reads only."""
    asks: dict[tuple[str, Track], list[Decision]] = defaultdict(list)
    for decision in planned.decisions:
        if decision.verdict is VerdictKind.ASK:
            asks[decision.candidate.occurrence.program, decision.track].append(decision)
    contacts = _contacts([each for own in asks.values() for each in own[:limit]], storage=storage)
    return NamedPlan(
        programs=[
            NamedProgram(
                program=program.id,
                name=program.name,
                track=track,
                number=len(asks[program.id, track]),
                asks=[_named(each, contacts) for each in asks[program.id, track][:limit]],
            )
            for program in policy.programs
            for track in Track
            if (program.id, track) in asks
        ],
        others=_others(planned.decisions),
    )


def _contacts(decisions: Sequence[Decision], *, storage: Storage) -> Mapping[int, ContactSeen]:
    people = sorted({each.candidate.person_id for each in decisions})
    with storage.snapshot() as unit:
        found = unit.explanations.contacts(people)
    return {contact.id: contact for own in found.values() for contact in own}


def _named(decision: Decision, contacts: Mapping[int, ContactSeen]) -> NamedAsk:
    candidate = decision.candidate
    contact = contacts.get(candidate.contact_id)
    return NamedAsk(
        name=(contact and contact.name) or candidate.source,
        role=(contact and (contact.title or contact.rep_level or contact.level)) or "",
        account=(contact and contact.account_name) or candidate.account_key,
        milestone=candidate.occurrence.milestone,
        due_on=candidate.occurrence.due_on,
    )


def _others(decisions: Sequence[Decision]) -> list[tuple[VerdictKind, str, int]]:
    counts = Counter((each.verdict, each.rule) for each in decisions if each.verdict is not VerdictKind.ASK)
    return [(verdict, rule, number) for (verdict, rule), number in counts.most_common()]
