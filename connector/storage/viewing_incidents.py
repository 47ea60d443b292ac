"""Incidents in SQL: whatever did not go well, one select for each kind, all of the same columns."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from connector.domain.actions import ActionState, TaskStage
from connector.domain.invitations import InvitationState, MessageState
from connector.domain.records import RecordKind
from connector.ports.errors import Verdict
from connector.ports.storage.viewing import TroubleKind
from connector.storage.joined import joined_account
from connector.storage.refusal import living_person
from connector.storage.standings import account_of
from connector.storage.tables.acting import ActionRow, TaskRow
from connector.storage.tables.asking import InvitationRow, MessageRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.people import PersonAliasRow
from connector.storage.tables.rows import alias_of, table_of
from connector.storage.tables.running import RunRow
from connector.storage.tables.writing import DirtyRow, WriteLogRow

_RUN, _LOG, _DIRTY = table_of(RunRow), table_of(WriteLogRow), table_of(DirtyRow)
_MESSAGE, _INVITATION = table_of(MessageRow), table_of(InvitationRow)
_TASK, _ACTION = table_of(TaskRow), table_of(ActionRow)
_CONTACT, _ACCOUNT = RECORD_TABLES[RecordKind.CONTACT], RECORD_TABLES[RecordKind.ACCOUNT]
_THERE = alias_of(_ACCOUNT, "there")
_MAILED_AT = func.coalesce(_MESSAGE.c.handed_over_at, _MESSAGE.c.created_at)
DOUBT = timedelta(days=14)
"""How long after a mail that may have left an answer is still to be expected."""


def incidents(*, now: datetime) -> Iterator[tuple[TroubleKind, Select[Any]]]:
    """The incidents of each kind: place, cause, moment, record with its label and account, and whether it is over."""
    yield TroubleKind.RUN_FAILED, _runs(_RUN.c.outcome == "failed")
    yield TroubleKind.RUN_POSTPONED, _runs(_RUN.c.outcome == "postponed")
    yield TroubleKind.RUN_DIED, _runs(and_(_RUN.c.outcome.is_(None), _has_later()))
    both = union_all(_writes(RecordKind.ACCOUNT), _writes(RecordKind.CONTACT))
    yield TroubleKind.WRITE_REFUSED, select(both.subquery("writes"))
    yield TroubleKind.MAIL_FAILED, _mails(_is(MessageState.FAILED), is_over=_is_mended())
    yield TroubleKind.MAIL_WAITING, _mails(_waits(now))
    yield TroubleKind.MAIL_UNCERTAIN, _mails(_is(MessageState.UNCERTAIN), is_over=now - DOUBT > _MAILED_AT)
    yield TroubleKind.TASK_REFUSED, _tasks()


def _incidents(
    *,
    place: ColumnElement[Any],
    cause: ColumnElement[Any],
    at: ColumnElement[Any],
    record: ColumnElement[Any],
    label: ColumnElement[Any],
    root: ColumnElement[Any],
    is_over: ColumnElement[bool] | None = None,
) -> Select[Any]:
    return select(
        place.label("place"),
        func.coalesce(cause, "").label("cause"),
        at.label("at"),
        record.label("record"),
        label.label("label"),
        root.label("root"),
        (literal(0) if is_over is None else case((is_over, 1), else_=0)).label("is_over"),
    )


def _runs(which: ColumnElement[bool]) -> Select[Any]:
    """Runs touch no one record; a cause is over once the same job has ended well after it."""
    return _incidents(
        place=_RUN.c.stage,
        cause=_RUN.c.error,
        at=_RUN.c.started_at,
        record=null(),
        label=null(),
        root=null(),
        is_over=_later(outcome="ok"),
    ).where(which)


def _has_later() -> ColumnElement[bool]:
    later = alias_of(_RUN, "later_run")
    return exists().where(later.c.stage == _RUN.c.stage, later.c.id > _RUN.c.id)


def _later(*, outcome: str) -> ColumnElement[bool]:
    later = alias_of(_RUN, "later_run")
    newest = select(func.max(later.c.id)).where(later.c.stage == _RUN.c.stage, later.c.outcome == outcome)
    return newest.correlate(_RUN).scalar_subquery() > _RUN.c.id


def _writes(kind: RecordKind) -> Select[Any]:
    """Values whose newest try the CRM refused and that wait for another one."""
    waits = exists().where(_DIRTY.c.kind == _LOG.c.kind, _DIRTY.c.record_id == _LOG.c.record_id)
    newest = (
        select(func.max(_LOG.c.id))
        .where(waits.where(_DIRTY.c.not_before.is_not(None)), _LOG.c.outcome.is_not(None))
        .where(_LOG.c.outcome != Verdict.RETRY, _LOG.c.kind == kind)
        .group_by(_LOG.c.record_id, _LOG.c.word)
    )
    record = RECORD_TABLES[kind]
    source = _LOG.join(record, record.c.id == _LOG.c.record_id)
    account = record if kind is RecordKind.ACCOUNT else _THERE
    source = source if kind is RecordKind.ACCOUNT else source.outerjoin(_THERE, account_of(_CONTACT, account=_THERE))
    return (
        _incidents(
            place=_LOG.c.crm,
            cause=_LOG.c.message,
            at=_LOG.c.logged_at,
            record=literal(f"{kind} ").concat(cast(record.c.id, String)),
            label=func.coalesce(record.c.name, record.c.crm_id),
            root=joined_account(account),
        )
        .select_from(source)
        .where(_LOG.c.id.in_(newest), _LOG.c.outcome != "written")
    )


def _is(state: MessageState) -> ColumnElement[bool]:
    return _MESSAGE.c.state == state


def _waits(now: datetime) -> ColumnElement[bool]:
    """Whether a mail was tried in vain and is tried again."""
    is_open = and_(_INVITATION.c.state == InvitationState.OPEN, _INVITATION.c.closes_at > now)
    return and_(_is(MessageState.READY), _MESSAGE.c.attempts > 0, is_open)


def _mails(which: ColumnElement[bool], *, is_over: ColumnElement[bool] | None = None) -> Select[Any]:
    source = _MESSAGE.join(_INVITATION, _INVITATION.c.id == _MESSAGE.c.invitation_id)
    source = source.join(_CONTACT, _CONTACT.c.id == _INVITATION.c.contact_id)
    return (
        _incidents(
            place=literal("mail"),
            cause=_MESSAGE.c.error,
            at=_MAILED_AT,
            record=cast(_MESSAGE.c.id, String),
            label=func.coalesce(_CONTACT.c.name, _INVITATION.c.address),
            root=joined_account(_THERE),
            is_over=is_over,
        )
        .select_from(source.outerjoin(_THERE, _THERE.c.id == _INVITATION.c.account_id))
        .where(which)
    )


def _is_mended() -> ColumnElement[bool]:
    """Whether a person could be mailed since, or no mail goes to that address any more."""
    is_gone = _CONTACT.c.removed_at.is_not(None)
    return or_(is_gone, _CONTACT.c.address.is_distinct_from(_INVITATION.c.address), _has_later_mail())


def _has_later_mail() -> ColumnElement[bool]:
    """Whether a mail to the same person left later, or to whoever was joined into them.

    Two subqueries, each over one index: an OR inside of one would read every mail.
    """
    mail, invited = alias_of(_MESSAGE, "later_mail"), alias_of(_INVITATION, "later_invitation")
    alias = alias_of(table_of(PersonAliasRow), "later_person")
    person = living_person(_INVITATION.c.person_id)
    sent = (
        select(mail.c.id)
        .select_from(mail.join(invited, invited.c.id == mail.c.invitation_id))
        .where(mail.c.state == MessageState.SENT)
        .where(func.coalesce(mail.c.sent_at, mail.c.handed_over_at) > _MAILED_AT)
    )
    is_into = and_(alias.c.into_id == person, alias.c.to_at.is_(None))
    others = sent.join(alias, alias.c.person_id == invited.c.person_id).where(is_into)
    own = sent.where(invited.c.person_id == person)
    return or_(*(each.correlate(_MESSAGE, _INVITATION).exists() for each in (own, others)))


def _tasks() -> Select[Any]:
    """Refused tasks of actions that are still open."""
    source = _TASK.join(_ACTION, _ACTION.c.id == _TASK.c.action_id)
    return (
        _incidents(
            place=_TASK.c.crm,
            cause=_TASK.c.error,
            at=func.coalesce(_TASK.c.seen_at, _TASK.c.opened_at),
            record=cast(_ACTION.c.id, String),
            label=_ACTION.c.subject,
            root=joined_account(_THERE),
        )
        .select_from(source.outerjoin(_THERE, _THERE.c.id == _ACTION.c.account_id))
        .where(_TASK.c.state == TaskStage.REFUSED, _ACTION.c.state == ActionState.OPEN)
    )
