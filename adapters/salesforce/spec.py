"""What Salesforce offers to the engine; imports neither the vendor's library nor anything that opens a connection."""

from contextlib import AbstractContextManager

from adapters.salesforce.mapping import OBJECTS, REACH, SOURCES, given_id
from adapters.salesforce.settings import SalesforceSettings
from connector.domain.records import FactType, RecordKind
from connector.ports.crm import Capabilities, Connection, CrmAdapter, CrmSpec, LikelyField

CAPABILITIES = Capabilities(
    reads=frozenset(OBJECTS),
    writes=frozenset({RecordKind.ACCOUNT, RecordKind.CONTACT}),
    incremental=True,
    deletions=True,
    tasks=True,
    max_batch=200,  # rows of one collection call
    reach=REACH,
)


def _open(connection: Connection) -> AbstractContextManager[CrmAdapter]:
    from adapters.salesforce.adapter import open_adapter  # the vendor's library costs 0.7 s and 50 MB

    return open_adapter(connection, capabilities=CAPABILITIES)


LIKELY = {
    "account.kind": LikelyField(source="Account.Type"),
    "account.tier": LikelyField(source="Account.Tier__c"),
    "account.revenue": LikelyField(source="Account.ARR__c", type=FactType.NUMBER),
    "account.renewal_on": LikelyField(source="Account.Renewal_Date__c"),
    "contact.level": LikelyField(source="Contact.Feedback_Level__c"),
    "contact.language": LikelyField(source="Contact.Language__c"),
}
"""An org has `Type`; the others are fields of its own, which an admin names."""

SPEC = CrmSpec(
    name="salesforce",
    label="Salesforce",
    capabilities=CAPABILITIES,
    settings=SalesforceSettings,
    objects=OBJECTS,
    sources=SOURCES,
    open=_open,
    read_id=given_id,
    likely=LIKELY,
)
