"""Whose a case is: that of the contact who brought it, and of every other contact of the same person."""

from sqlalchemy import ColumnElement, FromClause, and_, false, func, or_, select

from connector.domain.records import RecordKind
from connector.storage.tables.kinds import RECORD_TABLES
from connector.storage.tables.rows import alias_of

_CONTACT = RECORD_TABLES[RecordKind.CONTACT]


def is_case_of(case: FromClause, contact: FromClause) -> ColumnElement[bool]:
    """Whether a case is a contact's of the same CRM by now; never NULL, as one that names nobody is nobody's."""
    now = alias_of(_CONTACT, "case_contact")
    is_its = and_(now.c.crm == case.c.crm, now.c.crm_id == case.c.contact)
    is_same = select(now.c.id).where(is_its, now.c.person_id == contact.c.person_id).correlate_except(now).exists()
    return func.coalesce(or_(case.c.contact == contact.c.crm_id, is_same), false())
