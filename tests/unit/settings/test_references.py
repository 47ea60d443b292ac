"""References that are files, and what is said when they cannot be read."""

from pathlib import Path

import pytest

from connector.settings.mistakes import Mistakes
from connector.settings.references import Resolved, resolve
from connector.settings.yaml_reading import read_yaml


def resolved(text: str, *, environ: dict[str, str] | None = None) -> tuple[Resolved, list[str]]:
    mistakes = Mistakes()
    document = read_yaml("x.yaml", text=text, mistakes=mistakes)
    assert document is not None
    found = resolve(document, secrets=[("keys", "*")], environ=environ or {}, mistakes=mistakes)
    return found, [str(mistake) for mistake in mistakes.found]


def test_a_file_gives_its_text_without_the_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"  a key\r\n\n")
    found, mistakes = resolved(f"keys: ['${{file:{tmp_path}/key}}']\n")
    assert (found.data, mistakes) == ({"keys": ["  a key"]}, [])


def test_references_may_stand_inside_a_text_that_is_no_secret() -> None:
    found, mistakes = resolved("url: 'https://${env:A}.${env:B}/'\n", environ={"A": "kea", "B": "example"})
    assert (found.data, mistakes) == ({"url": "https://kea.example/"}, [])


def test_a_value_is_never_resolved_twice() -> None:
    found, _ = resolved("url: '${env:A}'\n", environ={"A": "${env:B}", "B": "x"})
    assert found.data == {"url": "${env:B}"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "found no way to read {file}: No such file or directory; expected a file"),
        (b"\n", "found nothing in {file}; expected 1 to 65,536 bytes"),
        (b"x" * 65_537, "found too much in {file}; expected 1 to 65,536 bytes"),
        (b"\xff", "found bytes in {file} that are no UTF-8; expected UTF-8"),
    ],
)
def test_a_file_that_holds_no_secret_is_a_mistake(content: bytes | None, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    _, mistakes = resolved(f"keys: ['${{file:{file}}}']\n")
    assert mistakes == [f"x.yaml:1:8: {complaint.format(file=file)}"]


def test_secrets_show_in_no_repr(tmp_path: Path) -> None:
    found, _ = resolved("keys: ['${env:KEY}']\n", environ={"KEY": "hunter2"})
    assert found.secrets == {"hunter2"}
    assert "hunter2" not in repr(found)
