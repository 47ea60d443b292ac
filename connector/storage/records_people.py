"""Persons of the contacts of a page: who arrives and who leaves is read, decided by `people.seat`, and stored."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Row,
    Table,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlmodel import SQLModel

from connector.domain.records import RecordKind
from connector.storage import tables
from connector.storage.bulk import for_this_page, load
from connector.storage.people import Arrival, Seating, seat
from connector.storage.records_stage import Shape
from connector.storage.refusal import living_person
from connector.storage.tables.kinds import RECORD_TABLES

PERSON: Table = SQLModel.metadata.tables[tables.people.PersonRow.__tablename__]
ADDRESS: Table = SQLModel.metadata.tables[tables.people.PersonAddressRow.__tablename__]
_CONTACT = RECORD_TABLES[RecordKind.CONTACT]
_SEATS = Table(
    "stage_seat",
    MetaData(),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("person_id", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
_LOCK = 0x636C_7065
"""Any number of our own: on PostgreSQL one page of accounts or contacts at a time; an address opens once, and the
pages of two CRMs whose records are joined do not lock them in different orders."""


def lock_persons(connection: Connection) -> None:
    """Wait until no other transaction is deciding persons or joins; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def seat_persons(connection: Connection, shape: Shape, *, seen_at: datetime) -> None:
    """Close the addresses that the page leaves, then give every staged contact that needs one its person."""
    arrivals = _arrivals(connection, shape)
    if not arrivals:
        return
    if shape.has_person_address or "left_company" in shape.words:
        _close_left(connection, shape, at=seen_at)
    seating = seat(arrivals, holders=_holders(connection, shape))
    persons = _store(connection, seating, at=seen_at)
    with for_this_page(connection, _SEATS):
        load(connection, _SEATS, ("n", "person_id"), persons.items())
        stage = shape.stage
        statement = update(stage).where(stage.c.n == _SEATS.c.n).values(person_id=_SEATS.c.person_id)
        connection.execute(statement)


def close_addresses(connection: Connection, addresses: Any, *, at: datetime) -> None:
    """Close those of the addresses (a query) that no live contact holds any more."""
    is_held = exists().where(_CONTACT.c.address == ADDRESS.c.address, _is_there())
    is_left = and_(ADDRESS.c.to_at.is_(None), ADDRESS.c.address.in_(addresses), ~is_held)
    connection.execute(update(ADDRESS).where(is_left).values(to_at=at))


def _arrivals(connection: Connection, shape: Shape) -> list[Arrival]:
    stage, contact = shape.stage.c, _CONTACT.c
    address = stage.address if shape.has_person_address else contact.address
    name = stage.name if "name" in shape.words else contact.name
    query = (
        select(
            stage.n,
            living_person(contact.person_id),
            contact.name,
            name,
            contact.address,
            address,
            _has_left(shape),
        )
        .select_from(shape.stage.outerjoin(_CONTACT, contact.id == stage.record_id))
        .where(
            stage.is_stale.is_not(true()),
            or_(
                contact.person_id.is_(None),
                stage.is_back,
                contact.address.is_distinct_from(address),
                _turns(shape),
            ),
        )
        .order_by(stage.n)
    )
    return [_arrival(row) for row in connection.execute(query)]


def _arrival(
    row: Row[int, int | None, str | None, str | None, str | None, str | None, bool],
) -> Arrival:
    n, person_id, name_before, name, address_before, address, has_left = row
    return Arrival(
        n=n,
        person_id=person_id,
        name_before=name_before,
        name=name,
        address_before=address_before,
        address=address,
        has_left=has_left,
    )


def _close_left(connection: Connection, shape: Shape, *, at: datetime) -> None:
    """Close addresses whose every live contact leaves them or the company; who takes one over is somebody else."""
    stage = shape.stage.c
    leaves = and_(or_(stage.is_leaving, _has_left(shape)), stage.is_stale.is_not(true()))
    left = select(_CONTACT.c.address).where(_CONTACT.c.id == stage.record_id, leaves)
    stays = ~exists().where(stage.record_id == _CONTACT.c.id, leaves)
    is_held = exists().where(_CONTACT.c.address == ADDRESS.c.address, _is_there(), stays)
    is_left = and_(ADDRESS.c.to_at.is_(None), ADDRESS.c.address.in_(left), ~is_held)
    connection.execute(update(ADDRESS).where(is_left).values(to_at=at))


def _has_left(shape: Shape) -> ColumnElement[bool]:
    """Whether a staged contact has left the company: its address is free for somebody else (design 5.5)."""
    said = shape.stage if "left_company" in shape.words else _CONTACT
    return func.coalesce(said.c.left_company, false())


def _turns(shape: Shape) -> ColumnElement[bool]:
    """Whether a staged contact leaves the company in this page, or is said to be there again."""
    return func.coalesce(_CONTACT.c.left_company, false()) != _has_left(shape)


def _is_there() -> ColumnElement[bool]:
    """Whether a stored contact is live and has not left the company."""
    return and_(_CONTACT.c.removed_at.is_(None), _CONTACT.c.left_company.is_not(true()))


def _holders(connection: Connection, shape: Shape) -> dict[str, int]:
    if shape.has_person_address:
        wanted = select(shape.stage.c.address)
    else:
        wanted = select(_CONTACT.c.address).where(
            _CONTACT.c.id == shape.stage.c.record_id, or_(shape.stage.c.is_back, _turns(shape))
        )
    living = living_person(ADDRESS.c.person_id).label("person_id")
    query = select(ADDRESS.c.address, living).where(ADDRESS.c.to_at.is_(None), ADDRESS.c.address.in_(wanted))
    return {row.address: row.person_id for row in connection.execute(query)}


def _store(connection: Connection, seating: Seating, *, at: datetime) -> dict[int, int]:
    """Insert the new persons and the opened addresses; returns each arrival's person by its place."""
    ids = dict(zip(seating.new, _reserve(connection, len(seating.new)), strict=True))
    load(connection, PERSON, ("id", "created_at"), ((ids[new], at) for new in seating.new))
    opened = (
        (ids.get(person, person), address, sha256(address.encode()).hexdigest(), at)
        for person, address in seating.opened
    )
    load(connection, ADDRESS, ("person_id", "address", "address_hash", "from_at"), opened)
    return {n: ids.get(person, person) for n, person in seating.persons.items()}


def _reserve(connection: Connection, count: int) -> Sequence[int]:
    if connection.dialect.name == "postgresql":
        query = text("select nextval(pg_get_serial_sequence('person', 'id')) from generate_series(1, :count)")
        return list(connection.execute(query, {"count": count}).scalars())
    highest = connection.execute(select(func.coalesce(func.max(PERSON.c.id), 0))).scalar_one()
    return range(highest + 1, highest + count + 1)
