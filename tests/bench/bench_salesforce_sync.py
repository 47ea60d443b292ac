"""Pulls a big org through the Salesforce adapter: requests by kind as the sandbox counts them, and peak memory.

Run by `make bench`; prints lines for people and one line of JSON, and ends with 1 where a bound is broken.
"""

import sys
from collections.abc import Mapping
from typing import Any

from adapters.salesforce.settings import SalesforceSettings
from adapters.salesforce.spec import SPEC
from connector.domain.records import Fact, FactType, RecordKind
from tests.bench.sync import Bench
from tests.bench.sync import main as run_bench


def _settings(ready: Mapping[str, Any]) -> SalesforceSettings:
    told = ready["salesforce"]
    login = {"flow": "client_credentials", **{key: told[key] for key in ("url", "client_id", "client_secret")}}
    return SalesforceSettings.model_validate({"login": login, "api_version": told["api_version"]})


BENCH = Bench(
    script=__file__,
    spec=SPEC,
    settings=_settings,
    sources={
        Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT): "Account.Type",
        Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER): "Account.ARR__c",
        Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE): "Account.Renewal_Date__c",
        Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT): "Contact.Feedback_Level__c",
        Fact(kind=RecordKind.CONTACT, word="language", type=FactType.TEXT): "Contact.Language__c",
    },
    accounts="accounts",
    size_options=("--accounts", "--contacts"),
    page_kinds=frozenset({"query", "query_page"}),
    rows_a_page=2_000,
    most_other_requests=15,
    most_service_requests=7,
)


def main(argv: list[str] | None = None) -> int:
    """Run both sizes; 1 where a bound is broken."""
    return run_bench(BENCH, argv)


if __name__ == "__main__":
    sys.exit(main())
