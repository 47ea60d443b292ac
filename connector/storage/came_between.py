"""What can come between a decision to ask and its mail: asked before an invitation is made and before a mail leaves."""

from datetime import date

from sqlalchemy import ColumnElement, and_, case, not_, select

from connector.domain.occurrences import OccurrenceState
from connector.domain.records import RecordKind
from connector.storage.brought import is_case_of
from connector.storage.refusal import bounced, living_person, opted_out
from connector.storage.rep_words import has_left
from connector.storage.tables.asking import InvitationRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import DecisionRow, OccurrenceRow
from connector.storage.tables.rows import table_of

_DECISION, _OCCURRENCE, _INVITATION = table_of(DecisionRow), table_of(OccurrenceRow), table_of(InvitationRow)
_CONTACT, _CASE = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.CASE]


PASSED_ON = "the case is somebody else's by now"


def can_be_invited(today: date) -> ColumnElement[bool]:
    """Whether nothing came between a decision to ask and its invitation; over decision, occurrence and contact.

    A hold is nothing of that kind: it only waits, at most until the occurrence expires.
    """
    return and_(*(not_(came) for came, _ in _before_invitation(today)))


def keeps_from_inviting(today: date) -> ColumnElement[str | None]:
    """What came between a decision to ask and its invitation, over the same; NULL where nothing did."""
    return case(*_before_invitation(today), else_=None)


def _before_invitation(today: date) -> list[tuple[ColumnElement[bool], str]]:
    person = living_person(_DECISION.c.person_id)
    return [
        (_OCCURRENCE.c.state.not_in([OccurrenceState.OPEN, OccurrenceState.ASKED]), "the milestone is over"),
        (_OCCURRENCE.c.expires_on < today, "the time for it is over"),
        (_CONTACT.c.removed_at.is_not(None), "the contact is gone"),
        (_CONTACT.c.address.is_(None), "the contact has no address any more"),
        (_CONTACT.c.person_id.is_distinct_from(person), "the contact stands for somebody else"),
        (has_left(person, _DECISION.c.account_id), "left company"),
        (_CONTACT.c.left_company.is_(True), "left company"),
        (opted_out(_DECISION.c.person_id, _CONTACT.c.address).is_not(None), "opted out"),
        (_has_passed_on(), PASSED_ON),
    ]


def came_between() -> ColumnElement[str | None]:
    """What came between an invitation and its mail, over invitation and contact; NULL where nothing did."""
    person, address = _INVITATION.c.person_id, _INVITATION.c.address
    return case(
        (_CONTACT.c.removed_at.is_not(None), "the contact is gone"),
        (_CONTACT.c.address.is_distinct_from(address), "the contact has another address"),
        (_CONTACT.c.person_id != living_person(person), "the contact stands for somebody else"),
        (has_left(living_person(person), _INVITATION.c.account_id), "left company"),
        (_CONTACT.c.left_company.is_(True), "left company"),
        (opted_out(person, address).is_not(None), "opted out"),
        (bounced(person, address).is_not(None), "bounced"),
        (_case_has_passed_on(), PASSED_ON),
        else_=None,
    )


def _has_passed_on() -> ColumnElement[bool]:
    """Whether what is asked about is a case that is somebody else's by now, over occurrence and contact."""
    is_it = and_(_OCCURRENCE.c.anchor_kind == RecordKind.CASE, _CASE.c.id == _OCCURRENCE.c.anchor_id)
    return select(_CASE.c.id).where(is_it, not_(is_case_of(_CASE, _CONTACT))).correlate_except(_CASE).exists()


def _case_has_passed_on() -> ColumnElement[bool]:
    """The same over invitation and contact."""
    asked = select(_DECISION.c.id).join(_OCCURRENCE, _OCCURRENCE.c.id == _DECISION.c.occurrence_id)
    asked = asked.where(_DECISION.c.id == _INVITATION.c.decision_id, _has_passed_on())
    return asked.correlate_except(_DECISION, _OCCURRENCE).exists()
