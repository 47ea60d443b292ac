"""The spec is cheap, and the README says what the code does."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.salesforce.mapping import SOURCES, write_field_name
from adapters.salesforce.settings import ClientCredentials, SalesforceSettings
from adapters.salesforce.spec import SPEC
from connector.domain.write_back import WRITE_FIELDS

README = (Path(__file__).parents[3] / "adapters" / "salesforce" / "README.md").read_text()


def test_importing_the_spec_loads_neither_the_vendors_library_nor_http() -> None:
    code = "import sys, adapters.salesforce.spec; print({'simple_salesforce', 'requests'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("word", sorted(SOURCES))
def test_the_readme_maps_every_word(word: str) -> None:
    assert f"| `{word}` | `{SOURCES[word]}`" in README


def test_the_readme_names_our_fields_and_every_key() -> None:
    fields = [write_field_name(own.word) for own in WRITE_FIELDS]
    keys = [*SalesforceSettings.model_fields, *ClientCredentials.model_fields, "access_token"]
    assert [name for name in (*fields, *keys) if name not in README] == []


def test_every_default_source_of_the_spec_stands_on_the_object_of_its_kind() -> None:
    objects = {str(kind): name for kind, name in SPEC.objects.items()}
    wrong = [word for word, source in SPEC.sources.items() if objects[word.split(".")[0]] != source.split(".")[0]]
    assert wrong == []
