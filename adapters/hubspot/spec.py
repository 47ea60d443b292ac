"""What HubSpot offers to the engine; imports neither the vendor's library nor anything that opens a connection."""

from contextlib import AbstractContextManager

from adapters.hubspot.mapping import OBJECTS, SOURCES
from adapters.hubspot.settings import HubspotSettings
from connector.domain.records import RecordKind
from connector.ports.crm import Capabilities, Connection, CrmAdapter, CrmSpec

CAPABILITIES = Capabilities(
    reads=frozenset(OBJECTS),
    writes=frozenset({RecordKind.ACCOUNT, RecordKind.CONTACT}),
    incremental=True,
    deletions=True,
    tasks=True,
    max_batch=100,  # inputs of one batch call
)


def _open(connection: Connection) -> AbstractContextManager[CrmAdapter]:
    from adapters.hubspot.adapter import open_adapter  # the vendor's library costs 0.2 s and 19 MB

    return open_adapter(connection, capabilities=CAPABILITIES)


SPEC = CrmSpec(
    name="hubspot",
    label="HubSpot",
    capabilities=CAPABILITIES,
    settings=HubspotSettings,
    objects=OBJECTS,
    sources=SOURCES,
    open=_open,
)
