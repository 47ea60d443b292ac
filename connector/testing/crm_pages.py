"""What the contract's cases read from pages."""

from collections.abc import Sequence

from connector.domain.records import FactValue
from connector.ports.crm import Page, Removal


def ids_of(pages: Sequence[Page]) -> list[str]:
    """The ids of all rows, in the order they came."""
    return [str(row[page.columns.index("crm_id")]) for page in pages for row in page.rows]


def column_of(pages: Sequence[Page], word: str) -> dict[str, FactValue]:
    """One word of all rows, by id."""
    return {
        str(row[page.columns.index("crm_id")]): row[page.columns.index(word)] for page in pages for row in page.rows
    }


def removed_by(pages: Sequence[Page]) -> list[Removal]:
    """All removals, in the order they came."""
    return [removal for page in pages for removal in page.removed]
