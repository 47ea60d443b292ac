"""What is wrong with a condition's text, and where in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConditionProblem:
    """One problem: `text[offset : offset + length]` is what was found; both sentences read well after a position."""

    offset: int
    length: int
    found: str
    expected: str


class ConditionError(ValueError):
    """A condition cannot be used; `problems` are in the order of the text."""

    def __init__(self, problems: list[ConditionProblem]) -> None:
        self.problems = sorted(set(problems), key=lambda problem: (problem.offset, problem.length))
        super().__init__("; ".join(f"{p.found} at {p.offset}, {p.expected}" for p in self.problems))
