"""Actions, their history and their tasks; what was heard before there were action rules is never acted upon."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WAITS = sa.text("acted_at IS NULL")


def upgrade() -> None:
    """Add the tables, and the mark on responses."""
    op.add_column("response", sa.Column("acted_at", MOMENT, nullable=True))
    op.execute("UPDATE response SET acted_at = answered_at")
    op.create_index("ix_response_id", "response", ["id"], sqlite_where=WAITS, postgresql_where=WAITS)
    _create_action()
    _create_event()
    _create_task()


def downgrade() -> None:
    """Drop them again."""
    for table in ("task", "action_event", "action"):
        op.drop_table(table)
    op.drop_index("ix_response_id", table_name="response")
    op.drop_column("response", "acted_at")


def _create_action() -> None:
    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("response_id", sa.Integer(), sa.ForeignKey("response.id"), nullable=False),
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contact.id")),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id")),
        sa.Column("owned_by", sa.String(), nullable=False),
        sa.Column("crm", sa.String()),
        sa.Column("owner_id", sa.String()),
        sa.Column("owner_reason", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("resolution", sa.String()),
        sa.UniqueConstraint("response_id", "rule"),
    )
    op.create_index("ix_action_account_id", "action", ["account_id"])
    op.create_index("ix_action_state_due_on", "action", ["state", "due_on"])


def _create_event() -> None:
    op.create_table(
        "action_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("action_id", sa.Integer(), sa.ForeignKey("action.id"), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("detail", sa.String()),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_action_event_action_id", "action_event", ["action_id"])


def _create_task() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("action_id", sa.Integer(), sa.ForeignKey("action.id"), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("crm", sa.String(), nullable=False),
        sa.Column("marker", sa.String(), nullable=False, unique=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("crm_id", sa.String()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT),
        sa.Column("error", sa.String()),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT),
        sa.UniqueConstraint("action_id", "n"),
    )
    op.create_index("ix_task_crm_state", "task", ["crm", "state"])
