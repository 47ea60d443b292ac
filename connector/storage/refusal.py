"""Who must not be asked, and who stands for whom: one answer for planning, inviting and handing over.

Each way to a "no" is a subquery of its own over one index: an OR over joins would read every opt-out for every person.
"""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.sql import Select

from connector.domain.records import RecordKind
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.people import OptOutRow, PersonAddressRow, PersonAliasRow
from connector.storage.tables.rows import alias_of, table_of

_OPT_OUT, _ADDRESS, _ALIAS = table_of(OptOutRow), table_of(PersonAddressRow), table_of(PersonAliasRow)
_CONTACT = RECORD_TABLES[RecordKind.CONTACT]


def living_person(person_id: ColumnElement[Any]) -> ColumnElement[int]:
    """The person that a person was joined into, or the same one; chains of joins are stored flat."""
    into = (
        select(_ALIAS.c.into_id)
        .where(_ALIAS.c.person_id == person_id, _ALIAS.c.to_at.is_(None))
        .correlate_except(_ALIAS)
        .scalar_subquery()
    )
    return func.coalesce(into, person_id)


def opted_out(person_id: ColumnElement[Any], address: ColumnElement[Any]) -> ColumnElement[str | None]:
    """Where a person or an address said no: how here, or which contact in the CRM; NULL where nobody did.

    Any yes counts: of each contact, joined person and former holder of the address (design 5.5).
    """
    hashes = select(_ADDRESS.c.address_hash).where(_ADDRESS.c.address == address).correlate_except(_ADDRESS)
    ours = select(func.min(_OPT_OUT.c.source))
    joined = ours.join(_ALIAS, _ALIAS.c.person_id == _OPT_OUT.c.person_id)
    return func.coalesce(
        _one(ours.where(_OPT_OUT.c.person_id == person_id), _OPT_OUT),
        _one(ours.where(_OPT_OUT.c.address_hash.in_(hashes)), _OPT_OUT),
        _one(joined.where(_ALIAS.c.into_id == person_id, _ALIAS.c.to_at.is_(None)), _OPT_OUT, _ALIAS),
        _flagged("opted_out", person_id, address),
    )


def bounced(person_id: ColumnElement[Any], address: ColumnElement[Any]) -> ColumnElement[str | None]:
    """Which contact's mail bounced, of the person or with the address; NULL where none did."""
    return _flagged("bounced", person_id, address)


def _flagged(word: str, person_id: ColumnElement[Any], address: ColumnElement[Any]) -> ColumnElement[str | None]:
    contact, alias = alias_of(_CONTACT, "flagged_contact"), alias_of(_ALIAS, "flagged_alias")
    flagged = select(func.min(contact.c.crm + "/" + contact.c.crm_id)).where(contact.c[word].is_(True))
    joined = flagged.join(alias, alias.c.person_id == contact.c.person_id)
    return func.coalesce(
        _one(flagged.where(contact.c.person_id == person_id), contact),
        _one(flagged.where(contact.c.address == address), contact),
        _one(joined.where(alias.c.into_id == person_id, alias.c.to_at.is_(None)), contact, alias),
    )


def _one(query: Select[Any], *own: Any) -> ColumnElement[Any]:
    return query.correlate_except(*own).scalar_subquery()
