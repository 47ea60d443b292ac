"""Derived facts: from which record each value comes, and how each fact was derived last."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class DerivedSourceRow(SQLModel, table=True):
    """What gave a derived fact of a record its value: the part of the settings, and the record that it read."""

    __tablename__ = "derived_source"

    kind: str = Field(primary_key=True)
    record_id: int = Field(primary_key=True)
    fact: str = Field(primary_key=True)
    part: str
    source_kind: str
    source_id: str | None = None
    """The CRM id of the record that was read; null for a count."""
    source_on: date | None = None


class DerivationRow(SQLModel, table=True):
    """By which definition a connection's fact was derived last; of another definition nothing is a change."""

    __tablename__ = "derivation"
    __table_args__ = (UniqueConstraint("crm", "fact"),)

    id: int | None = Field(default=None, primary_key=True)
    crm: str
    fact: str
    definition: str
    derived_at: datetime
