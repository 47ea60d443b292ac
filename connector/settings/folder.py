"""The files of a settings folder as text, by their names relative to it."""

from difflib import get_close_matches
from pathlib import Path

from connector.settings.documents import Place
from connector.settings.mistakes import Mistakes

HOUSE, RELATIONSHIPS, PROGRAMS, SURVEYS = "closedloop.yaml", "relationships.yaml", "programs", "surveys"
SIZE_LIMIT = 1_000_000
"""Bytes of one file (our choice): ten thousand lines, and a second of ruamel's time."""

_TOP = Place(1, 1)


def read_folder(folder: Path, *, mistakes: Mistakes) -> dict[str, str]:
    """The text of each file that is ours, sorted by name; files that look like ours by mistake are mistakes."""
    texts: dict[str, str] = {}
    for name in (HOUSE, RELATIONSHIPS):
        if not (folder / name).is_file():
            mistakes.add_at(name, _TOP, found="found no such file", expected=_expected(folder))
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if not _is_ours(name, mistakes=mistakes):
            continue
        text = _read(path, name=name, mistakes=mistakes)
        if text is not None:
            texts[name] = text
    return texts


def _expected(folder: Path) -> str:
    """Where the file should be; a folder that nobody named is the one that the command runs in."""
    if folder == Path():
        return "expected it in this folder: name another one by --config, or in CLOSEDLOOP_CONFIG"
    return f"expected it in the folder {folder}"


def _files(folder: Path) -> list[Path]:
    found = [path for place in (folder, folder / PROGRAMS, folder / SURVEYS) for path in place.glob("*.y*ml")]
    return sorted(path for path in found if path.is_file())


def _is_ours(name: str, *, mistakes: Mistakes) -> bool:
    if not name.endswith(".yaml"):
        mistakes.add_at(name, _TOP, found="found another ending", expected="expected a name that ends in .yaml")
        return False
    if "/" in name or name in (HOUSE, RELATIONSHIPS):
        return True
    near = get_close_matches(name, (HOUSE, RELATIONSHIPS), n=1)
    expected = f"did you mean {near[0]}?" if near else f"expected {HOUSE}, {RELATIONSHIPS}, {PROGRAMS}/ and {SURVEYS}/"
    mistakes.add_at(name, _TOP, found="found a file that is not read", expected=expected)
    return False


def _read(path: Path, *, name: str, mistakes: Mistakes) -> str | None:
    try:
        if path.stat().st_size > SIZE_LIMIT:
            found = f"found a file of {path.stat().st_size:,} bytes"
            mistakes.add_at(name, _TOP, found=found, expected=f"expected at most {SIZE_LIMIT:,}")
            return None
        raw = path.read_bytes()
    except OSError as error:
        mistakes.add_at(name, _TOP, found=f"found no way to read it: {error.strerror}", expected="expected read access")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = len(raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        mistakes.add_at(name, Place(line, column), found="found bytes that are no UTF-8", expected="expected UTF-8")
        return None
