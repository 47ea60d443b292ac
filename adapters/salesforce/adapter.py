"""The verbs of the seam for Salesforce; each names its kind's capability before it asks the org for anything."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from adapters.salesforce.checking import problems_of
from adapters.salesforce.client import Patience, SalesforceClient
from adapters.salesforce.layout import Gap, Layout, layout_of, write_gaps
from adapters.salesforce.mapping import OBJECTS, field_of
from adapters.salesforce.tasks import OBJECT as TASK
from adapters.salesforce.tasks import Tasks, missing_rights
from adapters.salesforce.walk import Walk
from adapters.salesforce.writing import push_writes
from adapters.salesforce.zone import OrgZone
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
    client = SalesforceClient(settings, crm=connection.name, pinned_org=connection.org_id, patience=patience)
    try:
        yield SalesforceAdapter(client, connection=connection, capabilities=capabilities)
    finally:
        client.close()


class SalesforceAdapter:
    """A `CrmAdapter`; objects are described again at each pull, as an admin may have changed rights meanwhile."""

    def __init__(self, client: SalesforceClient, *, connection: Connection, capabilities: Capabilities) -> None:
        self._client = client
        self._connection = connection
        self._capabilities = capabilities
        self._zone = OrgZone(client)
        self._described: dict[RecordKind, dict[str, Any]] = {}
        self._described_task: dict[str, Any] | None = None

    @property
    def capabilities(self) -> Capabilities:
        """The same value as the spec's."""
        return self._capabilities

    def organisation(self) -> str:
        """The id of the org that the credentials open."""
        return self._client.organisation()

    def check(self) -> list[Problem]:
        """Sign in, then look for missing rights, missing required fields and fields of the wrong type."""
        return problems_of(self._client, self._connection, zone=self._zone)

    def fields(self, kind: RecordKind) -> list[Field]:
        """The fields of the object behind a kind, as the integration user sees them."""
        self._demand(kind, self._capabilities.reads)
        try:
            described = self._describe(kind)["fields"]
        except CrmMissingField as error:
            if kind not in OPTIONAL_KINDS:
                raise
            raise CrmHiddenKind(str(error), crm=self._connection.name, kind=kind) from None
        found = (field_of(each) for each in described)
        return [field for field in found if field is not None]

    def pull(self, kind: RecordKind, since: str | None) -> Iterator[Page]:
        """Pages of everything, or of what changed since a cursor."""
        self._demand(kind, self._capabilities.reads)
        return self._pages(kind, since)

    def push(self, kind: RecordKind, writes: Sequence[Write]) -> list[Receipt]:
        """Set our fields; a record that already shows the values is not touched again."""
        self._demand(kind, self._capabilities.writes)
        if not writes:
            return []
        self._demand_writable(kind, words={word for write in writes for word in write.values})
        try:
            return push_writes(self._client, kind, writes, max_batch=self._capabilities.max_batch)
        except CrmMissingField:
            self._described.pop(kind, None)
            raise

    def open_task(self, task: NewTask, *, is_retry: bool) -> str:
        """Make a task; a retry looks for its marker on account and contact first."""
        self._demand_tasks()
        try:
            return Tasks(client=self._client).open(task, described=self._task_layout(), is_retry=is_retry)
        except CrmMissingField:
            self._described_task = None  # an admin may mend it while we live
            raise

    def tasks(self, crm_ids: Sequence[str]) -> list[TaskSeen]:
        """The tasks with these ids as they are now, in their order."""
        self._demand_tasks()
        return Tasks(client=self._client).seen(crm_ids)

    def _task_layout(self) -> dict[str, Any]:
        if self._described_task is None:
            self._described_task = self._client.describe(TASK)
        missing = [message for _, message in missing_rights(self._described_task)]
        if missing:
            crm = self._connection.name
            raise CrmMissingField(f"{crm}: " + "; ".join(missing), crm=crm)
        return self._described_task

    def _pages(self, kind: RecordKind, since: str | None) -> Iterator[Page]:
        layout = self._layout(kind)
        self._refuse([gap for gap in layout.gaps if gap.is_required], kind)
        page_size = self._connection.settings.page_size
        walk = Walk(client=self._client, layout=layout, now=self._connection.now(), page_size=page_size)
        yield from walk.pages(since)

    def _layout(self, kind: RecordKind) -> Layout:
        connection = self._connection
        described = self._describe_shown(kind)
        own = connection.write_fields
        return layout_of(kind, described, sources=connection.sources, write_fields=own, zone=self._zone)

    def _describe_shown(self, kind: RecordKind) -> dict[str, Any]:
        """As described; an object that is hidden or switched off is no failure where nothing declared needs it."""
        try:
            return self._describe(kind)
        except CrmMissingField as error:
            if kind not in OPTIONAL_KINDS or any(fact.kind is kind for fact in self._connection.sources):
                raise
            raise CrmHiddenKind(str(error), crm=self._connection.name, kind=kind) from None

    def _describe(self, kind: RecordKind) -> dict[str, Any]:
        self._described[kind] = self._client.describe(OBJECTS[kind])
        return self._described[kind]

    def _demand(self, kind: RecordKind, kinds: frozenset[RecordKind]) -> None:
        if kind not in kinds:
            crm = self._connection.name
            raise UnsupportedKind(f"{crm}: this cannot be done with records of kind {kind}", crm=crm, kind=kind)

    def _demand_tasks(self) -> None:
        if not self._capabilities.tasks:
            crm = self._connection.name
            raise UnsupportedKind(f"{crm}: tasks cannot be made here", crm=crm)

    def _demand_writable(self, kind: RecordKind, *, words: set[str]) -> None:
        own = [field for field in self._connection.write_fields if field.kind is kind]
        unknown = words - {field.word for field in own}
        if unknown:
            raise CrmMissingField(f"{self._connection.name}: no field of ours is called {', '.join(sorted(unknown))}")
        described = self._described.get(kind) or self._describe(kind)
        wanted = [field for field in own if field.word in words]
        gaps = write_gaps(kind, described, write_fields=wanted)
        if gaps:
            self._described.pop(kind, None)  # an admin may mend it while we live
        self._refuse(gaps, kind)

    def _refuse(self, gaps: Sequence[Gap], kind: RecordKind) -> None:
        """Stop on what is missing, with every gap in one message."""
        if gaps:
            crm = self._connection.name
            error = CrmMissingField if any(gap.is_missing for gap in gaps) else CrmError
            raise error(f"{crm}: " + "; ".join(gap.message for gap in gaps), crm=crm, kind=kind)
