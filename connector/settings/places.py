"""Where the parts of a loaded configuration stand in its files, found by reading its texts again."""

from collections.abc import Mapping

from connector.domain.findings import Spot
from connector.settings.documents import Document, Place
from connector.settings.folder import HOUSE, PROGRAMS, RELATIONSHIPS
from connector.settings.mistakes import Mistakes
from connector.settings.yaml_reading import read_yaml


class Places:
    """The places of a configuration's parts; `texts` are its files as they were read, which had no mistakes."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        mistakes = Mistakes()
        read = (read_yaml(name, text=text, mistakes=mistakes) for name, text in texts.items())
        self._documents = {document.file: document for document in read if document is not None}

    def of(self, spot: Spot) -> tuple[str, Place]:
        """The file, and the line and column in it; the nearest part above where a file does not go so deep."""
        document = self._documents[self._file(spot)]
        if spot.is_key:
            return document.file, _key_place(document, spot)
        if spot.offset is not None:
            return document.file, document.text_place(spot.path, spot.offset)
        return document.file, document.value_place(spot.path)

    def _file(self, spot: Spot) -> str:
        if spot.program is None:
            return RELATIONSHIPS if spot.path[:1] == ("relationships",) else HOUSE
        ours = (each for each in self._documents.values() if each.file.startswith(f"{PROGRAMS}/"))
        return next(each.file for each in ours if each.at(("id",)) == spot.program)


def _key_place(document: Document, spot: Spot) -> Place:
    path = spot.path
    while path and not document.has(path):
        path = path[:-1]
    return document.key_place(path)
