"""Pulls a big portal through the HubSpot adapter: requests by kind as the sandbox counts them, and peak memory.

Run by `make bench`; prints lines for people and one line of JSON, and ends with 1 where a bound is broken.
"""

import sys
from collections.abc import Mapping
from typing import Any

from adapters.hubspot.settings import HubspotSettings
from adapters.hubspot.spec import SPEC
from connector.domain.records import Fact, FactType, RecordKind
from tests.bench.sync import Bench
from tests.bench.sync import main as run_bench


def _settings(ready: Mapping[str, Any]) -> HubspotSettings:
    login = {name: ready["hubspot"][name] for name in ("url", "access_token")}
    return HubspotSettings.model_validate({"login": {"flow": "token", **login}})


BENCH = Bench(
    script=__file__,
    spec=SPEC,
    settings=_settings,
    sources={
        Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT): "company.type",
        Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER): "company.arr",
        Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE): "company.renewal_date",
        Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT): "contact.feedback_level",
        Fact(kind=RecordKind.CONTACT, word="language", type=FactType.TEXT): "contact.hs_language",
    },
    accounts="companies",
    size_options=("--hubspot-companies", "--hubspot-contacts"),
    page_kinds=frozenset({"list"}),
    rows_a_page=100,
    most_other_requests=20,
    most_service_requests=9,
)


def main(argv: list[str] | None = None) -> int:
    """Run both sizes; 1 where a bound is broken."""
    return run_bench(BENCH, argv)


if __name__ == "__main__":
    sys.exit(main())
