"""Since when what blocks somebody has been known here: the last change of the value, or when its record came."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, func, or_, select

from connector.domain.records import RecordKind
from connector.domain.selection import Candidate
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.people import OptOutRow, PersonAliasRow
from connector.storage.tables.records import FieldChangeRow
from connector.storage.tables.rows import table_of

_CONTACT = RECORD_TABLES[RecordKind.CONTACT]
_CHANGE, _OPT_OUT, _ALIAS = table_of(FieldChangeRow), table_of(OptOutRow), table_of(PersonAliasRow)
_CHUNK = 500
_GONE, _MOVED = "gone", "account"
"""Who is gone was removed, or else stands at another account by now."""
_Place = tuple[str, str]
"""A contact's `crm/id` and the fact that was read there."""


def known_since(connection: Connection, candidates: Sequence[Candidate]) -> list[dict[str, datetime]]:
    """Of each candidate by rule, in their order; what nothing is known of is left out.

    A contact may be a candidate of several occurrences, and be blocked by another rule on each.
    """
    told = [dict(_places(candidate)) for candidate in candidates]
    moments = _moments(connection, {place for rules in told for place in rules.values()})
    found = [{rule: moments[place] for rule, place in rules.items() if place in moments} for rules in told]
    pairs = list(zip(candidates, found, strict=True))
    refusing = [pair for pair in pairs if pair[0].opted_out and "/" not in pair[0].opted_out]
    passed = [pair for pair in pairs if pair[0].passed_on_to]
    for rule, those, read in (("opted out", refusing, _said_no), ("case passed on", passed, _passed_on)):
        for start in range(0, len(those), _CHUNK):
            chunk = those[start : start + _CHUNK]
            for (_, known), at in zip(chunk, read(connection, [each for each, _ in chunk]), strict=True):
                known.update({} if at is None else {rule: at})
    return found


def _places(candidate: Candidate) -> Iterable[tuple[str, _Place]]:
    """Where each rule that blocks the candidate read what it saw."""
    if candidate.is_gone:
        yield "contact gone", (candidate.source, _GONE)
    if candidate.left_company:
        yield "left company", (candidate.left_company, "left_company")
    if candidate.address is None:
        yield "no address", (candidate.source, "address")
    if candidate.is_shared_mailbox:
        yield "shared mailbox", (candidate.source, "address")
    if candidate.opted_out and "/" in candidate.opted_out:
        yield "opted out", (candidate.opted_out, "opted_out")
    if candidate.bounced:
        yield "bounced", (candidate.bounced, "bounced")


def _moments(connection: Connection, places: Iterable[_Place]) -> dict[_Place, datetime]:
    """When each place's value was last seen changing, else when its contact was first seen."""
    wanted = sorted(places)
    moments: dict[_Place, datetime] = {}
    for start in range(0, len(wanted), _CHUNK):
        moments |= _moments_of(connection, wanted[start : start + _CHUNK])
    return moments


def _moments_of(connection: Connection, places: Sequence[_Place]) -> dict[_Place, datetime]:
    contacts = {}
    for crm, ids in _by_crm(places).items():
        query = select(_CONTACT.c.id, _CONTACT.c.crm_id, _CONTACT.c.first_seen_at, _CONTACT.c.removed_at)
        for row in connection.execute(query.where(_CONTACT.c.crm == crm, _CONTACT.c.crm_id.in_(ids))):
            contacts[f"{crm}/{row.crm_id}"] = row
    facts = {_MOVED if fact == _GONE else fact for _, fact in places}
    changed = _changed(connection, [row.id for row in contacts.values()], facts=facts)
    moments = {}
    for key, fact in places:
        contact = contacts.get(key)
        if contact is not None:
            removed_at = contact.removed_at if fact == _GONE else None
            changed_at = changed.get((contact.id, _MOVED if fact == _GONE else fact))
            moments[key, fact] = removed_at or changed_at or contact.first_seen_at
    return moments


def _by_crm(places: Sequence[_Place]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, _ in places:
        crm, _, crm_id = key.partition("/")
        found[crm].add(crm_id)
    return found


def _changed(connection: Connection, ids: Sequence[int], *, facts: set[str]) -> dict[tuple[int, str], datetime]:
    query = (
        select(_CHANGE.c.record_id, _CHANGE.c.fact, func.max(_CHANGE.c.seen_at).label("at"))
        .where(_CHANGE.c.kind == RecordKind.CONTACT, _CHANGE.c.record_id.in_(ids), _CHANGE.c.fact.in_(facts))
        .group_by(_CHANGE.c.record_id, _CHANGE.c.fact)
    )
    return {(row.record_id, row.fact): row.at for row in connection.execute(query)}


def _passed_on(connection: Connection, candidates: Sequence[Candidate]) -> Iterable[datetime | None]:
    """When the case of each was last seen naming another contact."""
    cases = [candidate.occurrence.anchor.id for candidate in candidates]
    query = select(_CHANGE.c.record_id, func.max(_CHANGE.c.seen_at).label("at")).group_by(_CHANGE.c.record_id)
    query = query.where(_CHANGE.c.kind == RecordKind.CASE, _CHANGE.c.record_id.in_(cases), _CHANGE.c.fact == "contact")
    moments = {row.record_id: row.at for row in connection.execute(query)}
    return [moments.get(case) for case in cases]


def _said_no(connection: Connection, candidates: Sequence[Candidate]) -> Iterable[datetime | None]:
    """When the person of each, somebody joined into them, or their address first opted out here."""
    persons = {candidate.person_id for candidate in candidates}
    into = select(_ALIAS.c.person_id, _ALIAS.c.into_id).where(_ALIAS.c.into_id.in_(persons), _ALIAS.c.to_at.is_(None))
    joined: dict[int, list[int]] = defaultdict(list)
    for row in connection.execute(into):
        joined[row.into_id].append(row.person_id)
    persons.update(person for those in joined.values() for person in those)
    hashes = {each.address: _hash(each.address) for each in candidates if each.address is not None}
    by_person, by_hash = _first_opt_outs(connection, persons=persons, hashes=set(hashes.values()))
    for candidate in candidates:
        said = [by_person.get(person) for person in (candidate.person_id, *joined.get(candidate.person_id, ()))]
        known = [at for at in (*said, by_hash.get(hashes.get(candidate.address or "", ""))) if at is not None]
        yield min(known, default=None)


def _first_opt_outs(
    connection: Connection, *, persons: set[int], hashes: set[str]
) -> tuple[dict[int, datetime], dict[str, datetime]]:
    """When each of these persons and addresses first opted out here; each of who did."""
    query = select(_OPT_OUT.c.person_id, _OPT_OUT.c.address_hash, _OPT_OUT.c.at)
    query = query.where(or_(_OPT_OUT.c.person_id.in_(persons), _OPT_OUT.c.address_hash.in_(hashes)))
    by_person: dict[int, datetime] = {}
    by_hash: dict[str, datetime] = {}
    for row in connection.execute(query.order_by(_OPT_OUT.c.at)):
        by_person.setdefault(row.person_id, row.at)
        by_hash.setdefault(row.address_hash, row.at)
    return by_person, by_hash


def _hash(address: str) -> str:
    return sha256(address.encode()).hexdigest()
