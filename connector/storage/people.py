"""Which person a contact stands for (design 5.5): pure rules, in the order of the page."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from unicodedata import normalize

from connector.domain.addresses import is_shared_mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A contact that is new, restored, or has another address; `person_id` is the person it stood for so far.

    Addresses are normalised. `n` is the contact's place in the page. Who `has_left` the company keeps the person and
    holds no address.
    """

    n: int
    person_id: int | None
    name_before: str | None
    name: str | None
    address_before: str | None
    address: str | None
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class Seating:
    """Each arrival's person by its `n`, and the addresses that open. New persons are -1, -2 and so on."""

    persons: dict[int, int] = field(default_factory=dict)
    opened: list[tuple[int, str]] = field(default_factory=list)
    new: list[int] = field(default_factory=list)


def seat(arrivals: Iterable[Arrival], *, holders: MutableMapping[str, int]) -> Seating:
    """Decide each arrival's person. `holders` are the persons of live addresses, and grow with what opens."""
    seating = Seating()
    for arrival in arrivals:
        address = None if arrival.has_left else personal(arrival.address)
        holder = holders.get(address) if address else None
        person = holder if holder is not None else _kept(arrival)
        if person is None:
            person = -len(seating.new) - 1
            seating.new.append(person)
        if address and holder is None:
            holders[address] = person
            seating.opened.append((person, address))
        seating.persons[arrival.n] = person
    return seating


def personal(address: str | None) -> str | None:
    """The address where it is one person's; None for none and for a shared mailbox."""
    return None if address is None or is_shared_mailbox(address) else address


def _kept(arrival: Arrival) -> int | None:
    """The person so far; None where name and address changed together, as a record is reused for somebody else."""
    was = personal(arrival.address_before)
    is_moved = was is not None and was != personal(arrival.address)
    is_renamed = _folded(arrival.name_before) != _folded(arrival.name)
    return None if is_moved and is_renamed else arrival.person_id


def _folded(name: str | None) -> str:
    return " ".join(normalize("NFKC", name or "").casefold().split())
