"""When a page last changed something of a kind, so that what was derived of it before is known to be old."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the moment; the last page of each kind may have changed something."""
    op.add_column("cursor", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE cursor SET changed_at = synced_at")


def downgrade() -> None:
    """Drop it again."""
    op.drop_column("cursor", "changed_at")
