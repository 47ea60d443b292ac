"""What a month with kills may not do that a month without them does not: the promises, one by one."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.crash.living import Lived


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Broken promises in words, and the accounts that are excused for an uncertain mail and did come out otherwise."""

    kills: int
    uncertain: int
    broken: tuple[str, ...]
    excused: tuple[str, ...]


def judge(killed: Lived, *, quiet: Lived) -> Judgement:
    """Compare a month with kills with the same month without any."""
    doubtful = killed.seen.uncertain
    differing = list(_differing(killed, quiet))
    uncertain = sum(doubtful.values())
    broken = [*_broken(killed), *(f"{account} came out otherwise" for account in differing if account not in doubtful)]
    if uncertain > len(killed.kills):
        broken.append(f"{uncertain} uncertain mails after {len(killed.kills)} kills")
    excused = tuple(account for account in differing if account in doubtful)
    return Judgement(kills=len(killed.kills), uncertain=uncertain, broken=tuple(broken), excused=excused)


def _broken(killed: Lived) -> Iterator[str]:
    seen = killed.seen
    for mail, number in seen.mails.items():
        if number > 1:
            yield f"{mail} was sent {number} times"
    for answer in seen.answered - seen.responses:
        yield f"the answer {answer} was lost"
    for response, number in seen.responses.items():
        if number > 1:
            yield f"the response {response} was stored {number} times"
    for task, number in seen.tasks.items():
        if number > 1:
            yield f"{number} tasks are alike: {task}"


def _differing(killed: Lived, quiet: Lived) -> Iterator[str]:
    """Accounts whose decisions, final verdicts or CRM records are not those of the quiet month."""
    for facts, expected in (
        (killed.seen.decisions, quiet.seen.decisions),
        (killed.seen.records, quiet.seen.records),
    ):
        for account in sorted({*facts, *expected}):
            if facts.get(account) != expected.get(account):
                yield account
