"""What HubSpot offers to the engine; imports neither the vendor's library nor anything that opens a connection."""

from contextlib import AbstractContextManager

from adapters.hubspot.mapping import OBJECTS, SOURCES
from adapters.hubspot.settings import HubspotSettings
from connector.domain.records import FactType, RecordKind
from connector.ports.crm import Capabilities, Connection, CrmAdapter, CrmSpec, LikelyField

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


LIKELY = {
    "account.kind": LikelyField(
        source="company.type", values={"CUSTOMER": "Customer", "PARTNER": "Partner", "PROSPECT": "Prospect"}
    ),
    "account.tier": LikelyField(source="company.tier"),
    "account.revenue": LikelyField(source="company.arr", type=FactType.NUMBER),
    "account.renewal_on": LikelyField(source="company.renewal_date"),
    "contact.level": LikelyField(source="contact.feedback_level"),
    "contact.language": LikelyField(source="contact.hs_language"),
    "opportunity.stage": LikelyField(source="deal.dealstage", values={"closedwon": "Closed Won"}),
}
"""A portal has `type`, `hs_language` and `dealstage`; the others are properties of its own, which an admin names."""

SPEC = CrmSpec(
    name="hubspot",
    label="HubSpot",
    capabilities=CAPABILITIES,
    settings=HubspotSettings,
    objects=OBJECTS,
    sources=SOURCES,
    open=_open,
    likely=LIKELY,
    twins={
        "salesforce": {
            RecordKind.ACCOUNT: "company.salesforceaccountid",
            RecordKind.CONTACT: "contact.salesforcecontactid",
        }
    },
)
