"""What an admin should know before a run, found by signing in and looking at the org's own descriptions."""

from collections.abc import Iterator
from dataclasses import replace

from adapters.salesforce.client import SalesforceClient
from adapters.salesforce.layout import layout_of, write_gaps
from adapters.salesforce.mapping import OBJECTS
from adapters.salesforce.rep_fields import rep_gaps
from adapters.salesforce.tasks import OBJECT as TASK
from adapters.salesforce.tasks import missing_rights
from adapters.salesforce.zone import OrgZone
from connector.domain.records import OPTIONAL_KINDS, RecordKind
from connector.ports.crm import Connection, Problem
from connector.ports.errors import CrmAuthError, CrmMissingField, CrmWrongOrg


def problems_of(client: SalesforceClient, connection: Connection, *, zone: OrgZone) -> list[Problem]:
    """All problems at once; where sign-in fails or opens the wrong org, that alone. Raises CrmUnavailable."""
    try:
        versions = client.versions()
        found = list(_version_problems(connection, versions))
        for kind in OBJECTS:
            found += _kind_problems(client, kind, connection, zone=zone)
        found += _zone_problems(connection, zone)
        found += _task_problems(client, connection)
    except (CrmAuthError, CrmWrongOrg) as error:
        return [Problem(where=connection.name, message=str(error))]
    return found


def _version_problems(connection: Connection, versions: list[str]) -> Iterator[Problem]:
    version = connection.settings.api_version
    if version not in versions:
        message = f"the org does not serve API version {version}; set api_version to {versions[-1]}"
        yield Problem(where=f"{connection.name}.api_version", message=message)


def _zone_problems(connection: Connection, zone: OrgZone) -> Iterator[Problem]:
    if zone.is_guessed:
        message = "the org's time zone is not known here: dates with time count in UTC"
        yield Problem(where=f"{connection.name}.TimeZoneSidKey", message=message, is_error=False)


def _hidden(kind: RecordKind, connection: Connection, error: CrmMissingField) -> Problem:
    problem = Problem(where=f"{connection.name}.{kind}", message=str(error))
    if kind not in OPTIONAL_KINDS or any(fact.kind is kind for fact in connection.sources):
        return problem
    return replace(problem, message=f"{error}; until then its facts stay unknown", is_error=False)


def _kind_problems(
    client: SalesforceClient, kind: RecordKind, connection: Connection, *, zone: OrgZone
) -> Iterator[Problem]:
    try:
        described = client.describe(OBJECTS[kind])
    except CrmMissingField as error:
        yield _hidden(kind, connection, error)
        return
    own = connection.write_fields
    layout = layout_of(kind, described, sources=connection.sources, write_fields=own, zone=zone)
    reps = rep_gaps(kind, described, sources=connection.sources)
    for gap in (*layout.gaps, *reps, *write_gaps(kind, described, write_fields=own)):
        where = f"{connection.name}.{kind}.{gap.word}"
        yield Problem(where=where, message=gap.message, is_error=gap.is_required)


def _task_problems(client: SalesforceClient, connection: Connection) -> Iterator[Problem]:
    try:
        described = client.describe(TASK)
    except CrmMissingField as error:
        yield Problem(where=f"{connection.name}.task", message=str(error))
        return
    for name, message in missing_rights(described):
        yield Problem(where=f"{connection.name}.task.{name}", message=message)
