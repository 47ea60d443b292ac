"""`closedloop serve`: the scheduler and the public pages in one process."""

import logging
import signal
import sys
from types import FrameType

import uvicorn

from connector.cli.opening import HERE, Folder, log_to_stderr, opened
from connector.ports.wiring import Ports


def serve(config: Folder = HERE) -> None:
    """Run every stage on its schedule and serve the survey pages, until Ctrl-C or SIGTERM."""
    from jobs.serve import serve as run  # the web stack takes 0.6 s to import

    signal.signal(signal.SIGTERM, _end)
    log_to_stderr(least=logging.INFO)
    with opened(config) as ports:
        server = public_pages(ports)
        run(ports, run_public=server.run)


def public_pages(ports: Ports) -> uvicorn.Server:
    """The server of the survey and unsubscribe pages, not running yet."""
    from connector.web.public import PublicSite, public_app
    from connector.web.serving import public_server

    site = PublicSite(
        storage=ports.storage,
        clock=ports.clock,
        organisation=ports.policy.organisation,
        public_url=ports.public_url,
    )
    host, port = ports.listen
    return public_server(public_app(site), host=host, port=port)


def _end(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends as cleanly as Ctrl-C; uvicorn passes the signal on after its own shutdown."""
    sys.exit(0)
