"""Misspelt keys at the top of a file: told once, and read as what is suggested, so that they hide no other mistake."""

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from connector.settings.documents import Document, Path
from connector.settings.folder import HOUSE, PROGRAMS, RELATIONSHIPS
from connector.settings.house_keys import HouseKeys
from connector.settings.mistakes import Mistakes
from connector.settings.program_keys import ProgramKeys, RelationshipsKeys
from connector.settings.schema import keys_at
from connector.settings.survey_keys import SurveyKeys


def keys_of(file: str) -> type[BaseModel]:
    """The keys of a file by its name in the folder."""
    by_name: dict[str, type[BaseModel]] = {HOUSE: HouseKeys, RELATIONSHIPS: RelationshipsKeys}
    return by_name.get(file, ProgramKeys if file.startswith(f"{PROGRAMS}/") else SurveyKeys)


def respelt(document: Document | None, model: type[BaseModel], *, mistakes: Mistakes) -> Document | None:
    """The document with each misspelt key under its right name, where that one is missing; places stay the file's."""
    if document is None:
        return None
    keys = keys_at(model, ())
    for key in [each for each in document.data if each not in keys]:
        near = get_close_matches(key, [each for each in keys if each not in document.data], n=1)
        if near:
            found, expected = f"found the unknown key `{key}`", f"did you mean `{near[0]}`?"
            mistakes.add_key(document, (key,), found=found, expected=expected)
            document = _renamed(document, key, near[0])
    return document


def _renamed(document: Document, old: str, new: str) -> Document:
    def moved(path: Path) -> Path:
        return (new, *path[1:]) if path[:1] == (old,) else path

    data: dict[str, Any] = {new if key == old else key: value for key, value in document.data.items()}
    keys = {moved(path): index for path, index in document.keys.items()}
    return replace(document, data=data, keys=keys, values={moved(path): span for path, span in document.values.items()})
