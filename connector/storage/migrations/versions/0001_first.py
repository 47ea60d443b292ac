"""Everything that the first version stores."""

from alembic import op

from connector.storage.migrations.first import asking, hearing, listening, people, records, running, writing
from connector.storage.migrations.first.metadata import FIRST

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AGGREGATES = (people, records, listening, asking, hearing, writing, running)
"""Importing them fills the metadata."""


def upgrade() -> None:
    """Create every table."""
    FIRST.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Drop every table."""
    FIRST.drop_all(op.get_bind(), checkfirst=False)
