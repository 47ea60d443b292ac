"""`check` warns of counts that look back further than a CRM's records are read."""

from dataclasses import replace

import pytest

from connector.domain.derivation import CountPart, Derivation, Window
from connector.domain.records import Fact, FactType, RecordKind
from tests.builders import FACTS
from tests.checked import checked, crm, told
from tests.worlds import CAPABILITIES

CASES = Fact(kind=RecordKind.ACCOUNT, word="cases", type=FactType.NUMBER)
READ = "sf brings no case that was closed and left alone for more than 24 months: say `within: 24 months`, or less"


def found(window: Window | None, *, kind: RecordKind = RecordKind.CASE) -> list[tuple[str, str]]:
    """Severity and message of what is found of a count with this window, at the fact that counts."""
    by = FACTS["case.closed_on"] if window is not None else None
    derived = (Derivation(fact=CASES, parts=(CountPart(kind=kind, window=window, by=by),)),)
    able = replace(CAPABILITIES, reach={RecordKind.CASE: 731})
    result = told(checked(crm(derived=derived, capabilities=able)))
    assert {path for _, _, path, _ in result} <= {("crms", "sf", "facts", "account.cases")}
    return [(severity, message) for severity, message, _, _ in result]


@pytest.mark.parametrize(
    ("window", "asked"),
    [(None, "of all time"), (Window(months=25), "within 25 months"), (Window(days=732), "within 732 days")],
)
def test_a_count_of_cases_that_are_not_all_read_is_a_warning(window: Window | None, asked: str) -> None:
    assert found(window) == [("warning", f"this counts case records {asked}, and {READ}")]


@pytest.mark.parametrize("window", [Window(months=24), Window(days=731), Window(days=1)])
def test_a_count_within_what_is_read_is_none(window: Window) -> None:
    assert found(window) == []


def test_a_kind_that_is_read_whole_may_be_counted_over_all_time() -> None:
    assert found(None, kind=RecordKind.OPPORTUNITY) == []
