"""Folders with mistakes: each lies over the good one, and beside it stands every line that must be reported."""

import shutil
from pathlib import Path

import pytest

from connector.ports.crm import CrmSpec
from connector.ports.errors import ConfigError
from connector.settings.loading import load

BAD = Path(__file__).parent / "bad"


@pytest.mark.parametrize("case", sorted(path.name for path in BAD.iterdir()))
def test_a_bad_folder_reports_all_its_mistakes_at_once_with_their_places(
    case: str, good: Path, specs: dict[str, CrmSpec], environ: dict[str, str], tmp_path: Path
) -> None:
    shutil.copytree(good, tmp_path / "kea")
    shutil.copytree(BAD / case, tmp_path / "kea", dirs_exist_ok=True)
    (tmp_path / "kea" / "expected.txt").unlink()
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "kea", specs=specs, environ=environ)
    assert str(caught.value).splitlines() == (BAD / case / "expected.txt").read_text().splitlines()


def test_no_case_shows_a_secret() -> None:
    texts = [path.read_text() for path in BAD.glob("*/expected.txt")]
    assert [text for text in texts if "hunter" in text or "pst" in text] == []
