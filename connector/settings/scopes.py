"""Which records a condition may read at its place."""

from collections.abc import Set

from connector.domain.condition import Condition
from connector.domain.records import Fact, RecordKind
from connector.settings.checking import Checker
from connector.settings.documents import Path


def check_scope(condition: Condition | None, *, checker: Checker, path: Path, kinds: Set[RecordKind], why: str) -> None:
    """A mistake at each leaf that reads another kind of record; words that are no facts stand where they may."""
    for leaf in condition.leaves() if condition is not None else ():
        if isinstance(leaf.fact, Fact) and leaf.fact.kind not in kinds:
            found = f"found the {leaf.fact.kind}'s fact {leaf.fact.name}"
            checker.add_in_text(path, offset=leaf.span.start, found=found, expected=f"expected another: {why}")
