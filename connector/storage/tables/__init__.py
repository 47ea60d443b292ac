"""Every table, by aggregate. They never leave `connector.storage`; importing this package fills the metadata."""

# First, since only tables that are made after it get the names of its convention.
from connector.storage.tables import columns

# isort: split
from connector.storage.tables import (
    acting,
    asking,
    derived,
    firing,
    hearing,
    listening,
    people,
    records,
    running,
    writing,
)

__all__ = [
    "acting",
    "asking",
    "columns",
    "derived",
    "firing",
    "hearing",
    "listening",
    "people",
    "records",
    "running",
    "writing",
]
