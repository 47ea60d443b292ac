"""References such as `${env:NAME}` and `${file:/path}`, resolved once at load; a secret must be one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from connector.settings.documents import Document, Path
from connector.settings.mistakes import Mistakes
from connector.settings.schema import ANY, Pattern

_REFERENCE = re.compile(r"\$\{(env|file):([^{}\s]+)\}")
_SECRET_LIMIT = 65_536  # bytes of a secret's file; a key or a certificate has less


class ReferenceProblem(ValueError):
    """A reference that cannot be resolved; never holds a value."""

    def __init__(self, found: str, *, expected: str) -> None:
        self.found, self.expected = found, expected
        super().__init__(f"{found}; {expected}")


@dataclass(slots=True)
class Resolved:
    """Data with values in place of references; `broken` are paths already reported, `secrets` are never shown."""

    data: Any = field(repr=False)
    patterns: Sequence[Pattern] = ()
    broken: set[Path] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set, repr=False)

    def may_hold_secret(self, path: Path) -> bool:
        """Whether a secret belongs at this path or somewhere below it."""
        return any(_matches(path, pattern[: len(path)]) for pattern in self.patterns)


def resolve(
    document: Document, *, secrets: Sequence[Pattern], environ: Mapping[str, str], mistakes: Mistakes
) -> Resolved:
    """The document's data with each reference replaced; problems and literal secrets become mistakes."""
    resolved = Resolved(None, patterns=secrets)

    def walk(value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return {key: walk(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [walk(item, (*path, index)) for index, item in enumerate(value)]
        is_secret = any(_matches(path, pattern) for pattern in secrets)
        try:
            found = _resolve_secret(value, environ) if is_secret else _resolve_plain(value, environ)
        except ReferenceProblem as problem:
            mistakes.add(document, path, found=problem.found, expected=problem.expected)
            resolved.broken.add(path)
            found = value
        if is_secret and found is not None:
            resolved.secrets.add(str(found))
        return found

    resolved.data = walk(document.data, ())
    return resolved


def _matches(path: Path, pattern: Pattern) -> bool:
    return len(path) == len(pattern) and all(part in (ANY, step) for part, step in zip(pattern, path, strict=True))


def _resolve_secret(value: Any, environ: Mapping[str, str]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _REFERENCE.fullmatch(value):
        raise ReferenceProblem(
            "found a literal secret", expected="expected a reference such as ${env:NAME} or ${file:/run/secrets/name}"
        )
    return _resolve_text(value, environ)


def _resolve_plain(value: Any, environ: Mapping[str, str]) -> Any:
    return _resolve_text(value, environ) if isinstance(value, str) else value


def _resolve_text(text: str, environ: Mapping[str, str]) -> str:
    if "${" in _REFERENCE.sub("", text):
        raise ReferenceProblem("found a broken reference", expected="expected ${env:NAME} or ${file:/path}")
    return _REFERENCE.sub(lambda match: _value_of(match[1], match[2], environ), text)


def _value_of(scheme: str, name: str, environ: Mapping[str, str]) -> str:
    if scheme == "file":
        return _read_file(name)
    if not environ.get(name):
        state = "empty" if name in environ else "not set"
        raise ReferenceProblem(f"found the environment variable {name} {state}", expected=_expected(name))
    return environ[name]


def _expected(name: str) -> str:
    return f"expected a value in it: set it with `export {name}=...`; environment.example, which `init` writes, has all"


def _read_file(name: str) -> str:
    path = FilePath(name)
    if not path.is_absolute():
        raise ReferenceProblem(f"found the relative path {name}", expected="expected a path from the root")
    try:
        with path.open("rb") as file:
            raw = file.read(_SECRET_LIMIT + 1)
        text = raw.decode().rstrip("\r\n")
    except OSError as error:
        raise ReferenceProblem(f"found no way to read {name}: {error.strerror}", expected="expected a file") from None
    except UnicodeDecodeError:
        raise ReferenceProblem(f"found bytes in {name} that are no UTF-8", expected="expected UTF-8") from None
    if not text or len(raw) > _SECRET_LIMIT:
        size = "nothing" if not text else "too much"
        raise ReferenceProblem(f"found {size} in {name}", expected=f"expected 1 to {_SECRET_LIMIT:,} bytes")
    return text
