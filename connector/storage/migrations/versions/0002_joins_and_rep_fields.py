"""Accounts and contacts of two CRMs that are one, and what reps say on the record."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "owner": {"manager": sa.String()},
    "connection": {"joined_as": sa.String()},
    "account": {
        "hold_until": sa.Date(),
        "hold_reason": sa.String(),
        "same_as": sa.String(),
        "joined_id": sa.Integer(),
    },
    "contact": {
        "hold_until": sa.Date(),
        "hold_reason": sa.String(),
        "rep_level": sa.String(),
        "left_company": sa.Boolean(),
        "same_as": sa.String(),
    },
}
LEAD_MERGED = """
    UPDATE account SET joined_id = (
        SELECT into_id FROM record_alias
        WHERE kind = 'account' AND record_id = account.id AND to_at IS NULL AND cause = 'merge'
    )
    WHERE merged_into IS NOT NULL
"""
"""Accounts that were merged before stand for their winners."""
IS_NAMED = sa.text("same_as IS NOT NULL")


def upgrade() -> None:
    """Add the columns, empty, and their indexes."""
    for table, columns in COLUMNS.items():
        for name, type_ in columns.items():
            op.add_column(table, sa.Column(name, type_, nullable=True))
    op.add_column("person_alias", sa.Column("cause", sa.String(), nullable=False, server_default="merge"))
    for table in ("account", "contact"):
        op.create_index(
            f"ix_{table}_crm_same_as",
            table,
            ["crm", "same_as"],
            sqlite_where=IS_NAMED,
            postgresql_where=IS_NAMED,
        )
    op.create_index("ix_account_joined_id", "account", ["joined_id"])
    op.execute(LEAD_MERGED)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_account_joined_id", table_name="account")
    for table in ("account", "contact"):
        op.drop_index(f"ix_{table}_crm_same_as", table_name=table)
    op.drop_column("person_alias", "cause")
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)
