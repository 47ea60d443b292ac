"""Which records can be anchors of a milestone, each with its account: as they are, or one for each joined account."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, and_, or_, select, true

from connector.domain.occurrences import OccurrenceState
from connector.domain.programs import Milestone, Program, When
from connector.domain.records import Fact, RecordKind
from connector.storage.anchored_people import AnchoredPerson, occurrences_of_people
from connector.storage.conditions import Tables
from connector.storage.effective import JoinedAccount
from connector.storage.joined import joined_account
from connector.storage.moments import moment_word
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.listening import OccurrenceRow
from connector.storage.tables.rows import alias_of, table_of

_OCCURRENCE = table_of(OccurrenceRow)
_ACCOUNT = RECORD_TABLES[RecordKind.ACCOUNT]
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """The anchors' rows in `source`, each beside its `account`; `tables` tell the facts that rules read of them.

    Of several contacts of a `person` at one joined account only the one that stands for them is an anchor.
    """

    kind: RecordKind
    anchor: FromClause
    account: FromClause
    source: FromClause
    tables: Tables
    is_live: ColumnElement[bool]
    joined: JoinedAccount | None = None
    person: AnchoredPerson | None = None

    @property
    def is_of_joined(self) -> bool:
        """Whether an anchor stands for all accounts that are joined to it."""
        return self.joined is not None and self.kind is RecordKind.ACCOUNT

    @property
    def is_the_one(self) -> ColumnElement[bool]:
        """Whether no other record stands for the same."""
        return true() if self.person is None else self.person.is_the_one()

    def word_of(self, when: When) -> ColumnElement[Any]:
        """The word whose changes are changes of the moment, on the record that tells it."""
        if self.person is None or when.fact is None or when.fact.word != "level":
            return moment_word(when, self.anchor)
        return self.person.word_of(when.fact)

    def told_by(self, fact: Fact | None) -> ColumnElement[int]:
        """The record whose value of an anchor's fact counts; without a fact the anchor itself."""
        if fact is not None and self.person is not None:
            return self.person.told_by(fact)
        if fact is None or self.joined is None or not self.is_of_joined:
            return self.anchor.c.id
        return self.joined.told_by(fact)

    def has_open(self, program: Program, milestone: Milestone) -> ColumnElement[bool]:
        """Whether an anchor has an open occurrence, or a record that it stands for has one."""
        is_open = and_(_is_of(program, milestone, self.kind), _OCCURRENCE.c.state == OccurrenceState.OPEN)
        if self.person is not None:
            return self.person.has_open(is_open)
        if not self.is_of_joined:
            return select(_OCCURRENCE.c.id).where(is_open, _OCCURRENCE.c.anchor_id == self.anchor.c.id).exists()
        member = alias_of(_ACCOUNT, "member")
        opened = select(joined_account(member)).where(member.c.id == _OCCURRENCE.c.anchor_id, is_open)
        return self.anchor.c.id.in_(opened)


def anchors_of(connection: Connection, kind: RecordKind) -> Anchors:
    """The anchors of a kind; where no account stands for another, exactly the records."""
    is_joined = connection.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.joined_id.is_not(None)).limit(1)).scalar()
    if is_joined is None:
        return _single(kind)
    return _joined_accounts() if kind is RecordKind.ACCOUNT else _of_joined(kind)


def occurrences_of(
    connection: Connection, anchors: Anchors, program: Program, milestone: Milestone, ids: list[int]
) -> dict[int, list[Any]]:
    """The rows of the occurrences of anchors (their ids), by anchor, in the order of their ordinals."""
    member = alias_of(_ACCOUNT, "member")
    rows: dict[int, list[Any]] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        is_of = _is_of(program, milestone, anchors.kind)
        query = select(_OCCURRENCE, _OCCURRENCE.c.anchor_id.label("stands_for")).where(is_of)
        if anchors.person is not None:
            query = occurrences_of_people(is_of, chunk)
        elif anchors.is_of_joined:
            is_theirs = or_(member.c.id.in_(chunk), member.c.joined_id.in_(chunk))
            query = query.with_only_columns(_OCCURRENCE, joined_account(member).label("stands_for"))
            query = query.join(member, member.c.id == _OCCURRENCE.c.anchor_id).where(is_theirs)
        else:
            query = query.where(_OCCURRENCE.c.anchor_id.in_(chunk))
        for row in connection.execute(query.order_by(_OCCURRENCE.c.ordinal, _OCCURRENCE.c.id)):
            rows.setdefault(row.stands_for, []).append(row)
    return rows


def _is_of(program: Program, milestone: Milestone, kind: RecordKind) -> ColumnElement[bool]:
    return and_(
        _OCCURRENCE.c.program == program.id,
        _OCCURRENCE.c.milestone == milestone.id,
        _OCCURRENCE.c.anchor_kind == kind,
    )


def _single(kind: RecordKind) -> Anchors:
    if kind is RecordKind.ACCOUNT:
        return Anchors(
            kind=kind,
            anchor=_ACCOUNT,
            account=_ACCOUNT,
            source=_ACCOUNT,
            tables={kind: _ACCOUNT},
            is_live=_ACCOUNT.c.removed_at.is_(None),
        )
    anchor = RECORD_TABLES[kind]
    return Anchors(
        kind=kind,
        anchor=anchor,
        account=_ACCOUNT,
        source=anchor.join(_ACCOUNT, _is_its_account(anchor)),
        tables={RecordKind.ACCOUNT: _ACCOUNT, kind: anchor},
        is_live=and_(anchor.c.removed_at.is_(None), _ACCOUNT.c.removed_at.is_(None)),
    )


def _joined_accounts() -> Anchors:
    """Accounts for which no other one stands."""
    joined = JoinedAccount(_ACCOUNT)
    return Anchors(
        kind=RecordKind.ACCOUNT,
        anchor=_ACCOUNT,
        account=_ACCOUNT,
        source=_ACCOUNT,
        tables={RecordKind.ACCOUNT: joined},
        is_live=and_(_ACCOUNT.c.removed_at.is_(None), _ACCOUNT.c.joined_id.is_(None)),
        joined=joined,
    )


def _of_joined(kind: RecordKind) -> Anchors:
    """Records beside the first record of their account; of contacts the one that stands for its person there."""
    anchor, first = RECORD_TABLES[kind], alias_of(_ACCOUNT, "first_account")
    joined = JoinedAccount(first)
    person = AnchoredPerson(anchor, first) if kind is RecordKind.CONTACT else None
    source = anchor.join(_ACCOUNT, _is_its_account(anchor)).join(first, first.c.id == joined_account(_ACCOUNT))
    return Anchors(
        kind=kind,
        anchor=anchor,
        account=first,
        source=source,
        tables={RecordKind.ACCOUNT: joined, kind: person or anchor},
        is_live=and_(anchor.c.removed_at.is_(None), _ACCOUNT.c.removed_at.is_(None), first.c.removed_at.is_(None)),
        joined=joined,
        person=person,
    )


def _is_its_account(anchor: FromClause) -> ColumnElement[bool]:
    return and_(_ACCOUNT.c.crm == anchor.c.crm, _ACCOUNT.c.crm_id == anchor.c.account)
