"""Explain: who a person is here, what was decided about them and why, and why nothing was where nothing was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from connector.domain.leaves import SeenLeaf, seen_leaves, values_in
from connector.domain.programs import Organisation, Policy
from connector.domain.records import RecordKind
from connector.ports.clock import Clock
from connector.ports.errors import ConnectorError
from connector.ports.storage.explaining import AccountSeen, ContactSeen, DecisionSeen, ResponseSeen
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.storage.viewing_account import ActionView
from connector.ports.wiring import Crm
from connector.usecases.decided_now import DecidedNow, decide_now
from connector.usecases.deciding_rule import deciding_rule
from connector.usecases.full_voices import Said, Scale, full_voices
from connector.usecases.undecided import Seat, Undecided, undecided

MOST_FOUND = 20
"""Persons that are listed where a text fits several."""
_NO_TEXTS: Mapping[str, str] = MappingProxyType({})
SEAT_RULES = frozenset({"asked", "no seat"})
"""The rules whose value and threshold are a program's own condition and what it saw."""


class UnknownPerson(ConnectorError):
    """Nobody is known by this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One of several persons whom the text fits."""

    person_id: int
    contacts: Sequence[ContactSeen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """The first persons whom the text fits, by id; with `has_more` it fits others too."""

    people: Sequence[Found]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedAccount:
    """An account, and the leaves of the rule that gave it its relationship type; `rule` is None for the leftover.

    `sources` tell for each derived fact of its first record from where it comes.
    """

    seen: AccountSeen
    rule: str | None
    leaves: Sequence[SeenLeaf]
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedDecision:
    """A decision with the leaves of the program's condition as the newest verdict saw them, where it still is so.

    `moment` is in words what makes its milestone fall due; None where the settings have it no more.
    """

    seen: DecisionSeen
    leaves: Sequence[SeenLeaf]
    moment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedResponse:
    """An answer with the person's own words and the actions that it has led to; `said` is all but the score."""

    seen: ResponseSeen
    scale: Scale | None
    said: Sequence[Said]
    actions: Sequence[ActionView]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything about one person, as of a moment; days and times are told on the organisation's clocks.

    `sources` tell by contact for each of its derived facts from where it comes. `now` is what a plan would decide that
    is not stored yet.
    """

    at: datetime
    organisation: Organisation
    contacts: Sequence[ContactSeen]
    accounts: Sequence[ExplainedAccount]
    decisions: Sequence[ExplainedDecision]
    responses: Sequence[ExplainedResponse]
    undecided: Sequence[Undecided]
    now: DecidedNow
    sources: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The organisation's day."""
        return self.organisation.day_of(self.at)


def explain(
    text: str,
    *,
    storage: Storage,
    policy: Policy,
    crms: Sequence[Crm],
    clock: Clock,
    texts: Mapping[str, str] = _NO_TEXTS,
) -> Explanation | Several:
    """Explain the person whom a mail address, a CRM's id or a name fits; where several do, these come back instead.

    `texts` are the files of the settings, in which ids that were changed are found. Reads only, all of it as of one
    moment. Raises UnknownPerson where nobody fits.
    """
    with storage.snapshot() as unit:
        fitting = unit.explanations.persons(text, limit=MOST_FOUND + 1)
        persons = fitting[:MOST_FOUND]
        contacts = unit.explanations.contacts(persons)
        if not persons:
            ids = " or ".join(f"{crm.name}/ID" for crm in crms)
            raise UnknownPerson(
                f"Nobody is known by {text!r}: give a mail address, a name, or a contact's id, alone or as {ids}."
            )
        if len(persons) > 1:
            people = [Found(person_id=each, contacts=contacts[each]) for each in persons]
            return Several(people=people, has_more=len(fitting) > MOST_FOUND)
        return _explanation(
            unit, persons[0], contacts[persons[0]], policy=policy, texts=texts, crms=crms, now=clock.now()
        )


def _explanation(
    unit: UnitOfWork,
    person_id: int,
    contacts: Sequence[ContactSeen],
    *,
    policy: Policy,
    texts: Mapping[str, str],
    crms: Sequence[Crm],
    now: datetime,
) -> Explanation:
    today = policy.organisation.day_of(now)
    decisions = unit.explanations.decisions(person_id, today=today)
    near = unit.prospects.near(person_id)
    decided_now = decide_now(
        unit, person_id, near=near, stored=decisions, policy=policy, texts=texts, crms=crms, now=now
    )
    seat = _seat(unit, person_id, contacts, near=near, policy=policy, today=today, now=decided_now)
    decided = {(each.program, each.milestone) for each in decisions}
    account_sources = _sources(unit, RecordKind.ACCOUNT, [account.id for account in seat.accounts])
    return Explanation(
        at=now,
        organisation=policy.organisation,
        contacts=contacts,
        accounts=[_account(each, policy, sources=account_sources.get(each.id, {})) for each in seat.accounts],
        decisions=[_decision(each, policy) for each in decisions],
        responses=_responses(unit, person_id, policy),
        undecided=undecided(unit, seat, decided=decided | decided_now.milestones),
        now=decided_now,
        sources=_sources(unit, RecordKind.CONTACT, [contact.id for contact in contacts]),
    )


def _seat(
    unit: UnitOfWork,
    person_id: int,
    contacts: Sequence[ContactSeen],
    *,
    near: Sequence[int],
    policy: Policy,
    today: date,
    now: DecidedNow,
) -> Seat:
    live = [contact for contact in contacts if contact.removed_at is None and contact.account_removed_at is None]
    at = dict.fromkeys(contact.account_id for contact in live if contact.account_id is not None)
    return Seat(
        person_id=person_id,
        contacts=contacts,
        accounts=[unit.prospects.account(account_id, policy=policy) for account_id in at],
        elsewhere=[unit.prospects.account(account_id, policy=policy) for account_id in near if account_id not in at],
        looked_at=now.looked_at,
        policy=policy,
        today=today,
    )


def _responses(unit: UnitOfWork, person_id: int, policy: Policy) -> list[ExplainedResponse]:
    seen = unit.explanations.responses(person_id)
    voices = full_voices(unit, unit.explanations.voices(person_id), policy=policy)
    full = {each.voice.id: each for each in voices}
    actions = unit.explanations.actions([each.id for each in seen])
    return [
        ExplainedResponse(
            seen=each, scale=full[each.id].scale, said=full[each.id].said, actions=actions.get(each.id, ())
        )
        for each in seen
    ]


def _sources(unit: UnitOfWork, kind: RecordKind, ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    """By record and fact, from where derived facts come."""
    found: dict[int, dict[str, str]] = {}
    for source in unit.derived.sources(kind, ids):
        found.setdefault(source.record_id, {})[source.fact] = str(source)
    return found


def _account(seen: AccountSeen, policy: Policy, *, sources: Mapping[str, str]) -> ExplainedAccount:
    rule = deciding_rule(seen, policy=policy)
    leaves = () if rule.when is None else seen_leaves(rule.when, values=seen.values)
    return ExplainedAccount(seen=seen, rule=rule.when.text if rule.when else None, leaves=leaves, sources=sources)


def _decision(seen: DecisionSeen, policy: Policy) -> ExplainedDecision:
    moments = {(program.id, each.id): each.when.in_words for program in policy.programs for each in program.milestones}
    moment = moments.get((seen.program, seen.milestone))
    return ExplainedDecision(seen=seen, leaves=_leaves_of(seen, policy), moment=moment)


def _leaves_of(seen: DecisionSeen, policy: Policy) -> Sequence[SeenLeaf]:
    program = next((each for each in policy.programs if each.id == seen.program), None)
    reasons = [reason for verdict in seen.verdicts[:1] for reason in verdict.reasons if reason.rule in SEAT_RULES]
    for reason in reasons:
        if program is not None and reason.threshold == program.who.text:
            values = values_in(reason.value, condition=program.who)
            return () if values is None else seen_leaves(program.who, values=values)
    return ()
