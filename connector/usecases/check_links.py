"""Where the links in mails lead: people who are asked sit at other machines."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from connector.domain.findings import Finding, Severity, Spot
from connector.domain.hosts import is_loopback
from connector.domain.programs import Mode


def link_findings(public_url: str, *, mode: Mode) -> Iterator[Finding]:
    """A warning where mail may leave and its links would lead to the reader's own machine: all are dead there."""
    if mode is not Mode.SHADOW and is_loopback(urlsplit(public_url).hostname or ""):
        message = (
            f"found {public_url}, which only this machine can open, and in {mode} mode it stands in mails to others;"
            " expected the address by which those who are asked reach the survey pages, such as"
            " https://feedback.kea.example"
        )
        yield Finding(severity=Severity.WARNING, message=message, spot=Spot(path=("public_url",)))
