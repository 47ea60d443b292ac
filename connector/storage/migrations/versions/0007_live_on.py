"""Since when a program reaches everybody and not the test list alone."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day; whatever was real before was live."""
    op.add_column("track_start", sa.Column("live_on", sa.Date(), nullable=True))
    op.execute("UPDATE track_start SET live_on = started_on")


def downgrade() -> None:
    """Drop it again."""
    op.drop_column("track_start", "live_on")
