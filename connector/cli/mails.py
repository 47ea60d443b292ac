"""Mails that wait, in sentences: how many, since when, why, and when they are tried next."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from connector.domain.invitations import MessageState
from connector.domain.sentences import minute_in_words
from connector.ports.storage.asking import Waiting
from connector.ports.storage.explaining import DecisionSeen


def waiting_told(waiting: Sequence[Waiting], *, zone: tzinfo, now: datetime) -> Iterator[str]:
    """A sentence for each cause; those that were not tried yet come last."""
    for each in waiting:
        number = f"{each.mails} mail waits" if each.mails == 1 else f"{each.mails} mails wait"
        since = minute_in_words(each.since, zone)
        if each.cause is None:
            yield f"{number} since {since}, not tried yet."
        else:
            which = "it is" if each.mails == 1 else "the first of them is"
            yield f"{number} since {since}: {_clause(each.cause)}; {which} {_again(each.next_at, zone=zone, now=now)}."


def mail_told(seen: DecisionSeen, *, zone: tzinfo, now: datetime) -> str:
    """What became of one mail, after its state: when, why, and when it is tried next."""
    if seen.mail == MessageState.READY and not seen.mail_attempts:
        return ", not tried yet"
    told = f" on {minute_in_words(seen.mail_at, zone)}" if seen.mail_at else ""
    if seen.mail_next_at is not None:
        times = "once" if seen.mail_attempts == 1 else f"{seen.mail_attempts} times"
        told = f", tried {times}, last{told}"
    told += f": {_clause(seen.mail_error)}" if seen.mail_error else ""
    return told if seen.mail_next_at is None else f"{told}; {_again(seen.mail_next_at, zone=zone, now=now)}"


def _again(next_at: datetime, *, zone: tzinfo, now: datetime) -> str:
    return f"tried next {'with the next run of `ask`' if next_at <= now else f'on {minute_in_words(next_at, zone)}'}"


def _clause(sentence: str) -> str:
    """A sentence as part of another one."""
    return sentence.removesuffix(".")
