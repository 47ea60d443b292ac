"""Persons, their addresses over time, joins and opt-outs (design 5.5)."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class PersonRow(SQLModel, table=True):
    """Somebody at a customer or partner, over all contacts that stand for them."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime


class PersonAddressRow(SQLModel, table=True):
    """A normalised address that is or was a person's; `address_hash` (SHA-256, hex) stays after erasure."""

    __tablename__ = "person_address"
    __table_args__ = (Index(None, "address"), Index(None, "address_hash"))

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    address: str | None
    address_hash: str
    from_at: datetime
    to_at: datetime | None = None


class PersonAliasRow(SQLModel, table=True):
    """Two persons turned out to be one; can be split, nothing is deleted."""

    __tablename__ = "person_alias"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    into_id: int = Field(foreign_key="person.id", index=True)
    from_at: datetime
    to_at: datetime | None = None
    cause: str = Field(default="merge", sa_column_kwargs={"server_default": "merge"})
    """merge or same_as."""


class OptOutRow(SQLModel, table=True):
    """Somebody does not want to be asked; holds for the person and for the address."""

    __tablename__ = "opt_out"
    __table_args__ = (Index(None, "address_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    address_hash: str | None = None
    at: datetime
    source: str
    """unsubscribe-click, unsubscribe-page."""
