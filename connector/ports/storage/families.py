"""Which accounts belong together: groups over CRMs, and parents."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from connector.domain.listed import Listed
from connector.domain.records import RecordKind


class FamilyStore(Protocol):
    """Accounts and contacts that are one, and accounts that stand above others. Keys are `crm/CRM id`."""

    def groups(self, kind: RecordKind, *, limit: int) -> tuple[int, Sequence[Sequence[str]]]:
        """How many joins of accounts or contacts hold several records of one CRM, and the first of these by key.

        Each begins with the record that stands for all.
        """
        ...

    def parents(self, *, home: str | None) -> Mapping[str, str]:
        """The parent of each live account that has one, joined accounts as one; circles may be there.

        Where a connection is home, its records alone tell parents; else the first record's parent counts, then that of
        the other with the lowest id that has one.
        """
        ...

    def listed(self, listed: Listed, *, near: int | None = None) -> Sequence[int]:
        """Every account record of joined accounts of which a live record is on the test list, merged ones included.

        `near` looks only at the joined account of this record.
        """
        ...

    def is_listed(self, listed: Listed, *, crm: str, crm_id: str) -> bool:
        """Whether a live record of the joined account of this one, by its id in a CRM, is on the test list."""
        ...
