"""Honest numbers: a mean comes with n, and with an interval only where there are enough people (principle 9)."""

from dataclasses import dataclass
from math import sqrt

ENOUGH = 30
"""People below whom a mean is shown with n alone: no interval, no trend, no comparison."""
_Z = 1.959964
"""The normal quantile of an interval that holds the mean 95 times of 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A mean of `people` scores; `half` is half the width of its 95 % interval, None below 30 people."""

    people: int
    mean: float
    half: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends of the interval."""
        return None if self.half is None else (self.mean - self.half, self.mean + self.half)


def figure(*, people: int, mean: float, squares: float) -> Figure:
    """The figure of scores by their number, mean, and mean of squares."""
    if people < ENOUGH:
        return Figure(people=people, mean=mean, half=None)
    variance = max(0.0, squares - mean * mean) * people / (people - 1)
    # Student's quantile from the normal one, right to 0.01 from 30 people on (first term of Cornish and Fisher).
    quantile = _Z + (_Z**3 + _Z) / (4 * (people - 1))
    return Figure(people=people, mean=mean, half=quantile * sqrt(variance / people))
