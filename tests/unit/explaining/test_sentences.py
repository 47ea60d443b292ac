"""Reasons as sentences: every rule of the product has its own, and each keeps all that the reason holds."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from connector.domain.selection import Reason
from connector.domain.sentences import day_in_words, has_sentence, told
from connector.domain.surveys import AskKind

CONNECTOR = Path(__file__).parents[3] / "connector"


def rules() -> set[str]:
    """Every rule that the product can give as a reason, read from its source."""
    found: set[str] = set()
    for path in CONNECTOR.rglob("*.py"):
        module = ast.parse(path.read_text(encoding="utf-8"))
        for call in ast.walk(module):
            if isinstance(call, ast.Call):
                found |= {rule for rule in _rules_of(call, constants=_constants(module)) if rule}
    return found


def _constants(module: ast.Module) -> dict[str, ast.expr]:
    """A module's names for values, such as that of a rule which other modules name too."""
    assigned = [each for each in module.body if isinstance(each, ast.Assign)]
    return {target.id: each.value for each in assigned for target in each.targets if isinstance(target, ast.Name)}


def _rules_of(call: ast.Call, *, constants: Mapping[str, ast.expr]) -> list[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
    if name == "_about":
        given = call.args[1:2]
    elif name not in ("Reason", "_seat"):
        return []
    named = [constants.get(value.id, value) if isinstance(value, ast.Name) else value for value in given]
    return [text for value in named for text in _texts(value)]


def _texts(value: ast.expr) -> list[str]:
    match value:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
            return [f"{start}{kind}" for kind in AskKind]
        case _:
            return []


def test_the_rules_are_found_in_the_source() -> None:
    assert {
        "asked",
        "no seat",
        "opted out",
        "hold",
        "spacing after transaction",
        "not due yet",
        "came later",
        "not in the test list",
    } <= rules()


@pytest.mark.parametrize("rule", sorted(rules() | {"not changed", "was so before"}))
def test_every_rule_has_a_sentence_of_its_own(rule: str) -> None:
    assert has_sentence(rule)


@pytest.mark.parametrize("rule", sorted(rules()))
def test_a_sentence_keeps_value_threshold_record_and_day(rule: str) -> None:
    day = "2026-03-12"
    value, wanted = ("41 days since", "90 days") if rule.startswith("spacing") else (day, f"there on {day}")
    sentence = told(Reason(rule=rule, value=value, threshold=wanted, source="sf/003A", on="2026-03-11"))
    assert sentence.endswith(" (sf/003A, 11 March 2026).")
    seen = "41 days" if rule.startswith("spacing") else value
    assert seen in sentence or day_in_words(value) in sentence
    assert "90 days" in sentence or wanted in sentence or f"there on {day_in_words(day)}" in sentence


@pytest.mark.parametrize(
    ("rule", "value", "threshold", "sentence"),
    [
        (
            "spacing after relationship",
            "41 days since",
            "90 days",
            "Not asked: the last ask about the relationship was 41 days before, and 90 days must lie between the two"
            " (sf/003A, 12 March 2026).",
        ),
        (
            "hold",
            "until 2026-03-12: merger talks",
            "no hold today",
            "Not asked: there is a hold until 12 March 2026: merger talks, and no hold today is needed"
            " (sf/003A, 12 March 2026).",
        ),
        (
            "not due yet",
            "2026-04-01",
            "120 days before account.renewal_on 2026-07-30",
            "Not asked so far: it falls due on 1 April 2026, 120 days before account.renewal_on 2026-07-30"
            " (sf/003A, 12 March 2026).",
        ),
        (
            "expired unplanned",
            "2026-04-03",
            "a plan that was run by 2026-06-02",
            "Never asked: it fell due on 3 April 2026 and has expired, as it needed a plan that was run by 2 June 2026"
            " (sf/003A, 12 March 2026).",
        ),
        ("opted out", "yes", "no", "Not asked: they opted out in the CRM (sf/003A, 12 March 2026)."),
        (
            "not in the test list",
            "an address at elsewhere.example",
            "an address of the test list (*@harbour.example)",
            "Not asked: in test mode an address of the test list (*@harbour.example) is needed, and the record has an"
            " address at elsewhere.example (sf/003A, 12 March 2026).",
        ),
        ("brand new", "3", "at most 2", "brand new: found 3, wanted at most 2 (sf/003A, 12 March 2026)."),
    ],
)
def test_sentences_read_so(rule: str, value: str, threshold: str, sentence: str) -> None:
    assert told(Reason(rule=rule, value=value, threshold=threshold, source="sf/003A", on="2026-03-12")) == sentence


def test_an_opt_out_here_says_how_it_came() -> None:
    reason = Reason(rule="opted out", value="yes", threshold="no", source="unsubscribe-page", on="2026-03-12")
    assert told(reason) == ("Not asked: they opted out on our page (unsubscribe-page, 12 March 2026).")


def test_a_reason_of_an_older_version_is_told_without_a_day() -> None:
    assert told(Reason(rule="bounced", value="yes", threshold="no", source="sf/003A")) == (
        "Not asked: mail to them came back (sf/003A)."
    )
