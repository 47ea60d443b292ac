"""A mean comes with n, and with an interval only from 30 people on."""

import pytest

from connector.domain.figures import figure


def test_below_30_people_there_is_a_mean_and_no_interval() -> None:
    few = figure(people=29, mean=7.5, squares=60.0)
    assert (few.people, few.mean, few.half, few.interval) == (29, 7.5, None, None)


def test_from_30_people_on_the_interval_is_students() -> None:
    # 15 threes and 15 fives: deviation 1.0171, quantile of 29 degrees of freedom 2.0452.
    enough = figure(people=30, mean=4.0, squares=17.0)
    assert enough.half == pytest.approx(2.0452 * 1.0171 / 30**0.5, abs=0.001)
    assert enough.interval == pytest.approx((3.6202, 4.3798), abs=0.001)


def test_everybody_of_one_mind_leaves_no_width() -> None:
    assert figure(people=40, mean=0.1, squares=0.1 * 0.1 - 1e-18).half == pytest.approx(0)
