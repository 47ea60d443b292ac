"""CRM records as facts with a history (design 5.7), their aliases, joins and tombstones.

Rows point at each other by (crm, CRM id), since a child may come before its parent; our own surrogate ids
are what decisions point at.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from connector.storage.tables.columns import json_column


def _merges() -> Index:
    """The index of merged records, which are few: each page asks which of them wait for their winner."""
    is_merged = text("merged_into IS NOT NULL")
    return Index(None, "crm", "merged_into", sqlite_where=is_merged, postgresql_where=is_merged)


def _same_as() -> Index:
    """The index of records that name their twin in another CRM."""
    is_named = text("same_as IS NOT NULL")
    return Index(None, "crm", "same_as", sqlite_where=is_named, postgresql_where=is_named)


class _Record(SQLModel):
    id: int | None = Field(default=None, primary_key=True)
    crm: str
    crm_id: str
    stamp: datetime | None = None
    first_seen_at: datetime
    seen_at: datetime
    removed_at: datetime | None = None
    merged_into: str | None = None


class OwnerRow(_Record, table=True):
    """A user of the CRM who owns records."""

    __tablename__ = "owner"
    __table_args__ = (UniqueConstraint("crm", "crm_id"), _merges())

    name: str | None = None
    address: str | None = None
    is_active: bool | None = None
    manager: str | None = None
    facts: dict[str, Any] = Field(sa_column=json_column())
    ours: dict[str, Any] = Field(sa_column=json_column())


class AccountRow(_Record, table=True):
    """An account; `parent` and `owner` hold CRM ids."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("crm", "crm_id"),
        _merges(),
        Index(None, "crm", "parent"),
        Index(None, "renewal_on"),
        _same_as(),
    )

    name: str | None = None
    parent: str | None = None
    owner: str | None = None
    renewal_on: date | None = None
    hold_until: date | None = None
    hold_reason: str | None = None
    same_as: str | None = None
    joined_id: int | None = Field(default=None, index=True)
    """The account that stands for this one: of a merge the winner, of a join over CRMs the first; null for itself."""
    facts: dict[str, Any] = Field(sa_column=json_column())
    ours: dict[str, Any] = Field(sa_column=json_column())


class ContactRow(_Record, table=True):
    """A contact; `address` is normalised, `address_given` as the CRM holds it."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("crm", "crm_id"),
        _merges(),
        Index(None, "crm", "account"),
        Index(None, "address"),
        _same_as(),
    )

    name: str | None = None
    address: str | None = None
    address_given: str | None = None
    title: str | None = None
    level: str | None = None
    language: str | None = None
    opted_out: bool | None = None
    bounced: bool | None = None
    account: str | None = None
    owner: str | None = None
    counterpart: str | None = None
    hold_until: date | None = None
    hold_reason: str | None = None
    rep_level: str | None = None
    left_company: bool | None = None
    same_as: str | None = None
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    facts: dict[str, Any] = Field(sa_column=json_column())
    ours: dict[str, Any] = Field(sa_column=json_column())


class OpportunityRow(_Record, table=True):
    """An opportunity; `account`, `contact` and `owner` hold CRM ids."""

    __tablename__ = "opportunity"
    __table_args__ = (
        UniqueConstraint("crm", "crm_id"),
        _merges(),
        Index(None, "crm", "account"),
        Index(None, "closes_on"),
    )

    name: str | None = None
    account: str | None = None
    contact: str | None = None
    owner: str | None = None
    stage: str | None = None
    amount: float | None = None
    closes_on: date | None = None
    is_won: bool | None = None
    is_closed: bool | None = None
    facts: dict[str, Any] = Field(sa_column=json_column())
    ours: dict[str, Any] = Field(sa_column=json_column())


class CaseRow(_Record, table=True):
    """A request that a customer brought to the service desk; `account`, `contact` and `owner` hold CRM ids."""

    __tablename__ = "service_case"
    __table_args__ = (
        UniqueConstraint("crm", "crm_id"),
        _merges(),
        Index(None, "crm", "account"),
        Index(None, "closed_on"),
    )

    account: str | None = None
    contact: str | None = None
    owner: str | None = None
    stage: str | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    is_closed: bool | None = None
    is_escalated: bool | None = None
    facts: dict[str, Any] = Field(sa_column=json_column())
    ours: dict[str, Any] = Field(sa_column=json_column())


class ContractRow(_Record, table=True):
    """An agreement with an account that starts and ends; `account` and `owner` hold CRM ids."""

    __tablename__ = "contract"
    __table_args__ = (
        UniqueConstraint("crm", "crm_id"),
        _merges(),
        Index(None, "crm", "account"),
        Index(None, "ends_on"),
    )

    account: str | None = None
    owner: str | None = None
    stage: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    facts: dict[str, Any] = Field(sa_column=json_column())
    ours: dict[str, Any] = Field(sa_column=json_column())


class FieldChangeRow(SQLModel, table=True):
    """A fact's value changed: the old and the new one, when we saw it, the record's stamp, and the cause."""

    __tablename__ = "field_change"
    __table_args__ = (
        Index(None, "kind", "record_id", "fact", "seen_at"),
        Index(None, "fact", "seen_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    crm: str
    kind: str
    record_id: int
    fact: str
    old: Any = Field(default=None, sa_column=json_column(nullable=True))
    new: Any = Field(default=None, sa_column=json_column(nullable=True))
    seen_at: datetime
    stamp: datetime | None = None
    cause: str
    """crm, merge, mapping, derived, removed, restored; of the fact `person`, which is ours: joined or split."""


class RecordAliasRow(SQLModel, table=True):
    """A merged record's CRM id leads to the winner; joins carry from and to and can be split."""

    __tablename__ = "record_alias"
    __table_args__ = (Index(None, "kind", "record_id"), Index(None, "kind", "into_id"))

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    record_id: int
    into_id: int
    from_at: datetime
    to_at: datetime | None = None
    cause: str
    """merge, same_as or list."""


class FactMappingRow(SQLModel, table=True):
    """From which CRM field a fact is read, and since when; a remapped fact is unknown before `mapped_at`."""

    __tablename__ = "fact_mapping"
    __table_args__ = (UniqueConstraint("crm", "fact"),)

    id: int | None = Field(default=None, primary_key=True)
    crm: str
    fact: str
    source: str
    mapped_at: datetime


class HoldRow(SQLModel, table=True):
    """A pause with a reason and an expiry, for an account or a contact."""

    __tablename__ = "hold"
    __table_args__ = (Index(None, "kind", "record_id"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    record_id: int
    until_on: date | None = None
    reason: str
    source: str
    set_at: datetime
    lifted_at: datetime | None = None
