"""The fire ledger: one row for each time that a job is due."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class FireRow(SQLModel, table=True):
    """One due run of one job. `due_at` is business time, every other moment is real time."""

    __tablename__ = "fire"
    __table_args__ = (
        UniqueConstraint("job", "key"),
        Index(None, "job", "state"),
        Index(None, "job", "cause", "due_at"),
        Index(None, "finished_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    job: str
    key: str
    """The start of an interval's slot in UTC, a local date, or `wake`; a wake that was taken is `wake <id>`."""
    cause: str
    """interval, daily or wake."""
    due_at: datetime
    missed: int
    """How many slots before this one passed without a fire of their own."""
    state: str
    """due, running, done, failed or made up."""
    attempts: int
    not_before: datetime | None = None
    lease_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    made_up_by: str | None = None
    """The key of the fire that was run instead of this one."""
    run_id: int | None = None
    error: str | None = None
