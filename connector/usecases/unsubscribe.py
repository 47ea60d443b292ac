"""Unsubscribe: a link shows a button, pressing it (or a mail program's one click) opts its person out."""

from enum import StrEnum

from connector.domain.links import LinkPurpose, token_hash
from connector.ports.clock import Clock
from connector.ports.storage.unit import Storage


class OptOutSource(StrEnum):
    """How somebody opted out."""

    CLICK = "unsubscribe-click"
    PAGE = "unsubscribe-page"


def can_unsubscribe(token: str, *, storage: Storage) -> bool:
    """Whether the link is one of ours. Reads only; such a link never ends."""
    with storage.snapshot() as unit:
        return unit.invitations.by_link(LinkPurpose.UNSUBSCRIBE, token_hash(token)) is not None


def unsubscribe(token: str, *, source: OptOutSource, storage: Storage, clock: Clock) -> bool:
    """Opt out the link's person and address; again changes nothing. False where the link is none of ours.

    Mails that wait for this person are cancelled when their turn comes.
    """
    with storage.begin() as unit:
        invitation = unit.invitations.by_link(LinkPurpose.UNSUBSCRIBE, token_hash(token))
        if invitation is None:
            return False
        unit.opt_outs.add(person_id=invitation.person_id, address=invitation.address, at=clock.now(), source=source)
        unit.messages.prove_sent(invitation.id, at=clock.now())
        unit.commit()
    return True
