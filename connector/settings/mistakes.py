"""Collects what is wrong with the files, so that an admin sees all of it at once."""

from connector.ports.errors import ConfigError, Mistake
from connector.settings.documents import Document, Path, Place


class Mistakes:
    """All mistakes of one load, in any order; ConfigError sorts them."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def add(self, document: Document, path: Path, *, found: str, expected: str) -> None:
        """A mistake about the value at a path, or about what it should hold."""
        self.add_at(document.file, document.value_place(path), found=found, expected=expected)

    def add_key(self, document: Document, path: Path, *, found: str, expected: str) -> None:
        """A mistake about the key itself."""
        self.add_at(document.file, document.key_place(path), found=found, expected=expected)

    def add_at(self, file: str, place: Place, *, found: str, expected: str) -> None:
        """A mistake at a place in a file."""
        mistake = Mistake(file=file, line=place.line, column=place.column, found=found, expected=expected)
        if mistake not in self.found:
            self.found.append(mistake)

    def error(self) -> ConfigError:
        """Everything collected, as the error to raise."""
        return ConfigError(self.found)
