"""Starts the sandbox as its own process and tells on standard output where it listens: in JSON, to people in words."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from adapters.sandbox.environment import write_environment
from adapters.sandbox.house import House, build
from adapters.sandbox.hubspot.account import access_token
from adapters.sandbox.hubspot.numbers import portal_id
from adapters.sandbox.ready import for_people, for_programs
from adapters.sandbox.salesforce.auth import credentials
from adapters.sandbox.salesforce.versions import NEWEST
from adapters.sandbox.servers import HOST, listening, serve
from adapters.sandbox.world.generate import parse_start
from adapters.sandbox.world.population import Plan

NOW = "now"


def main(argv: list[str] | None = None) -> int:
    """Run until a signal; returns 0 after a clean end, 2 for arguments that do not fit."""
    options = _parser().parse_args(argv)
    with ExitStack() as stack:
        try:
            plan = Plan(
                options.seed,
                accounts=options.accounts,
                contacts=options.contacts,
                start=_present() if options.start == NOW else parse_start(options.start),
                hub_companies=options.hubspot_companies,
                hub_contacts=options.hubspot_contacts,
                stories=options.stories,
            )
            sock = stack.enter_context(listening(options.port))
            house = build(_directory(options.state, stack), plan, patience=options.patience)
        except (ValueError, OSError) as error:
            print(f"sandbox: {error}", file=sys.stderr)
            return 2
        stack.callback(house.close)
        in_words = sys.stdout.isatty() and not options.json
        ready = partial(_announce, house, environment=options.environment, in_words=in_words)
        asyncio.run(serve(house, sock, ready=ready, with_parent=options.with_parent))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m adapters.sandbox",
        description="A small living world for demos and tests. Everything in it is invented; it uses loopback only.",
    )
    parser.add_argument("--port", type=int, default=0, help="HTTP port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=1, help="the same seed always gives the same world")
    parser.add_argument("--accounts", type=int, default=80)
    parser.add_argument("--contacts", type=int, default=600)
    parser.add_argument("--hubspot-companies", type=int, default=60)
    parser.add_argument("--hubspot-contacts", type=int, default=400)
    parser.add_argument("--stories", action="store_true", help="add five accounts with a story, told on their records")
    parser.add_argument(
        "--start", default="2026-01-05T06:00:00Z", help="where the sandbox's clock begins; `now` is this moment"
    )
    variables = "file to write the variables to by which a folder of `closedloop init` reaches the sandbox"
    parser.add_argument("--environment", type=Path, help=variables)
    parser.add_argument("--state", type=Path, help="directory to keep the world in; without it, a temporary one")
    patience = "seconds (real time) for which people try again while a survey page is down"
    parser.add_argument("--patience", type=float, default=0.0, help=patience)
    parser.add_argument("--json", action="store_true", help="say where it listens in JSON, on a terminal too")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started it ends")
    return parser


def _directory(wanted: Path | None, stack: ExitStack) -> Path:
    if wanted is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-")))
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted


def _present() -> datetime:
    return datetime.fromtimestamp(int(time.time()), tz=UTC)


def _announce(house: House, http_port: int, smtp_port: int, *, environment: Path | None, in_words: bool) -> None:
    """Say that it is ready, after writing the variables where they are wanted; called once both ports listen."""
    known, url = credentials(house.plan), f"http://{HOST}:{http_port}"
    salesforce = {
        "url": url,
        "client_id": known.client_id,
        "client_secret": known.client_secret,
        "access_token": known.access_token,
        "api_version": f"{NEWEST}.0",
    }
    told = {
        "salesforce": salesforce,
        "hubspot": {"url": url, "access_token": access_token(house.plan), "portal_id": str(portal_id(house.plan))},
        "smtp": {"host": HOST, "port": smtp_port},
        "control": f"{url}/_sandbox",
    }
    if environment is not None:
        write_environment(environment, told, org_id=house.plan.id("Organization", 0))
    said = for_people(told, now=house.clock.now(), environment=environment) if in_words else for_programs(told)
    print(said, flush=True)


if __name__ == "__main__":
    sys.exit(main())
