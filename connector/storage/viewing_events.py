"""What happened at one joined account, in SQL: decisions, actions, changed facts and written values, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, case, func, or_, select, true

from connector.domain.actions import ActionState, TaskStage
from connector.domain.invitations import MessageState, Purpose
from connector.domain.programs import Track
from connector.domain.records import PART, RecordKind
from connector.domain.selection import Reason, VerdictKind
from connector.ports.storage.viewing_account import ActionView, ChangeView, DecisionView, WriteView
from connector.storage.standings import account_of
from connector.storage.tables.acting import ActionRow, TaskRow
from connector.storage.tables.asking import InvitationRow, MessageRow
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import DecisionRow, OccurrenceRow, VerdictRow
from connector.storage.tables.records import FieldChangeRow
from connector.storage.tables.rows import table_of
from connector.storage.tables.writing import WriteLogRow

_DECISION, _VERDICT, _OCCURRENCE = table_of(DecisionRow), table_of(VerdictRow), table_of(OccurrenceRow)
_INVITATION, _MESSAGE = table_of(InvitationRow), table_of(MessageRow)
_ACTION, _TASK = table_of(ActionRow), table_of(TaskRow)
_CHANGE, _WRITE = table_of(FieldChangeRow), table_of(WriteLogRow)
_CONTACT, _ACCOUNT, _OWNER = (
    RECORD_TABLES[kind] for kind in (RecordKind.CONTACT, RecordKind.ACCOUNT, RecordKind.OWNER)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Reads at most `limit` of each kind, of all `accounts` that are or were the joined account."""

    connection: Connection
    accounts: Sequence[int]
    limit: int

    def decisions(self) -> list[DecisionView]:
        """Newest verdicts of everybody's candidacies, with the state of their mails."""
        sent = and_(_MESSAGE.c.invitation_id == _INVITATION.c.id, _MESSAGE.c.purpose == Purpose.ASK)
        query = (
            select(_DECISION, _OCCURRENCE.c.program, _OCCURRENCE.c.milestone, _OCCURRENCE.c.due_on)
            .add_columns(_CONTACT.c.name.label("person"), _MESSAGE.c.state.label("mail"))
            .join(_OCCURRENCE, _OCCURRENCE.c.id == _DECISION.c.occurrence_id)
            .join(_CONTACT, _CONTACT.c.id == _DECISION.c.contact_id)
            .outerjoin(_INVITATION, _INVITATION.c.decision_id == _DECISION.c.id)
            .outerjoin(_MESSAGE, sent)
            .where(_DECISION.c.account_id.in_(self.accounts))
            .order_by(_DECISION.c.decided_at.desc(), _DECISION.c.id.desc())
        )
        rows = self._newest(query)
        reasons = self._reasons([row.id for row in rows])
        return [_decision(row, reasons.get(row.id, [])) for row in rows]

    def _reasons(self, decisions: Sequence[int]) -> dict[int, list[Reason]]:
        newest = select(func.max(_VERDICT.c.id)).where(_VERDICT.c.decision_id.in_(decisions))
        query = select(_VERDICT.c.decision_id, _VERDICT.c.reasons)
        query = query.where(_VERDICT.c.id.in_(newest.group_by(_VERDICT.c.decision_id)))
        return {
            decision_id: [Reason(**reason) for reason in reasons]
            for decision_id, reasons in self.connection.execute(query)
        }

    def actions(self) -> list[ActionView]:
        """Actions with their newest task; those that are open come first."""
        return [action_of(row) for row in self._newest(actions().where(_ACTION.c.account_id.in_(self.accounts)))]

    def changes(self) -> list[ChangeView]:
        """Changes of facts of the accounts and of everybody who is there now, those of a fact's sources left out."""
        rows = self._of_records(_CHANGE, order=_CHANGE.c.seen_at, shown=~_CHANGE.c.fact.contains(PART))
        return [
            ChangeView(
                kind=RecordKind(row.kind),
                whose=row.whose,
                crm=row.crm,
                fact=row.fact,
                old=row.old,
                new=row.new,
                cause=row.cause,
                seen_at=row.seen_at,
            )
            for row in rows
        ]

    def writes(self) -> list[WriteView]:
        """Values for the accounts and everybody who is there now."""
        rows = self._of_records(_WRITE, order=_WRITE.c.logged_at)
        return [
            WriteView(
                kind=RecordKind(row.kind),
                whose=row.whose,
                crm=row.crm,
                word=row.word,
                old=row.old,
                new=row.new,
                outcome=row.outcome,
                message=row.message,
                logged_at=row.logged_at,
            )
            for row in rows
        ]

    def _of_records(
        self, table: Table, *, order: ColumnElement[Any], shown: ColumnElement[bool] | None = None
    ) -> Sequence[Row[Any]]:
        """Rows about the accounts or contacts there; each kind by the index that begins with kind and record."""
        here = select(_CONTACT.c.id).join(_ACCOUNT, account_of(_CONTACT)).where(_ACCOUNT.c.id.in_(self.accounts))
        of_accounts = and_(table.c.kind == RecordKind.ACCOUNT, table.c.record_id.in_(self.accounts))
        of_contacts = and_(table.c.kind == RecordKind.CONTACT, table.c.record_id.in_(here))
        named = and_(table.c.kind == RecordKind.CONTACT, _CONTACT.c.id == table.c.record_id)
        query = select(table, _CONTACT.c.name.label("whose")).select_from(table.outerjoin(_CONTACT, named))
        query = query.where(or_(of_accounts, of_contacts), true() if shown is None else shown)
        return self._newest(query.order_by(order.desc(), table.c.id.desc()))

    def _newest(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return self.connection.execute(query.limit(self.limit)).all()


def actions() -> Select[Any]:
    """Actions with the names of person and owner and with their newest task, open ones first, then the newest."""
    newest = select(func.max(_TASK.c.id)).where(_TASK.c.action_id == _ACTION.c.id).correlate(_ACTION)
    owner = and_(_OWNER.c.crm == _ACTION.c.crm, _OWNER.c.crm_id == _ACTION.c.owner_id)
    return (
        select(_ACTION, _CONTACT.c.name.label("person"), _OWNER.c.name.label("owner"))
        .add_columns(_TASK.c.crm_id.label("task"), _TASK.c.state.label("task_state"))
        .add_columns(_TASK.c.error.label("task_error"))
        .select_from(_ACTION)
        .outerjoin(_CONTACT, _CONTACT.c.id == _ACTION.c.contact_id)
        .outerjoin(_OWNER, owner)
        .outerjoin(_TASK, _TASK.c.id == newest.scalar_subquery())
        .order_by(case((_ACTION.c.state == ActionState.OPEN, 0), else_=1))
        .order_by(_ACTION.c.opened_at.desc(), _ACTION.c.id.desc())
    )


def actions_of(connection: Connection, responses: Sequence[int]) -> Mapping[int, Sequence[ActionView]]:
    """The actions that responses have led to, by response."""
    found: dict[int, list[ActionView]] = {}
    for row in connection.execute(actions().where(_ACTION.c.response_id.in_(responses))):
        found.setdefault(row.response_id, []).append(action_of(row))
    return found


def _decision(row: Row[Any], reasons: Sequence[Reason]) -> DecisionView:
    return DecisionView(
        id=row.id,
        person=row.person,
        program=row.program,
        milestone=row.milestone,
        due_on=row.due_on,
        track=Track(row.track),
        verdict=VerdictKind(row.verdict),
        rule=row.rule,
        until_on=row.until_on,
        reasons=reasons,
        decided_at=row.decided_at,
        mail=None if row.mail is None else MessageState(row.mail),
    )


def action_of(row: Row[Any]) -> ActionView:
    """A row of `actions()`."""
    return ActionView(
        id=row.id,
        person=row.person,
        subject=row.subject,
        cause=row.cause,
        owner=row.owner,
        owner_reason=row.owner_reason,
        due_on=row.due_on,
        state=ActionState(row.state),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        resolution=row.resolution,
        crm=row.crm,
        task=row.task,
        task_state=None if row.task_state is None else TaskStage(row.task_state),
        task_error=row.task_error,
    )
