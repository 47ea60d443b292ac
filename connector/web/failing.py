"""What an app answers where a page cannot be shown: one of its notices, under the headers of every other page."""

from collections.abc import Callable, Mapping

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException as StarletteHTTPException

from connector.ports.errors import StorageError
from connector.web.guard import UNKEPT, Door
from connector.web.notices import Notice

WAIT_SECONDS = 60
"""After how long a program may ask again where the database could not be read."""


def add_failures(
    app: FastAPI, *, notices: Mapping[int, Notice], otherwise: int, show: Callable[[Notice], Response], door: Door
) -> None:
    """Answer every failure by the notice of its status, by that of `otherwise` where a status has none."""

    @app.exception_handler(StarletteHTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        answer = show(notices.get(error.status_code, notices[otherwise]))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(StorageError)
    def unavailable(request: Request, error: StorageError) -> Response:
        answer = show(notices[503])
        answer.headers["Retry-After"] = str(WAIT_SECONDS)
        return answer

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        # Starlette answers this one outside every middleware, so the guard's headers are set here.
        answer = show(notices[500])
        answer.headers.update({**door.headers, **UNKEPT})
        return answer
