"""The console is for this machine: it has no sign-in."""

import pytest
from pydantic import ValidationError

from connector.settings.configuration import Endpoint
from connector.settings.house_keys import ListenKeys

REFUSED = "expected a host such as 127.0.0.1: the console has no sign-in, so it is for this machine only"


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


def test_the_console_is_never_where_the_public_pages_are() -> None:
    with pytest.raises(ValidationError, match="expected another port than `public` has"):
        ListenKeys.model_validate({"public": "127.0.0.1:8090", "console": "127.0.0.1:8090"})
