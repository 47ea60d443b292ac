"""The fire ledger: which job was due when, and who is running it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.String()
MOMENT = sa.DateTime(timezone=True)
INDEXES = (("job", "state"), ("job", "cause", "due_at"), ("finished_at",))


def upgrade() -> None:
    """Make the table, empty, with its indexes."""
    op.create_table(
        "fire",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("job", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT),
        sa.Column("lease_until", MOMENT),
        sa.Column("started_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.Column("made_up_by", TEXT),
        sa.Column("run_id", sa.Integer()),
        sa.Column("error", TEXT),
        sa.UniqueConstraint("job", "key", name="uq_fire_job_key"),
    )
    for columns in INDEXES:
        op.create_index(f"ix_fire_{'_'.join(columns)}", "fire", list(columns))


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("fire")
