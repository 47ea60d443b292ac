"""Texts and the trees they become; SQLGlot changes its classes in minor releases, and this is where it shows."""

from datetime import date

import pytest

from connector.conditions.parsing import parse
from connector.domain.condition import (
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    IsIn,
    IsKnown,
    Literal,
    Node,
    Not,
    Span,
    Truth,
)
from connector.domain.records import Fact, FactType, RecordKind

KIND = Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT)
REVENUE = Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER)
RENEWAL_ON = Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE)
LEVEL = Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT)
IS_WON = Fact(kind=RecordKind.OPPORTUNITY, word="is_won", type=FactType.BOOLEAN)
FACTS = {fact.name: fact for fact in (KIND, REVENUE, RENEWAL_ON, LEVEL, IS_WON)}


def compare(fact: Fact, op: Comparison, literal: Literal, *, at: tuple[int, int]) -> Compare:
    return Compare(fact=fact, op=op, literal=literal, span=Span(*at))


GOLDEN: dict[str, Node] = {
    "account.kind = 'Customer'": compare(KIND, Comparison.EQ, "Customer", at=(0, 25)),
    "account.kind == 'it''s'": compare(KIND, Comparison.EQ, "it's", at=(0, 23)),
    "account.kind<>'Ärzte 🙂'": compare(KIND, Comparison.NE, "Ärzte 🙂", at=(0, 23)),
    "account.revenue >= 250000": compare(REVENUE, Comparison.GE, 250000, at=(0, 25)),
    "account.revenue < - 2.50": compare(REVENUE, Comparison.LT, -2.5, at=(0, 24)),
    "account.renewal_on <= '2026-03-31'": compare(RENEWAL_ON, Comparison.LE, date(2026, 3, 31), at=(0, 34)),
    "opportunity.is_won": Truth(fact=IS_WON, span=Span(0, 18)),
    "opportunity.is_won != TRUE": compare(IS_WON, Comparison.NE, True, at=(0, 26)),
    "account.renewal_on is known": IsKnown(fact=RENEWAL_ON, negated=False, span=Span(0, 27)),
    "account.renewal_on IS  UNKNOWN": IsKnown(fact=RENEWAL_ON, negated=True, span=Span(0, 30)),
    "contact.level in ('manager', 'user')": IsIn(
        fact=LEVEL, literals=("manager", "user"), negated=False, span=Span(0, 36)
    ),
    "account.revenue not in (1, -2)": IsIn(fact=REVENUE, literals=(1, -2), negated=True, span=Span(0, 30)),
    "not account.revenue in (1)": Not(IsIn(fact=REVENUE, literals=(1,), negated=False, span=Span(4, 26))),
    "not account.revenue not in (1)": Not(IsIn(fact=REVENUE, literals=(1,), negated=True, span=Span(4, 30))),
    "not opportunity.is_won and account.revenue > 1": AllOf(
        (Not(Truth(fact=IS_WON, span=Span(4, 22))), compare(REVENUE, Comparison.GT, 1, at=(27, 46)))
    ),
    "opportunity.is_won and account.revenue > 1 and account.revenue > 2 or account.revenue > 3": AnyOf(
        (
            AllOf(
                (
                    Truth(fact=IS_WON, span=Span(0, 18)),
                    compare(REVENUE, Comparison.GT, 1, at=(23, 42)),
                    compare(REVENUE, Comparison.GT, 2, at=(47, 66)),
                )
            ),
            compare(REVENUE, Comparison.GT, 3, at=(70, 89)),
        )
    ),
    "opportunity.is_won and\n  (account.revenue > 1\n   or account.revenue > 2)": AllOf(
        (
            Truth(fact=IS_WON, span=Span(0, 18)),
            AnyOf(
                (
                    compare(REVENUE, Comparison.GT, 1, at=(26, 45)),
                    compare(REVENUE, Comparison.GT, 2, at=(52, 71)),
                )
            ),
        )
    ),
    "(opportunity.is_won and opportunity.is_won) and opportunity.is_won": AllOf(
        (
            AllOf((Truth(fact=IS_WON, span=Span(1, 19)), Truth(fact=IS_WON, span=Span(24, 42)))),
            Truth(fact=IS_WON, span=Span(48, 66)),
        )
    ),
}


@pytest.mark.parametrize("text", GOLDEN)
def test_a_text_becomes_exactly_this_tree(text: str) -> None:
    condition = parse(text, facts=FACTS)
    assert (condition.text, condition.root) == (text, GOLDEN[text])
