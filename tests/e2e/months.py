"""A month against a sandbox in one process, with the survey pages open: what is done on a day is the caller's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from connector.bootstrap import configure, wired
from connector.cli.serve import public_pages
from connector.ports.wiring import Ports
from connector.web.serving import served_beside
from jobs.demo.months import Moment
from jobs.demo.sandbox import Sandbox

DAYS = 30
TURN_SECONDS = 300
"""More than the people of a sandbox need for a day on a loaded machine, tries at pages that are down included."""


@contextmanager
def wired_to(control: str, *, settings: Path) -> Iterator[tuple[Ports, Sandbox]]:
    """The settings on the time of the sandbox with this control page; they read this process's environment."""
    with httpx.Client(timeout=TURN_SECONDS, trust_env=False) as http:
        sandbox = Sandbox(salesforce={}, hubspot={}, smtp_host="", smtp_port=0, control_url=control, http=http)
        configuration = configure(settings, environ=os.environ)
        with wired(configuration, clock=sandbox) as ports, served_beside(public_pages(ports)):
            yield ports, sandbox


def days_of(ports: Ports, sandbox: Sandbox, *, start: datetime) -> Iterator[tuple[int, Ports]]:
    """Each day's number from the start, with the ports on its moment, once the sandbox is there.

    Days before that at which the sandbox's clock stands have been lived already; that one is lived again.
    """
    for day in range(DAYS + 1):
        moment = start + timedelta(days=day)
        if moment >= sandbox.now():
            sandbox.turn(moment)
            yield day, replace(ports, clock=Moment(moment))
