"""What Salesforce offers to the engine; imports neither the vendor's library nor anything that opens a connection."""

from contextlib import AbstractContextManager

from adapters.salesforce.mapping import OBJECTS, SOURCES, given_id
from adapters.salesforce.settings import SalesforceSettings
from connector.domain.records import RecordKind
from connector.ports.crm import Capabilities, Connection, CrmAdapter, CrmSpec

CAPABILITIES = Capabilities(
    reads=frozenset(OBJECTS),
    writes=frozenset({RecordKind.ACCOUNT, RecordKind.CONTACT}),
    incremental=True,
    deletions=True,
    tasks=True,
    max_batch=200,  # rows of one collection call
)


def _open(connection: Connection) -> AbstractContextManager[CrmAdapter]:
    from adapters.salesforce.adapter import open_adapter  # the vendor's library costs 0.7 s and 50 MB

    return open_adapter(connection, capabilities=CAPABILITIES)


SPEC = CrmSpec(
    name="salesforce",
    label="Salesforce",
    capabilities=CAPABILITIES,
    settings=SalesforceSettings,
    objects=OBJECTS,
    sources=SOURCES,
    open=_open,
    read_id=given_id,
)
