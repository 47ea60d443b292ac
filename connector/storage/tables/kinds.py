"""The table of each record kind."""

from sqlalchemy import Table

from connector.domain.records import RecordKind
from connector.storage.tables.records import (
    AccountRow,
    CaseRow,
    ContactRow,
    ContractRow,
    OpportunityRow,
    OwnerRow,
)
from connector.storage.tables.rows import table_of

RECORD_TABLES: dict[RecordKind, Table] = {
    RecordKind.OWNER: table_of(OwnerRow),
    RecordKind.ACCOUNT: table_of(AccountRow),
    RecordKind.CONTACT: table_of(ContactRow),
    RecordKind.OPPORTUNITY: table_of(OpportunityRow),
    RecordKind.CASE: table_of(CaseRow),
    RecordKind.CONTRACT: table_of(ContractRow),
}
