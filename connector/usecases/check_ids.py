"""Ids that vanished beside new ones with the same moment: a rename that would ask everybody again (design 5.1)."""

from collections.abc import Iterable, Iterator, Mapping

from connector.domain.findings import Finding, Severity, Spot
from connector.domain.programs import Policy
from connector.settings.milestones import Moments, written_moments


def renamed_findings(
    policy: Policy,
    texts: Mapping[str, str],
    *,
    remembered: Iterable[Mapping[str, str]],
    occurrences: Mapping[tuple[str, str], int],
) -> Iterator[Finding]:
    """An error at each new milestone that stands where one with occurrences stood, until it has some of its own.

    `remembered` are the texts of earlier configurations, the newest first.
    """
    now = written_moments(texts)
    gone = {ids: number for ids, number in occurrences.items() if ids not in now}
    for before in map(written_moments, remembered) if gone else ():
        for ids in [each for each in gone if each in before]:
            number = gone.pop(ids)
            for new in _successors(ids, before=before, now=now):
                if new not in occurrences:
                    yield _finding(ids, new, policy=policy, number=number)
        if not gone:
            return


def _successors(ids: tuple[str, str], *, before: Moments, now: Moments) -> Iterator[tuple[str, str]]:
    """New milestones with the same moment, in the same program or in one that is new itself."""
    programs = {program for program, _ in before}
    for new, moment in now.items():
        is_related = new[0] == ids[0] or (new[0] not in programs and new[1] == ids[1])
        if new not in before and is_related and moment == before[ids]:
            yield new


def _finding(old: tuple[str, str], new: tuple[str, str], *, policy: Policy, number: int) -> Finding:
    is_program = new[0] != old[0]
    was, called = (old[0], new[0]) if is_program else (old[1], new[1])
    what = "program" if is_program else "milestone"
    program = next(each for each in policy.programs if each.id == new[0])
    index = [milestone.id for milestone in program.milestones].index(new[1])
    times = f"{number:,} time{'' if number == 1 else 's'}"
    told = f"the {what} `{called}` is new and `{was}`, which came due {times}, is gone with the same moment"
    message = f"{told}: who was asked then may be asked again. Keep the id `{was}`, or change the moment"
    path: tuple[str | int, ...] = ("id",) if is_program else ("milestones", index, "id")
    return Finding(severity=Severity.ERROR, message=message, spot=Spot(path=path, program=new[0]))
