"""Parents never loop, whatever a CRM's users made of them."""

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.families import ancestors, cycles

PARENTS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"))


def test_an_account_has_its_ancestors_in_order() -> None:
    assert ancestors("shop", parents={"shop": "region", "region": "group", "other": "group"}) == ["region", "group"]


def test_ancestors_end_where_a_circle_closes() -> None:
    assert ancestors("a", parents={"a": "b", "b": "c", "c": "b"}) == ["b", "c"]
    assert ancestors("a", parents={"a": "a"}) == []


def test_circles_are_found_once_and_begin_with_their_least_account() -> None:
    parents = {"d": "b", "b": "a", "a": "c", "c": "b", "e": "e", "x": "y", "z": "e"}
    assert cycles(parents) == [("a", "c", "b"), ("e",)]


def test_a_tree_has_no_circle() -> None:
    assert cycles({"a": "c", "b": "c", "c": "d"}) == []


@given(parents=PARENTS)
def test_circles_are_exactly_the_accounts_that_come_back_to_themselves(parents: dict[str, str]) -> None:
    def comes_back(account: str) -> bool:
        here = parents.get(account)
        for _ in range(len(parents)):
            if here is None or here == account:
                break
            here = parents.get(here)
        return here == account

    found = cycles(parents)
    assert sorted(each for circle in found for each in circle) == sorted(each for each in parents if comes_back(each))
    assert all(parents[one] == other for circle in found for one, other in zip(circle, (*circle[1:], circle[0])))  # noqa: B905


@given(parents=PARENTS)
def test_nobody_is_met_twice_among_ancestors(parents: dict[str, str]) -> None:
    for account in parents:
        line = ancestors(account, parents=parents)
        assert len({account, *line}) == len(line) + 1
