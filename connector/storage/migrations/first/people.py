"""Persons, their addresses, joins and opt-outs, as of the first revision."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from connector.storage.migrations.first.metadata import FIRST, MOMENT, TEXT

Table(
    "person",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("created_at", MOMENT, nullable=False),
)

Table(
    "person_address",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=False),
    Column("address", TEXT),
    Column("address_hash", TEXT, nullable=False),
    Column("from_at", MOMENT, nullable=False),
    Column("to_at", MOMENT),
    Index(None, "address"),
    Index(None, "address_hash"),
    Index(None, "person_id"),
)

Table(
    "person_alias",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=False),
    Column("into_id", Integer, ForeignKey("person.id"), nullable=False),
    Column("from_at", MOMENT, nullable=False),
    Column("to_at", MOMENT),
    Index(None, "into_id"),
    Index(None, "person_id"),
)

Table(
    "opt_out",
    FIRST,
    Column("id", Integer, primary_key=True),
    Column("person_id", Integer, ForeignKey("person.id")),
    Column("address_hash", TEXT),
    Column("at", MOMENT, nullable=False),
    Column("source", TEXT, nullable=False),
    Index(None, "address_hash"),
    Index(None, "person_id"),
)
