"""Serves the public app by uvicorn, whose own access log is off: it would hold every link."""

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
