"""The moment of a milestone in words."""

import pytest

from connector.domain.programs import When, WhenKind
from tests.builders import FACTS

RENEWAL, STAGE = FACTS["account.renewal_on"], FACTS["opportunity.stage"]


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (When(kind=WhenKind.BEFORE, fact=RENEWAL, days=120), "120 days before account.renewal_on"),
        (When(kind=WhenKind.AFTER, fact=RENEWAL, days=1), "1 day after account.renewal_on"),
        (When(kind=WhenKind.AFTER, fact=RENEWAL), "on the day of account.renewal_on"),
        (When(kind=WhenKind.CHANGED, fact=STAGE, value="Won", days=45), "45 days after opportunity.stage became Won"),
        (When(kind=WhenKind.CHANGED, fact=STAGE, value="Won"), "on the day on which opportunity.stage became Won"),
        (When(kind=WhenKind.EVERY, fact=RENEWAL, days=182), "182 days after each time since account.renewal_on"),
        (When(kind=WhenKind.EVERY, fact=None, days=7), "7 days after each time since the day from which it counts"),
    ],
)
def test_a_moment_is_told_as_the_settings_count_it(when: When, words: str) -> None:
    assert when.in_words == words
