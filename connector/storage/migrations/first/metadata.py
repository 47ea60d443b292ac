"""The metadata of the first revision's tables, with the names of their constraints, and their column types."""

from sqlalchemy import JSON, DateTime, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB

FIRST = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
TEXT = String()
MOMENT = DateTime(timezone=True)
JSON_VALUE = JSON().with_variant(JSONB(), "postgresql")
