"""Surveys of several scales are fine as long as no account shows one number of them all."""

import shutil
from pathlib import Path

import pytest

from connector.domain.records import RecordKind
from connector.settings.loading import load

SCALES = Path(__file__).parent / "bad" / "scales"


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (("voices",), ("same.yaml", "wide.yaml")),
        (("score", "voices"), ("same.yaml",)),
    ],
    ids=["two scales and no joint score", "a joint score, and another scale among transactions only"],
)
def test_a_folder_is_good(words, files, good, specs, environ, tmp_path):
    shutil.copytree(good, tmp_path / "kea")
    for name in files:
        shutil.copy(SCALES / "surveys" / name, tmp_path / "kea" / "surveys" / name)
    house = tmp_path / "kea" / "closedloop.yaml"
    house.write_text(house.read_text().replace("write_back:\n", f"write_back:\n  account: [{', '.join(words)}]\n"))
    assert load(tmp_path / "kea", specs=specs, environ=environ).write_back[RecordKind.ACCOUNT] == words
