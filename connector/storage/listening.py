"""The three stores of listening, under the names that the unit of work asks for."""

from connector.storage.decisions import SqlDecisions
from connector.storage.occurrences import SqlOccurrences
from connector.storage.plans import SqlPlans

__all__ = ["SqlDecisions", "SqlOccurrences", "SqlPlans"]
