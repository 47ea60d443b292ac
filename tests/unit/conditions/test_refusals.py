"""What the language refuses: the sentence the admin reads, and the place in the text."""

import pytest
from sqlglot.tokens import Tokenizer

from connector.conditions.parsing import OWN_WORDS, is_usable_word, parse
from connector.conditions.problems import ConditionError
from connector.conditions.tokens import DEPTH_LIMIT, LENGTH_LIMIT
from connector.domain.records import Fact, FactType, RecordKind

FACTS = {
    fact.name: fact
    for fact in (
        Fact(kind=RecordKind.ACCOUNT, word="kind", type=FactType.TEXT),
        Fact(kind=RecordKind.ACCOUNT, word="tier", type=FactType.TEXT),
        Fact(kind=RecordKind.ACCOUNT, word="revenue", type=FactType.NUMBER),
        Fact(kind=RecordKind.ACCOUNT, word="renewal_on", type=FactType.DATE),
        Fact(kind=RecordKind.CONTACT, word="level", type=FactType.TEXT),
        Fact(kind=RecordKind.CONTACT, word="rep_level", type=FactType.TEXT),
        Fact(kind=RecordKind.OPPORTUNITY, word="is_won", type=FactType.BOOLEAN),
    )
}
ONLY = "expected only facts, literals, `and`, `or`, `not`, comparisons, `in`, `is known` and `is unknown`"
NO_SUMS = "expected a literal: conditions do not calculate"
CALENDAR = (
    "expected a day such as '2026-03-31': no condition knows today. Milestones do (`before` or `after` a date), and a "
    "fact that is told by `next` is known only until its date has passed: {next: contract.ends_on}, then `is known`"
)
WHOLE = "expected a whole comparison around it"

# text -> (what the problem slices out of it, found, expected), in order
REFUSED: dict[str, list[tuple[str, str, str]]] = {
    "account.knd = 'x'": [("account.knd", "found the unknown fact `account.knd`", "did you mean `account.kind`?")],
    "Account.kind = 'x'": [("Account.kind", "found the unknown fact `Account.kind`", "did you mean `account.kind`?")],
    "order.zzz = 'x'": [
        ("order.zzz", "found the unknown fact `order.zzz`", "expected a fact that is mapped under `facts:`")
    ],
    "account . kind = 'x'": [
        ("account . kind", "found the unknown fact `account.kind`", "did you mean `account.kind`?")
    ],
    "account.kind = null": [("null", "found `null`", "expected `is unknown` or `is known`: write `is unknown`")],
    "account.kind is null": [("null", "found `null`", "expected `is unknown` or `is known`: write `is unknown`")],
    "account.kind is not known": [("not", "found `not`", "expected `is known` or `is unknown`")],
    "account.kind is not unknown": [("not", "found `not`", "expected `is known` or `is unknown`")],
    "account.kind is true": [
        (
            "account.kind is true",
            "found account.kind is true",
            "expected a fact before `is`, and `known` or `unknown` after it",
        )
    ],
    "account.kind like 'C%'": [("like", "found `like`", "expected a comparison or `in`: conditions match no patterns")],
    "lower(account.kind) = 'x'": [
        ("lower", "found the function `lower`", "expected a fact alone: conditions have no functions")
    ],
    "account.renewal_on < today": [("today", "found `today`", CALENDAR)],
    "account.renewal_on >= Now()": [("Now", "found `Now`", CALENDAR)],
    "account.renewal_on = current_date": [("current_date", "found `current_date`", CALENDAR)],
    "account.kind = 'x' or today > account.renewal_on": [("today", "found `today`", CALENDAR)],
    "account.kind = today": [("today", "found `today`", "expected text in single quotes: 'today'")],
    "account.renewal_on is known and account.kind in (later, now)": [
        ("later", "found `later`", "expected text in single quotes: 'later'"),
        ("now", "found `now`", "expected text in single quotes: 'now'"),
    ],
    "account.kind in (select 1)": [
        ("select", "found `select`", "expected a list of literals: conditions have no subselects")
    ],
    "account.revenue + 1 > 2": [("+", "found `+`", NO_SUMS)],
    "account.revenue > 2 * 3": [("*", "found `*`", NO_SUMS)],
    "account.revenue > 3 - 2": [
        ("-", "found `-`", "expected a literal: conditions do not calculate, and dates are text such as '2026-03-31'")
    ],
    "account.revenue > 1e3": [("1e3", "found `1e3`", "expected a number such as 250000 or 2.5")],
    "account.revenue > 9007199254740992": [
        ("9007199254740992", "found 9007199254740992", "expected a number below 9,007,199,254,740,992")
    ],
    "account.revenue between 1 and 2": [("between", "found `between`", "expected two comparisons joined by `and`")],
    "account.kind = account.tier": [
        (
            "account.kind = account.tier",
            "found account.kind = account.tier",
            "expected a literal on the right: facts are not compared with each other",
        )
    ],
    "'Customer' = account.kind": [
        (
            "'Customer' = account.kind",
            "found 'Customer' = account.kind",
            "expected the fact on the left, alone, and one literal on the right",
        )
    ],
    "account.kind = Customer": [("Customer", "found `Customer`", "expected text in single quotes: 'Customer'")],
    "account.kind in (Customer, Partner)": [
        ("Customer", "found `Customer`", "expected text in single quotes: 'Customer'"),
        ("Partner", "found `Partner`", "expected text in single quotes: 'Partner'"),
    ],
    'account.kind = "Customer"': [('"Customer"', "found `Customer`", "expected text in single quotes")],
    "kind = 'x'": [("kind", "found `kind`", "did you mean `account.kind`?")],
    "zzz": [("zzz", "found `zzz`", "expected a fact such as `account.kind`")],
    "account.kind = 5": [("5", "found 5", "expected text in single quotes: account.kind is text")],
    "account.kind = true": [
        ("account.kind = true", "found account.kind = true", "expected text in single quotes: account.kind is text")
    ],
    "account.kind > 'B'": [
        (
            "account.kind > 'B'",
            "found account.kind > 'B'",
            "expected =, != or in: account.kind is text and has no order",
        )
    ],
    "account.revenue = '5'": [("'5'", "found '5'", "expected a number without quotes: account.revenue is a number")],
    "account.renewal_on < '2026-02-30'": [
        ("'2026-02-30'", "found '2026-02-30'", "expected a date such as '2026-03-31': account.renewal_on is a date")
    ],
    "account.renewal_on < '20260131'": [
        ("'20260131'", "found '20260131'", "expected a date such as '2026-03-31': account.renewal_on is a date")
    ],
    "contact.level = 'excutive'": [("'excutive'", "found 'excutive'", "did you mean 'executive'?")],
    "contact.rep_level = 'usr'": [("'usr'", "found 'usr'", "did you mean 'user'?")],
    "contact.level in ('boss')": [("'boss'", "found 'boss'", "expected one of executive, manager, user")],
    "opportunity.is_won = 1": [("1", "found 1", "expected true or false: opportunity.is_won is yes or no")],
    "opportunity.is_won in (true)": [
        (
            "opportunity.is_won in (true)",
            "found opportunity.is_won in (true)",
            "expected opportunity.is_won alone: it is true or false",
        )
    ],
    "account.kind": [("account.kind", "found account.kind", "expected a comparison: account.kind is text")],
    "account.revenue and opportunity.is_won": [
        ("account.revenue", "found account.revenue", "expected a comparison: account.revenue is a number")
    ],
    "in": [("in", "found in", "expected a fact of two words such as account.kind")],
    "account.kind is in": [
        (
            "account.kind is in",
            "found account.kind is in",
            "expected a fact before `is`, and `known` or `unknown` after it",
        )
    ],
    "account.parent.kind = 'x' and x.account.kind = 'y'": [
        (
            "account.parent.kind",
            "found the unknown fact `account.parent.kind`",
            "expected a fact of two words such as `account.kind`",
        ),
        (
            "x.account.kind",
            "found the unknown fact `x.account.kind`",
            "expected a fact of two words such as `account.kind`",
        ),
    ],
    "account.kind in ()": [
        (
            "account.kind in ()",
            "found account.kind in ()",
            "expected a fact, `in` and a list of literals in brackets",
        )
    ],
    "account.kind = ('x')": [("'x'", "found 'x'", "expected the literal without brackets")],
    "account.kind = 'a' or": [("or", "found `or` where it cannot stand", WHOLE)],
    "account.kind = = 'a'": [("=", "found `=` where it cannot stand", WHOLE)],
    "account.kind = 'a' opportunity.is_won": [("opportunity", "found `opportunity` where it cannot stand", WHOLE)],
    "(account.kind = 'a'": [("(", "found `(` without its `)`", "expected both or none")],
    "account.kind = 'a')": [(")", "found `)` without its `(`", "expected both or none")],
    "account.kind = 'a": [("'a", "found text without an end", "expected a closing quote")],
    "account.kind = 'a' -- all": [
        ("-- all", "found a comment", "expected none here: YAML has comments of its own, `# ...`")
    ],
    "account.kind = 'a'; drop table x": [
        (";", "found `;`", ONLY),
        ("drop", "found `drop`", ONLY),
        ("table", "found `table`", ONLY),
        ("x", "found `x`", "expected a fact such as `account.kind`"),
    ],
    "account.kind = $x": [("$x", "found `$x`", ONLY)],
    "": [("", "found an empty condition", "expected a comparison")],
    "account.knd = 'x' and account.revenue = 'y' and contact.level = 'boss'": [
        ("account.knd", "found the unknown fact `account.knd`", "did you mean `account.kind`?"),
        ("'y'", "found 'y'", "expected a number without quotes: account.revenue is a number"),
        ("'boss'", "found 'boss'", "expected one of executive, manager, user"),
    ],
    "account.knd = 'x' and lower(account.tir) = 'y'": [
        ("account.knd", "found the unknown fact `account.knd`", "did you mean `account.kind`?"),
        ("lower", "found the function `lower`", "expected a fact alone: conditions have no functions"),
        ("account.tir", "found the unknown fact `account.tir`", "did you mean `account.tier`?"),
    ],
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_text_is_refused_with_all_its_problems_and_their_places(text: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text, facts=FACTS)
    problems = [(text[p.offset : p.offset + p.length], p.found, p.expected) for p in caught.value.problems]
    assert problems == REFUSED[text]


def test_a_text_beyond_the_length_limit_is_refused_before_it_is_parsed() -> None:
    text = "opportunity.is_won or " * 100
    with pytest.raises(ConditionError, match=f"expected at most {LENGTH_LIMIT:,}"):
        parse(text, facts=FACTS)


@pytest.mark.parametrize("level", ["(", "not ", "not (", "not not ((", "(opportunity.is_won and not "])
def test_levels_are_counted_whatever_makes_them(level: str) -> None:
    depth = level.count("(") + level.count("not")

    def nested(times: int) -> str:
        return level * times + "opportunity.is_won" + ")" * (level.count("(") * times)

    parse(nested(DEPTH_LIMIT // depth), facts=FACTS)
    with pytest.raises(ConditionError, match="inside each other"):
        parse(nested(DEPTH_LIMIT // depth + 1), facts=FACTS)


def test_the_deepest_condition_still_parses_far_down_the_stack() -> None:
    def descend(frames: int) -> None:
        if frames:
            descend(frames - 1)
        else:
            parse("(" * DEPTH_LIMIT + "opportunity.is_won" + ")" * DEPTH_LIMIT, facts=FACTS)

    descend(300)


def test_a_long_chain_is_no_depth() -> None:
    text = " and ".join(["opportunity.is_won"] * 80)
    assert len(list(parse(text, facts=FACTS).leaves())) == 80


def test_every_usable_sql_keyword_can_name_a_fact() -> None:
    words = {word.lower() for word in Tokenizer.KEYWORDS if word.isidentifier()} | OWN_WORDS | {"kind"}
    refused = {word for word in words if not is_usable_word(word)}
    assert refused == OWN_WORDS | {"select"}
    for word in sorted(words - refused):
        fact = Fact(kind=RecordKind.ACCOUNT, word=word, type=FactType.TEXT)
        name = fact.name
        text = (
            f"not {name} = 'x' and {name} in ('a') or {name} not in ('b') and {name} is known and ({name} is unknown)"
        )
        condition = parse(text, facts={name: fact})
        assert [text[leaf.span.start : leaf.span.end] for leaf in condition.leaves()] == [
            f"{name} = 'x'",
            f"{name} in ('a')",
            f"{name} not in ('b')",
            f"{name} is known",
            f"{name} is unknown",
        ]
