"""`closedloop serve`: the scheduler, the public pages and the console in one process."""

import logging
import signal
import socket
import sys
from functools import partial
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from connector.cli.logs import log_to_stderr
from connector.cli.opening import HERE, Folder, opened
from connector.ports.errors import ConnectorError
from connector.ports.wiring import Ports
from jobs.stages import after_response, loop_of

Lines = Annotated[bool, typer.Option("--json", help="Log one JSON object a line, for programs.")]


def serve(config: Folder = HERE, as_json: Lines = False) -> None:
    """Run every stage on its schedule and serve the survey pages and the console, until Ctrl-C or SIGTERM."""
    from connector.web.serving import served_beside  # the web stack takes 0.6 s to import
    from jobs.serve import serve as run

    signal.signal(signal.SIGTERM, _end)
    log_to_stderr(least=logging.INFO, as_json=as_json)
    with opened(config) as ports, listening(*ports.listen) as door, listening(*ports.console) as side_door:
        server = public_pages(ports)
        with served_beside(console_pages(ports, is_served=True), sockets=[side_door]):
            run(ports, run_public=partial(server.run, sockets=[door]))


def public_pages(ports: Ports) -> uvicorn.Server:
    """The server of the survey and unsubscribe pages, not running yet."""
    from connector.web.public import PublicSite, public_app
    from connector.web.serving import public_server

    site = PublicSite(
        storage=ports.storage,
        clock=ports.clock,
        organisation=ports.policy.organisation,
        public_url=ports.public_url,
        wakes=after_response(ports),
    )
    host, port = ports.listen
    return public_server(public_app(site), host=host, port=port)


def console_pages(ports: Ports, *, is_served: bool) -> uvicorn.Server:
    """The server of the console, not running yet; `is_served` where its jobs are served beside it."""
    from connector.web.console import console_app
    from connector.web.serving import public_server

    host, port = ports.console
    return public_server(console_app(ports, loop=loop_of(ports, is_served=is_served)), host=host, port=port)


def listening(host: str, port: int) -> socket.socket:
    """A socket that is bound to host and port. Raises ConnectorError where that cannot be.

    Left to itself uvicorn would exit with 3, which says that a CRM cannot be reached.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, else asyncio leaves Nagle's delay on and each answer waits for the caller's ACK.
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        reason = f"{host}:{port} cannot be listened on: {error.strerror or error}"
        raise ConnectorError(f"{reason}. Give `listen` in closedloop.yaml another port.") from None
    return door


def _end(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends as cleanly as Ctrl-C; uvicorn passes the signal on after its own shutdown."""
    sys.exit(0)
