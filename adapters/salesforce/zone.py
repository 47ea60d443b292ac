"""The org's own time zone, which says on which day a date with time falls."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from adapters.salesforce.client import SalesforceClient
from connector.ports.errors import CrmMissingField

_QUERY = "SELECT TimeZoneSidKey FROM Organization LIMIT 1"


@dataclass(slots=True)
class OrgZone:
    """Asked for at the first need, once for each adapter; UTC where the org tells none that is known here."""

    client: SalesforceClient
    _found: tuple[tzinfo, bool] | None = field(default=None, init=False)

    def __call__(self) -> tzinfo:
        """The zone."""
        return self._known()[0]

    @property
    def is_guessed(self) -> bool:
        """Whether a day was asked for and UTC had to do."""
        return self._found is not None and not self._found[1]

    def _known(self) -> tuple[tzinfo, bool]:
        if self._found is None:
            self._found = self._asked()
        return self._found

    def _asked(self) -> tuple[tzinfo, bool]:
        try:
            rows = self.client.query(_QUERY, page_size=200).records
            return ZoneInfo(str(rows[0]["TimeZoneSidKey"])), True
        except (CrmMissingField, LookupError, ValueError, OSError):  # hidden, no row, no name of a zone, none here
            return UTC, False
