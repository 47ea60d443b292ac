"""Derived facts of a record's own fields: the first source with a value, and a text that names all that decides."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.derivation import CountPart, DatePart, Derivation, FieldPart, Take, TitlePart, Window
from connector.domain.records import Fact, FactType, Level, RecordKind
from connector.ports.crm import Page
from connector.ports.wiring import Crm
from connector.usecases.translation import translated
from tests.builders import FACTS, condition
from tests.worlds import CAPABILITIES

LEVELS = {Level.MANAGER: ("head of *",), Level.USER: ("*engineer*",)}
LEVEL = Derivation(
    fact=FACTS["contact.level"],
    parts=(FieldPart(source="Card.Level"), TitlePart(source="Card.Title", levels=LEVELS)),
)
TIER = Derivation(fact=FACTS["account.tier"], parts=(FieldPart(source="Firm.Tier"), FieldPart(source="Firm.Old_Tier")))
RENEWAL = Derivation(
    fact=FACTS["account.renewal_on"],
    parts=(
        FieldPart(source="Firm.Renewal"),
        DatePart(take=Take.NEXT, fact=FACTS["contract.ends_on"], where=condition("contract.stage = 'Activated'")),
    ),
)
ORDERS = Derivation(
    fact=Fact(kind=RecordKind.ACCOUNT, word="orders_24m", type=FactType.NUMBER),
    parts=(
        CountPart(
            kind=RecordKind.OPPORTUNITY,
            where=condition("opportunity.is_won"),
            window=Window(months=24),
            by=FACTS["opportunity.closes_on"],
        ),
    ),
)


def crm(*derived: Derivation, **values) -> Crm:
    return Crm(
        name="desk",
        adapter="paper",
        capabilities=CAPABILITIES,
        sources={},
        write_words={},
        every_seconds=900,
        values=values,
        derived=derived,
        open=None,  # type: ignore[arg-type]  # nothing is pulled
    )


def page(kind: RecordKind, columns: tuple[str, ...], *rows: tuple) -> Page:
    return Page(kind=kind, columns=("crm_id", "stamp", *columns), rows=[("1", None, *row) for row in rows], cursor="c")


def test_each_source_is_read_under_a_word_of_its_own_that_says_which_values_the_field_must_hold():
    assert [(fact.name, fact.read_as, part.source) for fact, part in LEVEL.own()] == [
        ("contact.level#1", "level", "Card.Level"),
        ("contact.title#2", "title", "Card.Title"),
    ]
    assert [(fact.name, fact.type) for fact, _ in RENEWAL.own()] == [("account.renewal_on#1", FactType.DATE)]


def test_a_page_shows_the_first_source_that_has_a_value_and_which_one_it_was():
    shown = translated(
        page(
            RecordKind.CONTACT,
            ("name", "level", "level#1", "title#2"),
            ("Ann", "user", "executive", "Head of QA"),
            ("Ben", "user", None, "Head of QA"),
            ("Cas", "user", "", "Process Engineer"),
            ("Dee", "user", None, "Buyer"),
        ),
        crm=crm(LEVEL),
    )
    assert shown.columns == ("crm_id", "stamp", "name", "level", "level#from")
    assert [row[2:] for row in shown.rows] == [
        ("Ann", "executive", "Card.Level"),
        ("Ben", "manager", 'titles Card.Title, which matches "head of *"'),
        ("Cas", "user", 'titles Card.Title, which matches "*engineer*"'),
        ("Dee", None, None),
    ]


def test_a_source_that_the_page_lacks_says_nothing_and_values_are_translated_after_the_first_was_taken():
    shown = translated(
        page(RecordKind.ACCOUNT, ("tier#2",), ("Gold",), (None,)),
        crm=crm(TIER, **{"account.tier": {"Gold": "A"}}),
    )
    assert shown.columns == ("crm_id", "stamp", "tier", "tier#from")
    assert [row[2:] for row in shown.rows] == [("A", "Firm.Old_Tier"), (None, None)]


def test_a_fact_that_other_records_tell_stays_out_of_the_page_and_its_own_field_stays_in():
    shown = translated(
        page(RecordKind.ACCOUNT, ("name", "renewal_on", "renewal_on#1"), ("Harbour", None, date(2026, 6, 30))),
        crm=crm(RENEWAL, ORDERS),
    )
    assert shown.columns == ("crm_id", "stamp", "name", "renewal_on#1")
    assert [row[2:] for row in shown.rows] == [("Harbour", date(2026, 6, 30))]


def test_a_derivation_says_what_it_needs_and_all_that_decides_in_one_line():
    assert LEVEL.text == (
        "first of Card.Level, titles Card.Title as text; executive: []; manager: ['head of *']; user: ['*engineer*']"
    )
    assert RENEWAL.text == "first of Firm.Renewal, next contract.ends_on where contract.stage = 'Activated' as date"
    assert ORDERS.text == (
        "first of count of opportunity where opportunity.is_won within 24 months by opportunity.closes_on as number"
    )
    assert (LEVEL.is_of_record, RENEWAL.is_of_record, ORDERS.is_of_record) == (True, False, False)
    assert RENEWAL.kinds == {RecordKind.ACCOUNT, RecordKind.CONTRACT}
    assert [fact.name for fact in ORDERS.reads] == ["opportunity.closes_on", "opportunity.is_won"]


@pytest.mark.parametrize(
    ("window", "today", "start"),
    [
        (Window(months=24), date(2026, 3, 2), date(2024, 3, 2)),
        (Window(months=1), date(2026, 3, 31), date(2026, 2, 28)),
        (Window(months=12), date(2024, 2, 29), date(2023, 2, 28)),
        (Window(months=3), date(2026, 1, 15), date(2025, 10, 15)),
        (Window(days=90), date(2026, 3, 31), date(2025, 12, 31)),
    ],
)
def test_a_window_looks_back_by_calendar_months_or_by_days(window, today, start):
    assert window.start(today) == start


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_a_window_of_months_starts_on_the_same_day_of_its_month_or_on_its_last(today, months):
    start = Window(months=months).start(today)
    assert (today.year * 12 + today.month) - (start.year * 12 + start.month) == months
    assert start.day == today.day or (start.day < today.day and (start + timedelta(days=1)).day == 1)


@given(st.lists(st.one_of(st.none(), st.just(""), st.text(min_size=1)), min_size=1, max_size=5))
def test_the_first_known_value_stands_whatever_comes_after_it(values):
    derivation = Derivation(
        fact=FACTS["account.tier"], parts=tuple(FieldPart(source=f"Firm.F{number}") for number in range(len(values)))
    )
    known = [(value, f"Firm.F{number}") for number, value in enumerate(values) if value]
    assert derivation.tell(values) == (known[0] if known else (None, None))
