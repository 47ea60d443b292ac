"""Ids that vanished beside new ones with the same moment: a rename that would ask everybody again (design 5.1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connector.domain.findings import Finding, Severity, Spot
from connector.domain.programs import Policy, Track
from connector.ports.errors import ConfigError
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.settings.milestones import Moments, written_moments
from connector.settings.mistakes import Mistakes
from connector.settings.places import Places

REMEMBERED = 100
"""Earlier configurations in which an id that has vanished is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """A milestone by its ids of program and milestone, how often it came due, and the new one in its place.

    `is_real` where it decided about somebody for real: shadow asked nobody.
    """

    old: tuple[str, str]
    new: tuple[str, str]
    number: int
    is_real: bool


def renamed_findings(unit: UnitOfWork, policy: Policy, texts: Mapping[str, str]) -> Iterator[Finding]:
    """An error at each new milestone that stands where one with occurrences stood, until it has some of its own."""
    for each in _renamed(unit, policy, texts):
        found, expected = _told(each)
        yield Finding(severity=Severity.ERROR, message=f"{found}; {expected}", spot=_spot(each, policy))


def demand_kept_ids(storage: Storage, *, policy: Policy, texts: Mapping[str, str]) -> None:
    """Raises ConfigError where a plan could ask people again who were decided for real under an id that is gone.

    What only shadow decided asked nobody: there `check` says so, and a plan goes on.
    """
    with storage.snapshot() as unit:
        refused = refused_ids(unit, policy, texts)
    if refused is not None:
        raise refused


def refused_ids(unit: UnitOfWork, policy: Policy, texts: Mapping[str, str]) -> ConfigError | None:
    """Why no plan is run by these settings, whose files are `texts`: ids in the place of others that asked for real."""
    real = list(_renamed(unit, policy, texts, track=Track.REAL))
    if not real:
        return None
    places, mistakes = Places(texts), Mistakes()
    for each in real:
        file, place = places.of(_spot(each, policy))
        found, expected = _told(each)
        mistakes.add_at(file, place, found=found, expected=expected)
    return mistakes.error()


def _renamed(
    unit: UnitOfWork, policy: Policy, texts: Mapping[str, str], *, track: Track | None = None
) -> Iterator[Renamed]:
    """Each new milestone once, with the last one that stood there. Texts are read only where ids are gone."""
    occurrences, real = unit.counts.occurrences(track=track), unit.counts.occurrences(track=Track.REAL)
    known = {(program.id, milestone.id) for program in policy.programs for milestone in program.milestones}
    named = set(occurrences)
    gone = {ids: number for ids, number in occurrences.items() if ids not in known}
    now = written_moments(texts) if gone else {}
    for before in map(written_moments, unit.connections.remembered(limit=REMEMBERED)) if gone else ():
        for ids in [each for each in gone if each in before]:
            number = gone.pop(ids)
            for new in _successors(ids, before=before, now=now):
                if new not in named:
                    named.add(new)
                    yield Renamed(old=ids, new=new, number=number, is_real=ids in real)
        if not gone:
            return


def _successors(ids: tuple[str, str], *, before: Moments, now: Moments) -> Iterator[tuple[str, str]]:
    """New milestones with the same moment, in the same program or in one that is new itself."""
    programs = {program for program, _ in before}
    for new, moment in now.items():
        is_related = new[0] == ids[0] or (new[0] not in programs and new[1] == ids[1])
        if new not in before and is_related and moment == before[ids]:
            yield new


def _told(renamed: Renamed) -> tuple[str, str]:
    """What was found, and what was expected."""
    what, was, called = _words(renamed)
    times = f"{renamed.number:,} time{'' if renamed.number == 1 else 's'}"
    found = (
        f"found the {what} `{called}` in the place of `{was}`, which came due {times} and is gone with the same moment"
    )
    again = "who was asked then may be asked again"
    if not renamed.is_real:
        again = "what shadow mode decided then, which asked nobody, it decides again"
    return found, f"expected the id `{was}`, or another moment: {again}"


def _words(renamed: Renamed) -> tuple[str, str, str]:
    """What has another id, and both ids."""
    (old_program, old), (new_program, new) = renamed.old, renamed.new
    return ("milestone", old, new) if old_program == new_program else ("program", old_program, new_program)


def _spot(renamed: Renamed, policy: Policy) -> Spot:
    program = next(each for each in policy.programs if each.id == renamed.new[0])
    index = [milestone.id for milestone in program.milestones].index(renamed.new[1])
    is_program = renamed.old[0] != renamed.new[0]
    return Spot(path=("id",) if is_program else ("milestones", index, "id"), program=program.id)
