"""Who a contact's counterpart is, as a person with a name."""

from sqlalchemy import FromClause, or_, select
from sqlalchemy.sql import ColumnElement

from connector.domain.records import RecordKind
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of


def counterpart_name(contact: FromClause) -> ColumnElement[str | None]:
    """The name of the contact's counterpart; NULL where the CRM does not know them or says that they are gone."""
    owner = alias_of(RECORD_TABLES[RecordKind.OWNER], "counterpart_owner")
    is_here = or_(owner.c.is_active.is_(None), owner.c.is_active)
    query = select(owner.c.name).where(owner.c.crm == contact.c.crm, owner.c.crm_id == contact.c.counterpart)
    return query.where(owner.c.removed_at.is_(None), is_here).correlate(contact).scalar_subquery()
