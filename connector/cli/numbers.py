"""Numbers with what they count, as people read them on a terminal."""

from collections.abc import Mapping


def counted(number: int, one: str) -> str:
    """Such as: 1 account, 2 accounts, 5 opportunities."""
    if number == 1:
        return f"1 {one}"
    return f"{number} {one.removesuffix('y')}ies" if one.endswith("y") else f"{number} {one}s"


def listed(numbers: Mapping[str, int]) -> str:
    """Such as: 2 accounts, 5 opportunities; what is zero is named too."""
    return ", ".join(counted(number, one) for one, number in numbers.items())
