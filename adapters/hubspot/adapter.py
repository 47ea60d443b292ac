"""The verbs of the seam for HubSpot; each names its kind's capability before it asks the portal for anything."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from adapters.hubspot.checking import problems_of
from adapters.hubspot.client import HubspotClient, Patience
from adapters.hubspot.failures import MissingScope
from adapters.hubspot.layout import Column, Gap, Layout, layout_of, own_columns, write_gaps
from adapters.hubspot.mapping import PLURALS, field_of
from adapters.hubspot.owners import FIELDS, OwnerWalk
from adapters.hubspot.stages import stages_of, with_stages
from adapters.hubspot.tasks import OBJECT as TASKS
from adapters.hubspot.tasks import Tasks, missing_rights
from adapters.hubspot.walk import Walk
from adapters.hubspot.writing import push_writes
from connector.domain.records import OPTIONAL_KINDS, RecordKind
from connector.ports.crm import (
    Capabilities,
    Connection,
    CrmAdapter,
    Field,
    NewTask,
    Page,
    Problem,
    Receipt,
    TaskSeen,
    Write,
)
from connector.ports.errors import CrmError, CrmHiddenKind, CrmMissingField, UnsupportedKind


@contextmanager
def open_adapter(
    connection: Connection, *, capabilities: Capabilities, patience: Patience | None = None
) -> Iterator[CrmAdapter]:
    """An adapter for one thread; it signs in at its first verb."""
    settings = connection.settings
    client = HubspotClient(settings, crm=connection.name, pinned_org=connection.org_id, patience=patience)
    try:
        yield HubspotAdapter(client, connection=connection, capabilities=capabilities)
    finally:
        client.close()


class HubspotAdapter:
    """A `CrmAdapter`; properties are listed again at each pull, as an admin may have renamed or hidden one."""

    def __init__(self, client: HubspotClient, *, connection: Connection, capabilities: Capabilities) -> None:
        self._client = client
        self._connection = connection
        self._capabilities = capabilities
        self._described: dict[RecordKind, list[dict[str, Any]]] = {}
        self._are_tasks_checked = False

    @property
    def capabilities(self) -> Capabilities:
        """The same value as the spec's."""
        return self._capabilities

    def organisation(self) -> str:
        """The id of the portal that the token opens."""
        return self._client.organisation()

    def check(self) -> list[Problem]:
        """Sign in, then look for missing scopes, missing required properties and properties of the wrong type."""
        return problems_of(self._client, self._connection)

    def fields(self, kind: RecordKind) -> list[Field]:
        """The properties of the object behind a kind, as the token sees them."""
        self._demand(kind, self._capabilities.reads)
        if kind is RecordKind.OWNER:
            return list(FIELDS)
        try:
            described = self._describe(kind)
        except MissingScope as error:
            if kind not in OPTIONAL_KINDS:
                raise
            raise CrmHiddenKind(str(error), crm=self._connection.name, kind=kind) from None
        found = (field_of(each) for each in described)
        return [field for field in found if field is not None]

    def pull(self, kind: RecordKind, since: str | None) -> Iterator[Page]:
        """Pages of everything, or of what changed since a cursor; owners always come whole."""
        self._demand(kind, self._capabilities.reads)
        return self._shown_pages(kind, since) if self._may_be_hidden(kind) else self._pages(kind, since)

    def push(self, kind: RecordKind, writes: Sequence[Write]) -> list[Receipt]:
        """Set our properties; a record that already shows the values is not touched again."""
        self._demand(kind, self._capabilities.writes)
        if not writes:
            return []
        self._demand_writable(kind, words={word for write in writes for word in write.values})
        read = {column.word: column.convert for column in self._own_columns(kind)}
        try:
            return push_writes(self._client, kind, writes, max_batch=self._capabilities.max_batch, read=read)
        except CrmMissingField:
            self._described.pop(kind, None)
            raise

    def open_task(self, task: NewTask, *, is_retry: bool) -> str:
        """Make a task; a retry looks for its marker on contact and account first."""
        tasks = self._tasks()
        self._demand_task_rights()
        return tasks.open(task, is_retry=is_retry)

    def tasks(self, crm_ids: Sequence[str]) -> list[TaskSeen]:
        """The tasks with these ids as they are now, in their order."""
        return self._tasks().seen(crm_ids)

    def _tasks(self) -> Tasks:
        if not self._capabilities.tasks:
            crm = self._connection.name
            raise UnsupportedKind(f"{crm}: tasks cannot be made here", crm=crm)
        return Tasks(client=self._client, zone=self._client.account().zone)

    def _demand_task_rights(self) -> None:
        """A property that is missing is passed over in silence by the portal: a task would lack its marker."""
        missing = [] if self._are_tasks_checked else [*missing_rights(self._client.properties(TASKS))]
        if missing:
            crm = self._connection.name
            raise CrmMissingField(f"{crm}: " + "; ".join(message for _, message in missing), crm=crm)
        self._are_tasks_checked = True

    def _may_be_hidden(self, kind: RecordKind) -> bool:
        return kind in OPTIONAL_KINDS and not any(fact.kind is kind for fact in self._connection.sources)

    def _shown_pages(self, kind: RecordKind, since: str | None) -> Iterator[Page]:
        """Pages; a scope that the token lacks is no failure where nothing declared needs the kind."""
        try:
            yield from self._pages(kind, since)
        except MissingScope as error:
            raise CrmHiddenKind(str(error), crm=self._connection.name, kind=kind) from None

    def _pages(self, kind: RecordKind, since: str | None) -> Iterator[Page]:
        now = self._connection.now()
        if kind is RecordKind.OWNER:
            named = self._connection.settings.manager_property
            yield from OwnerWalk(client=self._client, now=now, manager_property=named).pages(since)
            return
        layout = self._layout(kind)
        self._refuse([gap for gap in layout.gaps if gap.is_required], kind)
        yield from Walk(client=self._client, layout=layout, now=now).pages(since)

    def _layout(self, kind: RecordKind) -> Layout:
        connection, described = self._connection, self._describe(kind)
        layout = layout_of(
            kind,
            described,
            sources=connection.sources,
            write_fields=connection.write_fields,
            zone=self._client.account().zone,
        )
        return with_stages(layout, stages_of(self._client)) if kind is RecordKind.CASE else layout

    def _describe(self, kind: RecordKind) -> list[dict[str, Any]]:
        self._described[kind] = self._client.properties(PLURALS[kind])
        return self._described[kind]

    def _demand(self, kind: RecordKind, kinds: frozenset[RecordKind]) -> None:
        if kind not in kinds:
            crm = self._connection.name
            raise UnsupportedKind(f"{crm}: this cannot be done with records of kind {kind}", crm=crm, kind=kind)

    def _demand_writable(self, kind: RecordKind, *, words: set[str]) -> None:
        own = [field for field in self._connection.write_fields if field.kind is kind]
        unknown = words - {field.word for field in own}
        if unknown:
            raise CrmMissingField(f"{self._connection.name}: no field of ours is called {', '.join(sorted(unknown))}")
        described = self._described.get(kind) or self._describe(kind)
        wanted = [field for field in own if field.word in words]
        gaps = write_gaps(kind, described, write_fields=wanted, zone=self._client.account().zone)
        if gaps:
            self._described.pop(kind, None)  # an admin may mend it while we live
        self._refuse(gaps, kind)

    def _own_columns(self, kind: RecordKind) -> list[Column]:
        own, zone = self._connection.write_fields, self._client.account().zone
        return own_columns(kind, self._described[kind], write_fields=own, zone=zone)

    def _refuse(self, gaps: Sequence[Gap], kind: RecordKind) -> None:
        """Stop on what is missing, with every gap in one message."""
        if gaps:
            crm = self._connection.name
            error = CrmMissingField if any(gap.is_missing for gap in gaps) else CrmError
            raise error(f"{crm}: " + "; ".join(gap.message for gap in gaps), crm=crm, kind=kind)
