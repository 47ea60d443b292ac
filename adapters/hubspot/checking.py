"""What an admin should know before a run, found by signing in and looking at the portal's own descriptions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from adapters.hubspot.client import Account, HubspotClient
from adapters.hubspot.failures import MissingScope
from adapters.hubspot.layout import layout_of, write_gaps
from adapters.hubspot.mapping import PLURALS
from adapters.hubspot.owners import managers_of
from adapters.hubspot.paths import OPERATIONS
from adapters.hubspot.rep_fields import rep_gaps
from adapters.hubspot.stages import stages_of, with_stages
from adapters.hubspot.tasks import OBJECT as TASKS
from adapters.hubspot.tasks import missing_rights
from connector.domain.records import OPTIONAL_KINDS, RecordKind
from connector.ports.crm import Connection, Problem
from connector.ports.errors import CrmAuthError, CrmError, CrmMissingField, CrmWrongOrg

_SOON = timedelta(days=180)
"""HubSpot publishes a version each half year."""


def problems_of(client: HubspotClient, connection: Connection) -> list[Problem]:
    """All problems at once; where sign-in fails or opens the wrong portal, that alone. Raises CrmUnavailable."""
    try:
        account = client.account()
        found = [*_account_problems(connection, account), *_ending_problems(connection)]
        found += _owner_problems(client, connection)
        for kind in PLURALS:
            found += _kind_problems(client, kind, connection, account=account)
        found += _task_problems(client, connection)
    except (CrmAuthError, CrmWrongOrg) as error:
        return [Problem(where=connection.name, message=str(error))]
    return found


def _account_problems(connection: Connection, account: Account) -> Iterator[Problem]:
    if not account.zone_is_known:
        message = "the portal's time zone is not known here: dates with time count in UTC"
        yield Problem(where=f"{connection.name}.timeZone", message=message, is_error=False)


def _ending_problems(connection: Connection) -> Iterator[Problem]:
    """Paths whose support ends soon, so that nobody learns it by an error."""
    soon = (connection.now() + _SOON).date()
    for operation in OPERATIONS:
        if operation.ends_on <= soon:
            message = f"HubSpot supports {operation.path} until {operation.ends_on} only: update closedloop before"
            yield Problem(where=f"{connection.name}.api", message=message, is_error=False)


def _owner_problems(client: HubspotClient, connection: Connection) -> Iterator[Problem]:
    where, name = f"{connection.name}.{RecordKind.OWNER}", connection.settings.manager_property
    try:
        client.owners(after=None, archived=False)
    except MissingScope as error:
        yield Problem(where=where, message=str(error))
    if managers_of(client, manager_property=name) is None:
        remedy = "create it as Number with the owner id of the manager, and let the token read users"
        message = f"users have no property {name} that can be read: managers stay unknown; {remedy}"
        yield Problem(where=f"{where}.manager", message=message, is_error=False)


def _kind_problems(
    client: HubspotClient, kind: RecordKind, connection: Connection, *, account: Account
) -> Iterator[Problem]:
    try:
        described = client.properties(PLURALS[kind])
        client.records(PLURALS[kind], properties=())  # the right to see properties is not the one to see records
    except (MissingScope, CrmMissingField) as error:
        yield _hidden(kind, connection, error)
        return
    own, zone = connection.write_fields, account.zone
    layout = layout_of(kind, described, sources=connection.sources, write_fields=own, zone=zone)
    layout = with_stages(layout, stages_of(client)) if kind is RecordKind.CASE else layout
    reps = rep_gaps(kind, described, sources=connection.sources)
    for gap in (*layout.gaps, *reps, *write_gaps(kind, described, write_fields=own, zone=zone)):
        where = f"{connection.name}.{kind}.{gap.word}"
        yield Problem(where=where, message=gap.message, is_error=gap.is_required)


def _hidden(kind: RecordKind, connection: Connection, error: CrmError) -> Problem:
    problem = Problem(where=f"{connection.name}.{kind}", message=str(error))
    if kind not in OPTIONAL_KINDS or any(fact.kind is kind for fact in connection.sources):
        return problem
    return replace(problem, message=f"{error}; until then its facts stay unknown", is_error=False)


def _task_problems(client: HubspotClient, connection: Connection) -> Iterator[Problem]:
    try:
        described = client.properties(TASKS)
        client.records(TASKS, properties=())
    except (MissingScope, CrmMissingField) as error:
        yield Problem(where=f"{connection.name}.task", message=str(error))
        return
    for name, message in missing_rights(described):
        yield Problem(where=f"{connection.name}.task.{name}", message=message)
