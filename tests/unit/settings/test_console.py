"""The console is for this machine: it has no sign-in."""

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from connector.ports.crm import CrmSpec
from connector.ports.errors import ConfigError
from connector.settings.configuration import Endpoint
from connector.settings.house_keys import ListenKeys
from connector.settings.loading import load

REFUSED = "expected a host such as 127.0.0.1: the console has no sign-in, so it is for this machine"


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({}, Endpoint("127.0.0.1", 8081)),
        ({"console": "localhost:9000"}, Endpoint("localhost", 9000)),
        ({"console": "[::1]:9000"}, Endpoint("::1", 9000)),
    ],
)
def test_the_console_is_on_loopback_by_default_and_elsewhere_there(said: dict[str, str], place: Endpoint) -> None:
    assert ListenKeys.model_validate(said).console == place


@pytest.mark.parametrize("host", ["10.0.0.1", "kea.example", "[::]", "192.168.1.5"])
def test_the_console_is_refused_anywhere_else_with_the_reason(host: str) -> None:
    with pytest.raises(ValidationError, match=REFUSED):
        ListenKeys.model_validate({"console": f"{host}:8081"})


@pytest.mark.parametrize(
    "said",
    [
        {"public": "127.0.0.1:8090", "console": "127.0.0.1:8090"},
        {"public": "127.0.0.1:8081"},
        {"public": "0.0.0.0:8081"},
        {"public": "[::]:9000", "console": "127.0.0.1:9000"},
    ],
    ids=["said", "by default", "everywhere", "everywhere, said"],
)
def test_the_console_is_never_where_the_public_pages_are(said: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"expected `console` at another port than \d+, which `public` has"):
        ListenKeys.model_validate(said)


def test_a_public_port_that_the_console_has_by_default_is_told_at_its_line(
    good: Path, specs: dict[str, CrmSpec], environ: dict[str, str], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(good, tmp_path / "kea"))
    house = folder / "closedloop.yaml"
    lines = house.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("listen:"))
    lines[place] = 'listen: {public: "127.0.0.1:8081"}'
    house.write_text("\n".join(lines) + "\n")
    with pytest.raises(ConfigError) as caught:
        load(folder, specs=specs, environ=environ)
    (told,) = caught.value.mistakes
    assert str(told) == (
        f"closedloop.yaml:{place + 1}:9: found a mapping; expected `console` at another port than 8081, which `public`"
        " has: it is for this machine"
    )
