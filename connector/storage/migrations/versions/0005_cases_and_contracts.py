"""Cases and contracts, the records that belong to an account beside its opportunities."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT, MOMENT = sa.String(), sa.DateTime(timezone=True)
IS_MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    """Make both tables, empty, with their indexes."""
    _create(
        "service_case",
        *(sa.Column(word, TEXT) for word in ("account", "contact", "owner", "stage")),
        *(sa.Column(word, sa.Date()) for word in ("opened_on", "closed_on")),
        *(sa.Column(word, sa.Boolean()) for word in ("is_closed", "is_escalated")),
        date_indexed="closed_on",
    )
    _create(
        "contract",
        *(sa.Column(word, TEXT) for word in ("account", "owner", "stage")),
        *(sa.Column(word, sa.Date()) for word in ("starts_on", "ends_on")),
        date_indexed="ends_on",
    )


def downgrade() -> None:
    """Drop them again."""
    for name in ("contract", "service_case"):
        op.drop_table(name)


def _create(name: str, *words: sa.Column[Any], date_indexed: str) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("crm", TEXT, nullable=False),
        sa.Column("crm_id", TEXT, nullable=False),
        sa.Column("stamp", MOMENT),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT),
        sa.Column("merged_into", TEXT),
        *words,
        sa.Column("facts", _json(), nullable=False),
        sa.Column("ours", _json(), nullable=False),
        sa.UniqueConstraint("crm", "crm_id", name=f"uq_{name}_crm_crm_id"),
    )
    op.create_index(f"ix_{name}_crm_account", name, ["crm", "account"])
    op.create_index(f"ix_{name}_{date_indexed}", name, [date_indexed])
    op.create_index(
        f"ix_{name}_crm_merged_into",
        name,
        ["crm", "merged_into"],
        sqlite_where=IS_MERGED,
        postgresql_where=IS_MERGED,
    )


def _json() -> sa.JSON:
    return sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
