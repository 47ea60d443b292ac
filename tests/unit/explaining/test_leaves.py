"""Conditions leaf by leaf, from values and from the text that a decision stored."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.leaves import SeenLeaf, saw, seen_leaves, shown, values_in
from tests.builders import condition

WHO = condition("contact.level in ('manager', 'user') and (not account.is_key or account.revenue > 3)")
NAMES = ("contact.level", "account.is_key", "account.revenue")


def test_each_leaf_tells_its_text_the_value_it_saw_and_whether_it_held() -> None:
    values = {"contact.level": "executive", "account.is_key": True, "account.revenue": None}
    assert seen_leaves(WHO, values=values) == (
        SeenLeaf(text="contact.level in ('manager', 'user')", value="executive", is_true=False),
        SeenLeaf(text="account.is_key", value="True", is_true=True),
        SeenLeaf(text="account.revenue > 3", value="unknown", is_true=None),
    )


def test_what_was_stored_is_read_again_with_its_types() -> None:
    looked = condition("account.visited_on > '2026-01-01' and account.revenue > 3 and account.is_key")
    values = {"account.visited_on": date(2026, 2, 1), "account.revenue": 4.5, "account.is_key": False}
    text = saw(looked, values=values)
    assert text == "account.visited_on = 2026-02-01, account.revenue = 4.5, account.is_key = False"
    assert values_in(text, condition=looked) == values


@given(st.text(min_size=1).filter(lambda text: text != "unknown"))
def test_any_text_comes_back_as_it_was(level: str) -> None:
    values = {"contact.level": level, "account.is_key": None, "account.revenue": None}
    assert values_in(saw(WHO, values=values), condition=WHO) == values


def test_a_text_of_another_condition_or_with_other_values_is_not_read() -> None:
    assert values_in("contact.title = chief", condition=WHO) is None
    text = "contact.level = user, account.is_key = True, account.revenue = plenty"
    assert values_in(text, condition=WHO) is None


def test_a_count_is_shown_without_a_point_and_an_unknown_value_as_unknown() -> None:
    assert [shown(value) for value in (2.0, 2.5, True, "2.0", None)] == ["2", "2.5", "True", "2.0", "unknown"]
