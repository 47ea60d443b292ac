"""Hosts, ports and public addresses."""

import pytest

from connector.domain.hosts import is_loopback
from connector.settings.configuration import Endpoint
from connector.settings.network import read_endpoint, read_public_url


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("smtp.kea.example:587", Endpoint("smtp.kea.example", 587)),
        ("127.0.0.1:25", Endpoint("127.0.0.1", 25)),
        ("[::1]:2525", Endpoint("::1", 2525)),
    ],
)
def test_an_endpoint_is_read_and_written_alike(text: str, endpoint: Endpoint) -> None:
    assert (read_endpoint(text), str(endpoint)) == (endpoint, text)


@pytest.mark.parametrize("text", ["smtp.kea.example", "a:0", "a:65536", "::1:25", "a b:25", "user@a:25", "", 25])
def test_anything_else_is_no_endpoint(text: object) -> None:
    with pytest.raises(ValueError, match="expected host:port"):
        read_endpoint(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://feedback.kea.example/", "https://feedback.kea.example"),
        ("https://kea.example/feedback", "https://kea.example/feedback"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_a_public_address_is_https_or_this_machine(text: str, url: str) -> None:
    assert read_public_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "http://kea.example",
        "http://127.0.0.1.kea.example",
        "ftp://localhost",
        "https://user:pw@kea.example",
        "https://kea.example?x=1",
        "https://kea.example#x",
        "https://",
        "https://kea.example:99999",
        "https://[kea",
        "kea.example",
        "https://kea example",
        5,
    ],
)
def test_anything_else_is_no_public_address(text: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_public_url(text)


def test_loopback_is_judged_by_the_name_alone() -> None:
    hosts = ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST", "10.0.0.1", "kea.example", "::"]
    assert [is_loopback(host) for host in hosts] == [True, True, True, True, True, False, False, False]
