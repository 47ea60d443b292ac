"""Candidates on SQL: who has a live contact where an occurrence fell due, with all that the rules look at."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from connector.domain.addresses import is_shared_mailbox
from connector.domain.occurrences import Occurrence
from connector.domain.programs import Program, Track
from connector.domain.records import RecordKind
from connector.domain.selection import Candidate, VerdictKind
from connector.storage.drawing import DECISION, drawn_again, due, fresh, passed_on
from connector.storage.places import Place, places_of
from connector.storage.rep_words import RepWords, longest, said_at, said_of

_CHUNK = 500
_Placed = tuple[Occurrence, int]
"""An occurrence and the id of its account's first record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alike:
    """What occurrences share that are read by one statement."""

    kind: RecordKind
    is_joined: bool
    is_drawn: bool


def find_candidates(
    connection: Connection, program: Program, occurrences: Sequence[Occurrence], *, track: Track
) -> list[Candidate]:
    """In the order of the occurrences, whose own ids may be unknown yet.

    Of each the drawn candidates that are not asked yet; where none were drawn, one per person with a live contact. A
    case that nobody was asked about yet has its own contact besides, where that was not drawn.
    """
    undecided = _to_be_looked_at(connection, occurrences, track=track)
    places = places_of(connection, {occurrence.anchor.account_id for occurrence, _ in undecided})
    found: dict[int, list[Candidate]] = {}
    for alike, numbers in _grouped(undecided, places).items():
        for start in range(0, len(numbers), _CHUNK):
            chunk = numbers[start : start + _CHUNK]
            each = [undecided[number][0] for number in chunk]
            placed = [(occurrence, places[occurrence.anchor.account_id].first_id) for occurrence in each]
            found |= zip(chunk, _draw(connection, program, placed, alike=alike, track=track), strict=True)
    return [candidate for number in range(len(undecided)) for candidate in found[number]]


def _to_be_looked_at(
    connection: Connection, occurrences: Sequence[Occurrence], *, track: Track
) -> list[tuple[Occurrence, bool]]:
    """Occurrences that may have somebody to decide on this track, each with whether candidates were drawn there.

    Left out are those whose candidates are all asked and those where nobody was there to be drawn: most of them, which
    would be read again every day until they expire. A case has one candidate and may pass on to another: it is left
    out once somebody was asked about it.
    """
    drawn = _drawn(connection, [each.id for each in occurrences if each.id is not None])
    found = []
    for occurrence in occurrences:
        tracks = drawn.get(occurrence.id or 0, {})
        is_case = occurrence.anchor.kind is RecordKind.CASE
        is_fresh = track not in tracks and (is_case or bool(tracks) or occurrence.drawn_at is None)
        is_all_asked, is_any_asked = tracks.get(track, (False, False))
        if is_fresh or (track in tracks and not (is_any_asked if is_case else is_all_asked)):
            found.append((occurrence, not is_fresh))
    return found


def _drawn(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, tuple[bool, bool]]]:
    """By occurrence and track on which candidates of it were drawn: whether all of them are asked, and whether any."""
    is_asked = case((DECISION.c.verdict == VerdictKind.ASK, 1), else_=0)
    asked = func.min(is_asked).label("all"), func.max(is_asked).label("any")
    tracks: dict[int, dict[str, tuple[bool, bool]]] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(DECISION.c.occurrence_id, DECISION.c.track, *asked)
        query = query.where(DECISION.c.occurrence_id.in_(ids[start : start + _CHUNK]))
        for row in connection.execute(query.group_by(DECISION.c.occurrence_id, DECISION.c.track)):
            tracks.setdefault(row.occurrence_id, {})[row.track] = bool(row.all), bool(row.any)
    return tracks


def _grouped(undecided: Sequence[tuple[Occurrence, bool]], places: Mapping[int, Place]) -> dict[_Alike, list[int]]:
    groups: dict[_Alike, list[int]] = defaultdict(list)
    for number, (occurrence, is_drawn) in enumerate(undecided):
        anchor = occurrence.anchor
        is_joined = places[anchor.account_id].is_joined
        groups[_Alike(kind=anchor.kind, is_joined=is_joined, is_drawn=is_drawn)].append(number)
    return groups


def _draw(
    connection: Connection, program: Program, placed: Sequence[_Placed], *, alike: _Alike, track: Track
) -> list[list[Candidate]]:
    """The candidates of each of these occurrences, in their order."""
    drawn, new = _read(connection, program, placed, alike=alike, track=track)
    homes = {row.home_first_id for row in (*drawn, *new) if _has_home(row, alike)}
    said = said_at(connection, homes | {first_id for _, first_id in placed})
    facts = [fact.name for fact in program.who.facts()]
    decided: list[list[Candidate]] = [[] for _ in placed]
    for row in drawn:
        candidate = _candidate(row, placed[row.number], facts=facts, words=_words(row, placed, said, alike))
        decided[row.number].append(_as_decided(candidate, row))
    found: list[list[tuple[Row[Any], Candidate]]] = [[] for _ in placed]
    for row in new:
        candidate = _candidate(row, placed[row.number], facts=facts, words=_words(row, placed, said, alike))
        found[row.number].append((row, candidate))
    first = [_one_of_each_person(each, is_joined=alike.is_joined) for each in found]
    return [[*those, *these] for those, these in zip(decided, first, strict=True)]


def _read(
    connection: Connection, program: Program, placed: Sequence[_Placed], *, alike: _Alike, track: Track
) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
    """The rows of who was drawn before, and of who is now."""
    rows = due(placed, kind=alike.kind, is_joined=alike.is_joined)
    if not alike.is_drawn:
        return [], connection.execute(fresh(program, rows)).all()
    drawn = connection.execute(drawn_again(program, rows, track=track)).all()
    if alike.kind is not RecordKind.CASE:
        return drawn, []
    return drawn, connection.execute(passed_on(program, rows, track=track)).all()


def _has_home(row: Row[Any], alike: _Alike) -> bool:
    """Whether the contact may stand at another account than the occurrence's and still be theirs."""
    return alike.kind is RecordKind.CASE and row.home_first_id is not None


def _words(row: Row[Any], placed: Sequence[_Placed], said: Mapping[int, RepWords], alike: _Alike) -> Sequence[RepWords]:
    """What reps say at the occurrence's account; of a case's contact also where it stands, and on its own record."""
    _, first_id = placed[row.number]
    if alike.kind is not RecordKind.CASE:
        return [said[first_id]]
    home = [said[row.home_first_id]] if _has_home(row, alike) else []
    return [said[first_id], *home, said_of(row)]


def _one_of_each_person(found: Iterable[tuple[Row[Any], Candidate]], *, is_joined: bool) -> list[Candidate]:
    best: dict[int, tuple[tuple[bool, ...], Candidate]] = {}
    for row, candidate in found:
        rank = _rank(candidate, is_first=bool(row.is_first), is_joined=is_joined)
        known = best.get(candidate.person_id)
        if known is None or rank > known[0]:
            best[candidate.person_id] = rank, candidate
    return [candidate for _, candidate in best.values()]


def _rank(candidate: Candidate, *, is_first: bool, is_joined: bool) -> tuple[bool, ...]:
    """Which contact stands for a person who has several; of equal ones the one with the lowest id does.

    Where the account is known in several CRMs: one that mail can reach, then that of the first account's CRM.
    """
    has_seat = candidate.who is True
    return (candidate.address is not None, is_first, has_seat) if is_joined else (has_seat,)


def _candidate(row: Row[Any], placed: _Placed, *, facts: Sequence[str], words: Sequence[RepWords]) -> Candidate:
    """The candidate with what reps say of the person, whom the contact stands for now, and of the account."""
    occurrence, first_id = placed
    is_elsewhere = occurrence.anchor.kind is RecordKind.CASE and row.home_first_id != first_id
    saw = ", ".join(f"{name} = {_shown(getattr(row, f'saw_{number}'))}" for number, name in enumerate(facts))
    return Candidate(
        occurrence=occurrence,
        person_id=row.person_id,
        person_key=row.key,
        contact_id=row.id,
        account_id=row.own_account or occurrence.anchor.account_id,
        account_key=row.account_key or occurrence.anchor.key,
        source=row.key,
        address=row.address,
        is_shared_mailbox=row.address is not None and is_shared_mailbox(row.address),
        is_gone=bool(row.is_gone),
        opted_out=row.opted_out,
        bounced=row.bounced,
        who=None if row.who is None else bool(row.who),
        who_saw=saw,
        left_company=next((each.left[row.person_id] for each in words if row.person_id in each.left), None),
        hold=longest(each.hold(row.person_id) for each in words),
        account_owner=row.account_owner,
        elsewhere=(row.home_id, row.home_key or "") if is_elsewhere else None,
        passed_on_to=row.passed_on_to,
    )


def _as_decided(candidate: Candidate, row: Row[Any]) -> Candidate:
    """The candidate as the decision knows them: a contact that is somebody else's by now is gone."""
    return replace(
        candidate,
        person_id=row.decided_person,
        is_gone=bool(row.is_gone or row.is_somebody_else),
        decision_id=row.decision_id,
        same_person=row.same_person,
    )


def _shown(value: Any) -> str:
    return "unknown" if value is None else str(value)
