"""The parts of the READMEs that are drawn from the code, each between two marks: `make docs` writes them.

A block begins with `<!-- drawn: NAME -->` and ends with `<!-- drawn -->`; a test compares it with what the code says.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.documents.commands import commands_table
from tests.documents.crms import capability_table, facts_tables, write_back_table
from tests.documents.failures import verdict_table
from tests.documents.work import jobs_table

ROOT = Path(__file__).parents[2]
DRAWN: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "adapters/README.md": {"capabilities": capability_table, "verdicts": verdict_table},
    "config/README.md": {"facts": facts_tables, "write_back": write_back_table},
    "jobs/README.md": {"jobs": jobs_table, "commands": commands_table},
}


def redrawn(file: str, text: str) -> str:
    """The text of a file with each of its blocks as the code says. Raises ValueError where a block has no place."""
    for name, draw in DRAWN[file].items():
        before, begin, rest = text.partition(f"<!-- drawn: {name} -->\n")
        _, end, after = rest.partition("<!-- drawn -->")
        if not end:
            raise ValueError(f"{file} needs a block `{name}`")
        text = f"{before}{begin}\n{draw()}\n\n{end}{after}"
    return text


def write() -> None:
    """Bring every block into step."""
    for file in DRAWN:
        path = ROOT / file
        path.write_text(redrawn(file, path.read_text(encoding="utf-8")), encoding="utf-8")
