"""Every table, by aggregate. They never leave `connector.storage`; importing this package fills the metadata."""

from connector.storage.tables import asking, hearing, listening, people, records, running, writing

__all__ = ["asking", "hearing", "listening", "people", "records", "running", "writing"]
