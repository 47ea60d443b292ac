"""Every operation that we ask of HubSpot, with its path and the day when HubSpot stops supporting it."""

from dataclasses import dataclass
from datetime import date

VERSION = "2026-03"
_VERSION_ENDS_ON = date(2027, 9, 30)
"""A dated version is supported for 18 months."""
_UNDATED_ENDS_ON = date(2027, 9, 1)
"""Versions 1 to 3 go "in September 2027", so they count as gone on its first day."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One request: `path` names the object types in braces; every POST but CREATE reads, or may be repeated safely."""

    method: str
    path: str
    ends_on: date = _VERSION_ENDS_ON

    def at(self, **names: str) -> str:
        """The path with its names filled in."""
        return self.path.format(**names)


# No dated path of the account's details is known, so this row stays on version 3.
ACCOUNT = Operation("GET", "/account-info/v3/details", _UNDATED_ENDS_ON)
OWNERS = Operation("GET", f"/crm/owners/{VERSION}")
PIPELINES = Operation("GET", f"/crm/pipelines/{VERSION}/{{name}}")
PROPERTIES = Operation("GET", f"/crm/properties/{VERSION}/{{name}}")
RECORDS = Operation("GET", f"/crm/objects/{VERSION}/{{name}}")
CREATE = Operation("POST", f"/crm/objects/{VERSION}/{{name}}")
SEARCH = Operation("POST", f"/crm/objects/{VERSION}/{{name}}/search")
READ = Operation("POST", f"/crm/objects/{VERSION}/{{name}}/batch/read")
UPDATE = Operation("POST", f"/crm/objects/{VERSION}/{{name}}/batch/update")
ASSOCIATIONS = Operation("POST", f"/crm/associations/{VERSION}/{{name}}/{{target}}/batch/read")

OPERATIONS = (ACCOUNT, OWNERS, PIPELINES, PROPERTIES, RECORDS, CREATE, SEARCH, READ, UPDATE, ASSOCIATIONS)
