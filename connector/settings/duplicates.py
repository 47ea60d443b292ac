"""Ids that are given twice."""

from collections.abc import Iterable

from connector.settings.checking import Checker
from connector.settings.documents import Path


def report_duplicates(places: Iterable[tuple[Checker, Path]]) -> None:
    """A mistake at each later place whose value an earlier one has; it names the first."""
    first: dict[str, str] = {}
    for checker, path in places:
        value = checker.document.at(path)
        if not isinstance(value, str):
            continue
        if value in first:
            found, expected = f"found the id `{value}` again", f"expected it once: it stands at {first[value]}"
            checker.add(path, found=found, expected=expected)
        else:
            place = checker.document.value_place(path)
            first[value] = f"{checker.document.file}:{place.line}:{place.column}"
