"""The public app: survey and unsubscribe pages, without a script, a cookie or anything personal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from connector.domain.programs import Organisation
from connector.domain.surveys import Survey
from connector.ports.clock import Clock
from connector.ports.storage.unit import Storage
from connector.usecases.hear import Page, PageState, open_page, submit
from connector.usecases.unsubscribe import OptOutSource, can_unsubscribe, unsubscribe
from connector.web import notices
from connector.web.failing import add_failures
from connector.web.forms import Form, read_form
from connector.web.guard import SHARED, Door, Guard
from connector.web.pages import Pages

READ = ["GET", "HEAD"]
PUBLIC = Door(
    log="closedloop.public",
    pages=frozenset({"a", "u", "healthz", "static"}),
    headers={
        **SHARED,
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSite:
    """What the public app needs; `public_url` may have a path, which a proxy in front takes away.

    `wakes` are the keys of the jobs for which an answer is work.
    """

    storage: Storage
    clock: Clock
    organisation: Organisation
    public_url: str
    wakes: Sequence[str] = ()


def public_app(site: PublicSite) -> FastAPI:
    """The ASGI app behind `public_url`. Only POST records anything."""
    app = FastAPI(redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None)
    pages = Pages(organisation=site.organisation, base=urlsplit(site.public_url).path.rstrip("/"))
    app.add_middleware(Guard, door=PUBLIC)
    add_failures(app, notices=notices.FAILURES, otherwise=400, show=pages.notice, door=PUBLIC)
    _add_survey(app, site, pages)
    _add_unsubscribe(app, site, pages)
    _add_rest(app, site)
    return app


def _add_survey(app: FastAPI, site: PublicSite, pages: Pages) -> None:
    @app.api_route("/a/{token}", methods=READ)
    def show(token: str, score: str = "") -> Response:
        page = open_page(token, storage=site.storage, clock=site.clock)
        values = {page.survey.score: [score]} if page.survey is not None else {}
        return _survey_page(page, pages, token=token, values=values)

    @app.post("/a/{token}")
    def take(token: str, form: Annotated[Form, Depends(read_form)]) -> Response:
        page = submit(token, form=form, storage=site.storage, clock=site.clock, wakes=site.wakes)
        return _survey_page(page, pages, token=token, values=form)


def _survey_page(page: Page, pages: Pages, *, token: str, values: Mapping[str, Sequence[str]]) -> HTMLResponse:
    if page.survey is None:
        return pages.notice(notices.ENDED[page.state])
    survey: Survey = page.survey.worded(us=pages.organisation.name)
    if page.state is PageState.TAKEN:
        return pages.notice(notices.thanks(survey))
    return pages.survey(survey, token=token, values=values, problems=page.problems)


def _add_unsubscribe(app: FastAPI, site: PublicSite, pages: Pages) -> None:
    unknown = notices.ENDED[PageState.UNKNOWN]

    @app.api_route("/u/{token}", methods=READ)
    def ask_first(token: str) -> Response:
        is_ours = can_unsubscribe(token, storage=site.storage)
        return pages.unsubscribe(token) if is_ours else pages.notice(unknown)

    @app.post("/u/{token}")
    def opt_out(token: str, form: Annotated[Form, Depends(read_form)]) -> Response:
        # Any POST is somebody's wish to hear no more; what it says only tells whether a mail program sent it.
        is_click = list(form.get("List-Unsubscribe", ())) == ["One-Click"]
        source = OptOutSource.CLICK if is_click else OptOutSource.PAGE
        is_ours = unsubscribe(token, source=source, storage=site.storage, clock=site.clock)
        return pages.notice(notices.UNSUBSCRIBED if is_ours else unknown)


def _add_rest(app: FastAPI, site: PublicSite) -> None:
    stylesheet = files("connector.web").joinpath("static", "public.css").read_bytes()

    @app.api_route("/static/public.css", methods=READ)
    def style() -> Response:
        return Response(stylesheet, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})

    @app.api_route("/healthz", methods=READ)
    def health() -> Response:
        with site.storage.snapshot() as unit:
            unit.switches.stopped_at()
        return PlainTextResponse("ok")
