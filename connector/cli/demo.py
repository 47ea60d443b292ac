"""`closedloop demo`: simulated months against the sandbox, on the settings of `config/examples/kea`."""

import json
import logging
import os
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from connector.bootstrap import configure, wired
from connector.cli.examples import examples
from connector.cli.failures import FAILURE
from connector.cli.logs import log_to_stderr
from connector.cli.opening import AsJson, print_json
from connector.cli.serve import console_pages, public_pages
from connector.ports.errors import ConnectorError
from connector.ports.wiring import Ports
from connector.usecases.list_accounts import list_accounts
from connector.web.serving import served_beside
from jobs.demo.months import DAYS_A_MONTH, live
from jobs.demo.sandbox import Sandbox, running_sandbox
from jobs.demo.show import DayLine, show_account, show_summary
from jobs.demo.stories import Story, Views, show_stories, show_where_to_look, stories_of, to_look_at
from jobs.demo.summary import mismatch, summarise

FOLDER = Path("var/demo")
LOOPBACK = "127.0.0.1"
OURS = ".closedloop-demo"
"""Marks a folder as the demo's own: only such a one, or an empty one, is emptied at the start."""

Months = Annotated[int, typer.Option(min=1, max=24, help="How many simulated months to live.")]
Serve = Annotated[
    bool,
    typer.Option("--serve/--no-serve", help="Leave everything open at the end, until Ctrl-C; figures come before."),
]
Where = Annotated[Path, typer.Option(help="The demo's own folder.", file_okay=False)]
Seed = Annotated[int, typer.Option(help="The same seed gives the same world.")]


def demo(
    months: Months = 6, serve: Serve = True, folder: Where = FOLDER, seed: Seed = 1, as_json: AsJson = False
) -> None:
    """Live through simulated months of relationships in an invented CRM and show what its records show then."""
    log_to_stderr(least=logging.WARNING)
    console = Console(stderr=as_json)
    started = time.monotonic()
    _empty(folder)
    with running_sandbox(seed=seed) as sandbox, _wired_to(sandbox, folder) as ports, served_beside(public_pages(ports)):
        span = "1 month" if months == 1 else f"{months} months"
        console.print(f"An invented company's CRM, {span} from {sandbox.now():%d %B %Y}; nothing in it is real.")
        with DayLine(console, days=round(months * DAYS_A_MONTH)) as line:
            lived = live(ports, sandbox, months=months, after_day=line.after_day)
        summary = summarise(ports, sandbox, lived) | {"seconds": round(time.monotonic() - started, 1)}
        (folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
        if as_json:
            print_json(summary)
        else:
            _show(console, sandbox, summary, folder)
        _end(console, sandbox, ports, serve=serve)
    if (wrong := mismatch(summary)) is not None:
        typer.echo(wrong, err=True)
        raise typer.Exit(FAILURE)


def _show(console: Console, sandbox: Sandbox, summary: dict[str, Any], folder: Path) -> None:
    show_summary(console, summary)
    stories = stories_of(sandbox)
    show_stories(console, stories)
    if (story := to_look_at(stories)) is not None:
        show_account(console, sandbox, story)
    console.print(f"Lived in {summary['seconds']} s. All figures: [bold]{folder / 'summary.json'}[/]")


def _end(console: Console, sandbox: Sandbox, ports: Ports, *, serve: bool) -> None:
    """Say what to look at; where everything stays open, wait for Ctrl-C."""
    if (story := to_look_at(stories_of(sandbox))) is not None:
        show_where_to_look(console, story, _views(ports, story), is_open=serve)
    if serve:
        with served_beside(console_pages(ports, is_served=False)):
            records = f"{sandbox.control_url}/records"
            console.print(f"\nAll accounts with a story: {records}", highlight=False, soft_wrap=True)
            console.print("Ctrl-C ends everything.")
            threading.Event().wait()


def _views(ports: Ports, story: Story) -> Views:
    """Where the console shows the story's account and the next weeks."""
    found = list_accounts(
        storage=ports.storage,
        policy=ports.policy,
        clock=ports.clock,
        text=story.account,
        relationship="",
        order="",
        page=1,
    ).found.lines
    host, port = ports.console
    url = f"http://{host}:{port}"
    account = f"/accounts/{found[0].id}" if found else "/accounts"
    return Views(account_url=url + account, plan_url=f"{url}/plan")


def _empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / OURS).exists():
        raise ConnectorError(f"{folder} is not empty and not the demo's own: name another --folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / OURS).touch()


@contextmanager
def _wired_to(sandbox: Sandbox, folder: Path) -> Iterator[Ports]:
    """The example settings in live mode, pointed at the sandbox, on the sandbox's time."""
    settings = folder / "config"
    shutil.copytree(examples() / "kea", settings)
    house = settings / "closedloop.yaml"
    house.write_text(house.read_text().replace("mode: shadow", "mode: live"))
    environment = _environment(sandbox, folder)
    (folder / "environment").write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
    with wired(configure(settings, environ=os.environ | environment), clock=sandbox) as ports:
        yield replace(ports, console=(LOOPBACK, _free_port()))


def _environment(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    listen = f"{LOOPBACK}:{_free_port()}"
    return {
        "CLOSEDLOOP_PUBLIC_URL": f"http://{listen}",
        "CLOSEDLOOP_LISTEN": listen,
        "CLOSEDLOOP_DATA": str(folder.resolve() / "data"),
        "CLOSEDLOOP_KEY": secrets.token_urlsafe(32),
        "SMTP_RELAY": f"{sandbox.smtp_host}:{sandbox.smtp_port}",
        "SMTP_TLS": "none",
        "SALESFORCE_ORG_ID": sandbox.get("records/Organization", limit="1")[0]["Id"],
        "SALESFORCE_URL": sandbox.salesforce["url"],
        "SALESFORCE_CLIENT_ID": sandbox.salesforce["client_id"],
        "SALESFORCE_CLIENT_SECRET": sandbox.salesforce["client_secret"],
        "HUBSPOT_URL": sandbox.hubspot["url"],
        "HUBSPOT_ACCESS_TOKEN": sandbox.hubspot["access_token"],
        "HUBSPOT_ORG_ID": sandbox.hubspot["portal_id"],
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
