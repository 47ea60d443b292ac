"""Derived facts: counterparts, where each derived value comes from, and how each fact was derived."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.String()


def upgrade() -> None:
    """Add the column and both tables, all empty."""
    op.add_column("contact", sa.Column("counterpart", TEXT, nullable=True))
    op.create_table(
        "derived_source",
        sa.Column("kind", TEXT, primary_key=True),
        sa.Column("record_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("fact", TEXT, primary_key=True),
        sa.Column("part", TEXT, nullable=False),
        sa.Column("source_kind", TEXT, nullable=False),
        sa.Column("source_id", TEXT),
        sa.Column("source_on", sa.Date()),
    )
    op.create_table(
        "derivation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("crm", TEXT, nullable=False),
        sa.Column("fact", TEXT, nullable=False),
        sa.Column("definition", TEXT, nullable=False),
        sa.Column("derived_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("crm", "fact", name="uq_derivation_crm_fact"),
    )


def downgrade() -> None:
    """Drop them again."""
    for table in ("derivation", "derived_source"):
        op.drop_table(table)
    op.drop_column("contact", "counterpart")
