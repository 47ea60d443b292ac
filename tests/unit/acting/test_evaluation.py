"""The pure evaluator decides every condition as the database does, unknown values included."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, delete, insert, select

from connector.conditions.parsing import parse
from connector.domain.evaluation import holds
from connector.domain.records import Fact, FactType, RecordKind
from connector.storage.conditions import condition_sql
from connector.storage.tables.kinds import RECORD_TABLES

ACCOUNT = RECORD_TABLES[RecordKind.ACCOUNT]
NAMES, NUMBERS, DATES = ("Kea", "Tui"), (-1, 0, 2.5), (date(2026, 1, 1), date(2026, 6, 30))
COLUMNS = {"name": FactType.TEXT, "renewal_on": FactType.DATE}
DECLARED = {"tier": FactType.TEXT, "revenue": FactType.NUMBER, "visited_on": FactType.DATE, "is_key": FactType.BOOLEAN}
FACTS = {
    fact.name: fact
    for fact in (Fact(kind=RecordKind.ACCOUNT, word=w, type=t) for w, t in {**COLUMNS, **DECLARED}.items())
}
OF_TYPE = {FactType.TEXT: NAMES, FactType.NUMBER: NUMBERS, FactType.DATE: DATES, FactType.BOOLEAN: (True, False)}
VALUES = st.fixed_dictionaries({fact: st.none() | st.sampled_from(OF_TYPE[fact.type]) for fact in FACTS.values()})


def shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int | float) else f"'{value}'"


@st.composite
def leaves(draw: st.DrawFn) -> str:
    fact = draw(st.sampled_from(list(FACTS.values())))
    ordered = fact.type in (FactType.NUMBER, FactType.DATE)
    op = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="] if ordered else ["=", "!="]))
    literals = st.sampled_from(OF_TYPE[fact.type]).map(shown)
    forms = [f"{fact.name} {op} {draw(literals)}", f"{fact.name} is {draw(st.sampled_from(['known', 'unknown']))}"]
    if fact.type is FactType.BOOLEAN:
        forms.append(fact.name)
    else:
        several = ", ".join(draw(st.lists(literals, min_size=1, max_size=3)))
        forms.append(f"{fact.name} {draw(st.sampled_from(['in', 'not in']))} ({several})")
    return draw(st.sampled_from(forms))


def grown(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.tuples(smaller, st.sampled_from([" and ", " or "]), smaller)
    return st.one_of(smaller.map("not ({})".format), joined.map(lambda each: f"({''.join(each)})"))


TEXTS = st.recursive(leaves(), grown, max_leaves=6)


@pytest.fixture(scope="module")
def database() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        ACCOUNT.create(connection)
        yield connection
    engine.dispose()


@given(text=TEXTS, values=VALUES)
def test_a_condition_holds_where_the_database_says_so(
    database: Connection, text: str, values: dict[Fact, object]
) -> None:
    condition = parse(text, facts=FACTS)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    stored = {fact.word: value for fact, value in values.items() if fact.is_well_known}
    declared = {
        fact.word: value.isoformat() if isinstance(value, date) else value
        for fact, value in values.items()
        if not fact.is_well_known and value is not None
    }
    row = {"crm": "sf", "crm_id": "001A", "first_seen_at": now, "seen_at": now, "facts": declared, "ours": {}}
    database.execute(delete(ACCOUNT))
    database.execute(insert(ACCOUNT).values({**row, **stored}))
    told = database.execute(select(condition_sql(condition, {RecordKind.ACCOUNT: ACCOUNT}))).scalar_one()
    known = {fact.name: value for fact, value in values.items()}
    assert holds(condition, values=known) is (None if told is None else bool(told))


def test_what_is_missing_is_unknown() -> None:
    assert holds(parse("account.tier = 'Kea'", facts=FACTS), values={}) is None
