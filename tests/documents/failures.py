"""The failures that an adapter raises, as a table: what happens next, and what each means."""

from collections.abc import Iterator

from connector.ports.errors import CrmError
from tests.documents.tables import code, table


def verdict_table() -> str:
    """Every failure of a CRM with its verdict."""
    rows = [(code(each.__name__), each.verdict.value, str(each.__doc__).strip()) for each in _failures(CrmError)]
    return table(("raise", "verdict", "when"), rows)


def _failures(parent: type[CrmError]) -> Iterator[type[CrmError]]:
    for child in parent.__subclasses__():
        if child.__module__ == CrmError.__module__:
            yield child
            yield from _failures(child)
