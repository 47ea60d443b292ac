"""Which relationship rule gave an account the type that it has."""

from connector.domain.evaluation import holds
from connector.domain.programs import Policy, RelationshipRule
from connector.ports.storage.explaining import AccountSeen


def deciding_rule(seen: AccountSeen, *, policy: Policy) -> RelationshipRule:
    """The first rule of the account's type that holds for what the rules saw: several rules may give one type."""
    rules = [rule for rule in policy.relationships if rule.type == seen.relationship]
    return next((rule for rule in rules if rule.when is None or holds(rule.when, values=seen.values) is True), rules[0])
