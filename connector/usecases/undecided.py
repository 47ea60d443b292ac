"""Why milestones have never decided about somebody: of all records that they could be about, the nearest one tells."""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date

from connector.domain.evaluation import holds
from connector.domain.leaves import SeenLeaf, seen_leaves
from connector.domain.programs import Milestone, Organisation, Policy, Program
from connector.domain.records import RecordKind
from connector.domain.selection import Reason
from connector.domain.unasked import Prospect, nearest
from connector.ports.storage.explaining import AccountSeen, AnchorSeen, ContactSeen
from connector.ports.storage.unit import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A milestone that never decided about the person: the first condition that fails, with its leaves."""

    program: str
    milestone: str
    reason: Reason
    leaves: Sequence[SeenLeaf]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A person with all their contacts, live ones first, and the accounts of the live ones.

    `elsewhere` are further accounts where a plan may decide about them, as who brought a case. `looked_at` are the
    milestones that a plan of now looks at, as (program, milestone, CRM).
    """

    person_id: int
    contacts: Sequence[ContactSeen]
    accounts: Sequence[AccountSeen]
    elsewhere: Sequence[AccountSeen]
    looked_at: Set[tuple[str, str, str]]
    policy: Policy
    today: date


def undecided(unit: UnitOfWork, seat: Seat, *, decided: Collection[tuple[str, str]]) -> list[Undecided]:
    """Every milestone, by program and id, that is not among the decided ones. Reads only."""
    return [
        _undecided(unit, seat, program, milestone)
        for program in seat.policy.programs
        for milestone in program.milestones
        if (program.id, milestone.id) not in decided
    ]


def _undecided(unit: UnitOfWork, seat: Seat, program: Program, milestone: Milestone) -> Undecided:
    prospects = [each for account in seat.accounts for each in _prospects(unit, seat, account, program, milestone)]
    if milestone.when.anchor is RecordKind.CASE:
        found = [each for account in seat.elsewhere for each in _prospects(unit, seat, account, program, milestone)]
        prospects += [each for each in found if each.anchor is not None and each.is_theirs]
    if not prospects:
        reason = _nowhere(seat.contacts, organisation=seat.policy.organisation)
        return Undecided(program=program.id, milestone=milestone.id, reason=reason, leaves=())
    prospect, reason = nearest(prospects, today=seat.today)
    leaves = _leaves_at(prospect, reason, policy=seat.policy)
    return Undecided(program=program.id, milestone=milestone.id, reason=reason, leaves=leaves)


def _prospects(
    unit: UnitOfWork, seat: Seat, account: AccountSeen, program: Program, milestone: Milestone
) -> list[Prospect]:
    """One for each record that the milestone could be about; where the account's type is another, one in all."""
    contact = next((each for each in seat.contacts if each.account_id == account.id), seat.contacts[0])
    nothing = Prospect(
        program=program,
        milestone=milestone,
        account=account.key,
        relationship=account.relationship,
        contact=contact.key,
        contact_since=seat.policy.organisation.day_of(contact.first_seen_at),
        anchor=None,
        values=account.values,
    )
    if account.relationship != program.relationship:
        return [nothing]
    anchors = unit.prospects.anchors(account.id, person_id=seat.person_id, program=program, milestone=milestone)
    return [_at(nothing, anchor, seat) for anchor in anchors] or [nothing]


def _at(nothing: Prospect, anchor: AnchorSeen, seat: Seat) -> Prospect:
    organisation = seat.policy.organisation
    drawn_at = anchor.occurrence.drawn_at if anchor.occurrence else None
    return replace(
        nothing,
        anchor=anchor.key,
        where=anchor.where,
        values=anchor.values,
        moment=anchor.moment,
        changed_on=None if anchor.changed_at is None else organisation.day_of(anchor.changed_at),
        planned_through=anchor.planned_through,
        occurrence=anchor.occurrence,
        drawn_on=None if drawn_at is None else organisation.day_of(drawn_at),
        is_theirs=anchor.is_theirs,
        brought_by=anchor.brought_by,
        is_looked_at=(nothing.program.id, nothing.milestone.id, anchor.crm) in seat.looked_at,
    )


def _nowhere(contacts: Sequence[ContactSeen], *, organisation: Organisation) -> Reason:
    """Why somebody without a live contact at a live account is asked by no program."""
    contact = contacts[0]
    if contact.removed_at is not None:
        on = organisation.day_of(contact.removed_at).isoformat()
        return Reason(rule="contact gone", value="removed", threshold="a live contact", source=contact.key, on=on)
    if contact.account_removed_at is not None:
        on = organisation.day_of(contact.account_removed_at).isoformat()
        source = contact.account or contact.key
        return Reason(rule="account gone", value="removed", threshold="a live account", source=source, on=on)
    on = organisation.day_of(contact.first_seen_at).isoformat()
    return Reason(rule="no account", value="no account", threshold="one in the same CRM", source=contact.key, on=on)


def _leaves_at(prospect: Prospect, reason: Reason, *, policy: Policy) -> Sequence[SeenLeaf]:
    """The leaves of the condition that failed: the milestone's, or that of the type which the account is not of.

    Where that type's own condition is true, an earlier rule has taken the account: there is nothing to see in it.
    """
    if reason.rule == "filter" and prospect.milestone.where is not None:
        return seen_leaves(prospect.milestone.where, values=prospect.values)
    if reason.rule == "other relationship":
        rules = [each.when for each in policy.relationships if each.type == prospect.program.relationship]
        failed = [rule for rule in rules if rule is not None and holds(rule, values=prospect.values) is not True]
        return [leaf for rule in failed for leaf in seen_leaves(rule, values=prospect.values)]
    return ()
