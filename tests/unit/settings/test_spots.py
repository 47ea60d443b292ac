"""Where the parts of a configuration stand, asked for by their paths once it is loaded."""

import pytest

from connector.domain.findings import Spot
from connector.settings.places import Places

TEXTS = {
    "closedloop.yaml": (
        "crms:\n  sf:\n    org_id: x\n    facts:\n      account.kind: Account.Type\n"
        "      account.tier: {field: Account.Tier__c, values: {a: A}}\n"
    ),
    "relationships.yaml": "relationships:\n  - {type: partner, when: \"account.kind = 'Partner'\"}\n",
    "programs/b.yaml": "id: won\nwho: contact.name is known\n",
    "programs/a.yaml": "id: ongoing\nmilestones:\n  - id: one\n    when: {before: account.renewal_on, by: 75 days}\n",
}


def by(number: int = 0, key: str = "by") -> tuple[str | int, ...]:
    return ("milestones", number, "when", key)


@pytest.mark.parametrize(
    ("spot", "place"),
    [
        (Spot(path=("relationships", 0, "when"), offset=0), ("relationships.yaml", 2, 28)),
        (Spot(path=("relationships", 0, "when"), offset=15), ("relationships.yaml", 2, 43)),
        (Spot(path=("relationships", 0, "when")), ("relationships.yaml", 2, 27)),
        (Spot(path=by(), program="ongoing"), ("programs/a.yaml", 4, 44)),
        (Spot(path=by(key="by"), program="ongoing", is_key=True), ("programs/a.yaml", 4, 40)),
        (Spot(path=("who",), program="won", offset=0), ("programs/b.yaml", 2, 6)),
        (Spot(path=("crms", "sf", "facts", "account.kind", "field")), ("closedloop.yaml", 5, 21)),
        (Spot(path=("crms", "sf", "facts", "account.tier", "field")), ("closedloop.yaml", 6, 29)),
        (Spot(path=("crms", "sf", "facts", "account.tier", "values", "a"), is_key=True), ("closedloop.yaml", 6, 55)),
        (Spot(path=("crms", "sf"), is_key=True), ("closedloop.yaml", 2, 3)),
        (Spot(path=("crms", "sf", "same_as", "account"), is_key=True), ("closedloop.yaml", 2, 3)),
    ],
)
def test_a_part_stands_where_the_files_have_it_or_the_nearest_part_above(spot: Spot, place: tuple) -> None:
    file, found = Places(TEXTS).of(spot)
    assert (file, found.line, found.column) == place
