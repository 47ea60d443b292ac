"""The moment `every: 26 weeks, from: ...` of a milestone, and what else its keys may say then."""

from datetime import date

from connector.domain.programs import When, WhenKind
from connector.domain.records import FactType
from connector.settings.checking import Checker
from connector.settings.documents import Path
from connector.settings.program_keys import MilestoneKeys, WhenKeys


def read_every(keys: WhenKeys, *, checker: Checker, path: Path) -> When | None:
    """The moment of a milestone that says `every`, or None with a mistake."""
    for word in ("to", "by"):
        if checker.document.has((*path, word)):
            checker.add_key((*path, word), found=f"found `{word}`", expected="expected none beside `every`")
            return None
    if not checker.document.has((*path, "from")):
        checker.add(
            path, found="found no key `from`", expected="expected the date to count from, or a fact that is one"
        )
        return None
    if keys.every is None or keys.start is None:
        return None
    if isinstance(keys.start, date):
        return When(kind=WhenKind.EVERY, fact=None, days=keys.every, from_on=keys.start)
    if keys.start.type is not FactType.DATE:
        found = f"found {keys.start.name}, which is {keys.start.type}"
        checker.add((*path, "from"), found=found, expected="expected a fact that is a date")
        return None
    return When(kind=WhenKind.EVERY, fact=keys.start, days=keys.every)


def check_periods(keys: MilestoneKeys, *, expires: int, checker: Checker, path: Path) -> None:
    """A mistake where one period's ask may still be open when the next one comes, or where `new_after` is said too."""
    every = keys.when.every
    if every is None:
        return
    if every <= expires:
        found = f"found a period of {every} days"
        expected = f"expected more than the {expires} days after which an ask expires"
        checker.add((*path, "when", "every"), found=found, expected=expected)
    if checker.document.has((*path, "new_after")):
        expected = "expected none beside `every`, whose periods say how far asks are apart"
        checker.add_key((*path, "new_after"), found="found `new_after`", expected=expected)
