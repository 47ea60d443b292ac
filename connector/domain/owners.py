"""Who gets an action: the owner where one is active, else who stands in for them, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.domain.addresses import normalise_address

CHAIN_LIMIT = 5
"""Managers looked at above an inactive owner (our choice); a chain that comes back to itself ends there too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A user of a CRM; `is_active` is None where the CRM does not say, and `manager` a CRM id."""

    crm_id: str
    address: str | None
    is_active: bool | None
    manager: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Whom an action goes to, as the CRM's id, or nobody, and why."""

    owner_id: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whose a record is that asks for somebody; `label` names it (contact, account), `role` what they are to it."""

    label: str
    owner_id: str | None
    role: str = "owner"


def choose_owner(
    wishes: Sequence[Wish],
    *,
    owners: Mapping[str, Owner],
    stand_in: str | None,
    refused: frozenset[str] = frozenset(),
) -> Assigned:
    """The first who can take an action: an owner in the order of the wishes, then the managers of those who cannot,
    then the owner with the stand-in's address; else nobody. `refused` are ids that the CRM did not take.
    """
    line = _line(wishes, owners=owners, stand_in=stand_in)
    return next(
        (each for each in line if each.owner_id not in refused),
        Assigned(owner_id=None, reason="unassigned: no owner is active, and nobody has the stand-in's address"),
    )


def _line(wishes: Sequence[Wish], *, owners: Mapping[str, Owner], stand_in: str | None) -> Iterator[Assigned]:
    for wish in wishes:
        if can_take(owners.get(wish.owner_id or "")):
            yield Assigned(owner_id=wish.owner_id, reason=f"{wish.role} of the {wish.label}")
    for wish in wishes:
        for manager in _managers(wish.owner_id, owners):
            yield Assigned(owner_id=manager, reason=f"manager of the {wish.label}'s {wish.role}, who is not active")
    wanted = None if stand_in is None else normalise_address(stand_in)
    for owner in sorted(owners.values(), key=lambda each: each.crm_id):
        if wanted is not None and can_take(owner) and normalise_address(owner.address or "") == wanted:
            yield Assigned(owner_id=owner.crm_id, reason="stand-in: nobody else is active")


def can_take(owner: Owner | None) -> bool:
    """Whether a CRM has this owner and does not say that they are gone."""
    return owner is not None and owner.is_active is not False


def _managers(owner_id: str | None, owners: Mapping[str, Owner]) -> Iterator[str]:
    """Who is above somebody and can take an action, nearest first."""
    seen = {owner_id}
    for _ in range(CHAIN_LIMIT):
        below = owners.get(owner_id or "")
        if below is None or below.manager is None or below.manager in seen:
            return
        owner_id = below.manager
        seen.add(owner_id)
        if can_take(owners.get(owner_id)):
            yield owner_id
