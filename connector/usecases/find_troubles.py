"""Troubles: every cause of what did not go well, with what it means and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.ports.clock import Clock
from connector.ports.storage.firing import Standing
from connector.ports.storage.unit import Storage
from connector.ports.storage.viewing import Trouble, TroubleKind

PATIENCE = timedelta(hours=6)
"""How long a connection may be away before somebody should look why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a kind of trouble is called, what it means, and what mends it; `{place}` is where it showed."""

    title: str
    meaning: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A trouble with its advice; `again_at` is to come: when its job (in real time) or its mail is tried by itself."""

    trouble: Trouble
    title: str
    meaning: str
    fix: str
    needs_look: bool
    again_at: datetime | None


ADVICE: Mapping[TroubleKind, Advice] = {
    TroubleKind.RUN_FAILED: Advice(
        title="The job {place} failed",
        meaning="It stopped at something that does not mend itself; what it had done before that is kept.",
        fix="Mend what the message names, then run `closedloop run {stage}`; it goes on where it stopped.",
    ),
    TroubleKind.RUN_POSTPONED: Advice(
        title="The job {place} was put off",
        meaning="Something it needs did not answer or asked to wait, or it was interrupted. What is left is done when"
        " it is tried again, which `closedloop serve` does by itself.",
        fix="Nothing now. If it goes on for hours, look whether that system is reachable from this machine.",
    ),
    TroubleKind.RUN_DIED: Advice(
        title="The job {place} ended without a word",
        meaning="Its process was killed or the machine went down. Nothing was lost and no mail is sent twice.",
        fix="Nothing, if it was a restart. If it comes again, look at the machine's memory and its system log.",
    ),
    TroubleKind.WRITE_REFUSED: Advice(
        title="{place} refused values",
        meaning="These fields show an older value, or none. Each is tried again once a day.",
        fix="Do in {place} what its message asks for (mostly a right, a field or a validation rule), or take the word"
        " out of `write_back:`.",
    ),
    TroubleKind.MAIL_FAILED: Advice(
        title="Mails could not be sent",
        meaning="The mail relay refused them for good. These people were not asked, and it does not count as an ask.",
        fix="Correct the address on the contact, or ask whoever runs the relay what its message means.",
    ),
    TroubleKind.MAIL_WAITING: Advice(
        title="Mails wait for their next try",
        meaning="The mail relay could not be used, or asked to wait. None of them has left; each is tried again"
        " for about a day.",
        fix="Nothing, if it was short. Else mend the relay, or what `mail:` in closedloop.yaml says of it.",
    ),
    TroubleKind.MAIL_UNCERTAIN: Advice(
        title="Mails may or may not have left",
        meaning="The line broke after the mail was handed over. They are never sent again, and count as an ask.",
        fix="Nothing: an answer proves that a mail arrived. The relay's own log tells it too.",
    ),
    TroubleKind.TASK_REFUSED: Advice(
        title="{place} refused tasks",
        meaning="These actions are open, but their owners do not see them in the CRM. Each is tried again once a day.",
        fix="Do in {place} what its message asks for; until then tell the owners yourself.",
    ),
}


def find_troubles(*, storage: Storage, clock: Clock, real_clock: Clock) -> Sequence[Explained]:
    """Every cause that is known: those that somebody should look at, then what else stands, then what is over."""
    real, now = real_clock.now(), clock.now()
    with storage.snapshot() as unit:
        fires = unit.fires.standings(real=real)
        mails = {each.cause: each.next_at for each in unit.messages.waiting(now=now) if each.next_at > now}
        found = [
            _explained(each, _again_at(each, fires.get(each.place), mails, real=real))
            for each in unit.views.troubles(now=now)
        ]
    return sorted(found, key=lambda each: (each.trouble.is_over, not each.needs_look))


def needs_look(trouble: Trouble) -> bool:
    """Whether somebody should look at it: not where it is over, nor where it asks for nothing yet."""
    match trouble.kind:
        case _ if trouble.is_over:
            return False
        case TroubleKind.MAIL_UNCERTAIN | TroubleKind.MAIL_WAITING:
            return False
        case TroubleKind.RUN_POSTPONED:
            return trouble.last_at - trouble.first_at >= PATIENCE
        case TroubleKind.RUN_DIED:
            return trouble.count > 1
        case _:
            return True


def _explained(trouble: Trouble, again_at: datetime | None) -> Explained:
    advice = ADVICE[trouble.kind]
    words = {"place": trouble.place, "stage": trouble.place.partition(":")[0]}
    return Explained(
        trouble=trouble,
        title=advice.title.format(**words),
        meaning=advice.meaning.format(**words),
        fix=advice.fix.format(**words),
        needs_look=needs_look(trouble),
        again_at=again_at,
    )


def _again_at(
    trouble: Trouble, fire: Standing | None, mails: Mapping[str | None, datetime], *, real: datetime
) -> datetime | None:
    """When a job that was put off, or a mail, is tried again; None where that is not known, or is now."""
    if trouble.kind is TroubleKind.MAIL_WAITING:
        return mails.get(trouble.cause)
    if trouble.kind is not TroubleKind.RUN_POSTPONED or trouble.is_over or fire is None or fire.waits_until is None:
        return None
    return fire.waits_until if fire.waits_until > real else None
