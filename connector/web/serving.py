"""Serves an app by uvicorn, whose own access log is off: it would hold every link."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp


def public_server(app: ASGIApp, *, host: str, port: int) -> uvicorn.Server:
    """A server that is ready to `run()`; set `should_exit` to end it. Forwarded headers are not believed."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            access_log=False,
            log_config=None,  # its lines go where the command has its own go
            log_level="warning",
            server_header=False,
            date_header=True,
            proxy_headers=False,
            lifespan="off",
            timeout_keep_alive=5,
            limit_concurrency=200,  # five times the worker threads that serve pages: more would only wait
        )
    )


@contextmanager
def served_beside(server: uvicorn.Server, *, sockets: Sequence[socket.socket] | None = None) -> Iterator[None]:
    """Run a server in a thread of this process while the block runs; it answers before the block begins.

    Without sockets it binds its own; where that fails it never answers, and the block runs all the same.
    """
    own = None if sockets is None else list(sockets)
    thread = threading.Thread(target=server.run, kwargs={"sockets": own}, name="pages beside", daemon=True)
    try:
        thread.start()  # a Ctrl-C in here must end it too
        while not server.started and thread.is_alive():
            thread.join(0.01)
        yield
    finally:
        server.should_exit = True
        if thread.is_alive():
            thread.join()
