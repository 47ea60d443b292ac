"""The mistakes of an admin that lie beside this file, each a folder that overlays `config/examples/kea`.

`expected.txt` was written before the validator was read: who finds it, where an editor's cursor should stand, and words
that must be told. `git diff --no-index config/examples/kea tests/mistakes/NAME` shows the mistake itself.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
KEA = FOLDER.parents[1] / "config" / "examples" / "kea"
_EXPECTED = re.compile(r"(?P<file>\S+):(?P<line>\d+):(?P<column>\d+) (?P<severity>error|warning): *(?P<words>.*)")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a mistake stands, from 1, and how bad it is."""

    file: str
    line: int
    column: int
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """One folder: `found_by` is load, rules (arithmetic over the rules) or connection (what the CRM really has)."""

    name: str
    found_by: str
    words: dict[Place, list[str]]
    never_told: list[str]

    @property
    def places(self) -> set[Place]:
        """Where something must be found."""
        return set(self.words)

    @property
    def errors(self) -> set[Place]:
        """Those that nothing may run with."""
        return {place for place in self.words if place.severity == "error"}

    def lay_over(self, folder: Path) -> None:
        """Put the changed files into a copy of the example."""
        shutil.copytree(FOLDER / self.name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))


def read_seeds() -> list[Seed]:
    """All seeds in the order of their numbers."""
    return [_read(path.parent) for path in sorted(FOLDER.glob("*/expected.txt"))]


def _read(folder: Path) -> Seed:
    lines = [line for line in (folder / "expected.txt").read_text().splitlines() if not line.startswith("#")]
    told = dict(line.split(": ", 1) for line in lines if line.startswith(("found by: ", "never told: ")))
    matches = [match for line in lines if (match := _EXPECTED.fullmatch(line))]
    assert len(matches) + len(told) == len(lines), (folder.name, lines)
    return Seed(
        name=folder.name,
        found_by=told["found by"],
        words={
            Place(each["file"], int(each["line"]), int(each["column"]), each["severity"]): _listed(each["words"])
            for each in matches
        },
        never_told=_listed(told.get("never told", "")),
    )


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(", ") if word.strip()]
