"""The moments of milestones as a configuration's texts have them, also of one that is not in force any more."""

from collections.abc import Mapping
from typing import Any

from connector.settings.folder import PROGRAMS
from connector.settings.mistakes import Mistakes
from connector.settings.yaml_reading import read_yaml

Moments = Mapping[tuple[str, str], Any]
"""What stands under `when`, by the ids of program and milestone."""


def written_moments(texts: Mapping[str, str]) -> Moments:
    """The moment of each milestone; what an older version wrote otherwise is passed over."""
    mistakes = Mistakes()
    read = [read_yaml(name, text=text, mistakes=mistakes) for name, text in texts.items() if name.startswith(PROGRAMS)]
    found: dict[tuple[str, str], Any] = {}
    for document in (each for each in read if each is not None):
        milestones = document.at(("milestones",))
        for index in range(len(milestones) if isinstance(milestones, list) else 0):
            milestone = str(document.at(("milestones", index, "id")))
            found[str(document.at(("id",))), milestone] = document.at(("milestones", index, "when"))
    return found
