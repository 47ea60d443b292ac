"""Action rules of the good folder, and who stands in."""

from pathlib import Path

import pytest

from connector.domain.actions import ActionPolicy, OwnedBy
from connector.domain.condition import AnyOf, Compare, Comparison, Span
from connector.domain.due import Due
from connector.domain.heard import CHANGE, Heard, HeardKind
from connector.domain.records import FactType
from connector.domain.surveys import QuestionKind
from connector.ports.crm import CrmSpec
from connector.settings.configuration import Configuration
from connector.settings.loading import load

GRADE = Heard(kind=HeardKind.ANSWER, word="grade", type=FactType.NUMBER, question=QuestionKind.SCALE)


@pytest.fixture
def loaded(good: Path, specs: dict[str, CrmSpec], environ: dict[str, str]) -> Configuration:
    return load(good, specs=specs, environ=environ)


def test_a_program_s_rules_are_read_in_their_order(loaded: Configuration) -> None:
    ongoing, won = loaded.policy.programs
    seen = [(rule.id, rule.do, rule.owner, rule.due) for rule in (*ongoing.act, *won.act)]
    assert seen == [
        ("low", "Call {contact}: what went wrong?", OwnedBy.CONTACT, Due(2, is_business=True)),
        ("wish", "Ask why", OwnedBy.ACCOUNT, Due(7)),
        ("unsolved", "Call {contact}", OwnedBy.CONTACT, Due(1, is_business=True)),
    ]
    assert ongoing.act[0].when.root == AnyOf(
        (
            Compare(fact=GRADE, op=Comparison.LE, literal=6, span=Span(0, 17)),
            Compare(fact=CHANGE, op=Comparison.LE, literal=-3, span=Span(21, 42)),
        )
    )
    assert [fact.name for fact in ongoing.act[1].when.facts()] == ["contact.level"]


def test_who_stands_in_is_a_setting_and_five_overdue_actions_are_the_default(loaded: Configuration) -> None:
    assert loaded.policy.actions == ActionPolicy(stand_in="anna@kea.example", most_overdue=5)
