"""How Alembic runs a revision: on the connection and in the transaction that `apply` was given."""

from alembic import context
from sqlmodel import SQLModel

from connector.storage import tables  # noqa: F401  (fills the metadata)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
