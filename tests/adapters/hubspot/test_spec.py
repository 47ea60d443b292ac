"""The spec is cheap, and the README says what the code does."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.hubspot.mapping import SOURCES, write_property
from adapters.hubspot.paths import OPERATIONS, VERSION
from adapters.hubspot.settings import AccessToken, HubspotSettings
from adapters.hubspot.spec import SPEC
from connector.domain.write_back import WRITE_FIELDS

README = (Path(__file__).parents[3] / "adapters" / "hubspot" / "README.md").read_text()


def test_importing_the_spec_loads_neither_the_vendors_library_nor_http() -> None:
    code = "import sys, adapters.hubspot.spec; print({'hubspot', 'urllib3', 'requests'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("word", sorted(SOURCES))
def test_the_readme_maps_every_word(word: str) -> None:
    assert f"| `{word}` | `{SOURCES[word]}`" in README


def test_the_readme_names_our_properties_every_key_and_every_path_with_its_end() -> None:
    named = [write_property(own.word) for own in WRITE_FIELDS]
    named += [*HubspotSettings.model_fields, *AccessToken.model_fields]
    named += [f"| `{one.method} {one.path}` | {one.ends_on}" for one in OPERATIONS]
    assert [name for name in named if name not in README] == []


def test_every_path_but_the_accounts_is_a_dated_one() -> None:
    assert [one.path for one in OPERATIONS if VERSION not in one.path] == ["/account-info/v3/details"]


def test_every_default_source_of_the_spec_stands_on_the_object_of_its_kind() -> None:
    objects = {str(kind): name for kind, name in SPEC.objects.items()}
    wrong = [word for word, source in SPEC.sources.items() if objects[word.split(".")[0]] != source.split(".")[0]]
    assert wrong == []
