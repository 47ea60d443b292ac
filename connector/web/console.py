"""The console: what an admin and the head of customer experience look at. Read-only, for this machine alone."""

from collections.abc import Mapping
from functools import partial
from importlib.resources import files

from fastapi import FastAPI, HTTPException
from fastapi.responses import PlainTextResponse, Response

from connector.ports.wiring import Ports
from connector.usecases.find_troubles import find_troubles
from connector.usecases.job_lines import DECIDING, Loop, read_jobs
from connector.usecases.kept_plans import KeptPlans
from connector.usecases.list_accounts import list_accounts
from connector.usecases.overview import Frame, overview
from connector.usecases.overview import frame as read_frame
from connector.usecases.show_account import show_account
from connector.usecases.show_plan import WEEKS
from connector.web import console_notices as notices
from connector.web.console_guard import CONSOLE
from connector.web.console_pages import ConsolePages
from connector.web.failing import add_failures
from connector.web.guard import Guard

READ = ["GET", "HEAD"]
NEXT_DAYS = 7
ASSETS: Mapping[str, tuple[str, str]] = {
    "console.css": ("console.css", "text/css"),
    "htmx.js": ("vendor/htmx-4.0.1.min.js", "text/javascript"),
}


def console_app(ports: Ports, *, loop: Loop) -> FastAPI:
    """The ASGI app of the console; every request only reads, and asks no CRM and no other machine for anything.

    `loop` has the schedules by which this process serves its jobs; none where it does not.
    """
    app = FastAPI(redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None)
    pages = ConsolePages(ports.policy.organisation.zone, kept_days=loop.kept_days)
    plans = KeptPlans(storage=ports.storage, policy=ports.policy, crms=ports.crms, clock=ports.clock)
    app.add_middleware(Guard, door=CONSOLE)
    add_failures(app, notices=notices.FAILURES, otherwise=404, show=pages.notice, door=CONSOLE)
    _add_overview(app, ports, pages, plans=plans, loop=loop)
    _add_accounts(app, ports, pages)
    _add_rest(app, ports, pages, plans=plans, loop=loop)
    _add_assets(app, ports)
    return app


def _frame(ports: Ports) -> Frame:
    return read_frame(storage=ports.storage, policy=ports.policy, clock=ports.clock)


def _add_overview(app: FastAPI, ports: Ports, pages: ConsolePages, *, plans: KeptPlans, loop: Loop) -> None:
    @app.api_route("/", methods=READ)
    def show() -> Response:
        shown = overview(
            storage=ports.storage,
            policy=ports.policy,
            crms=ports.crms,
            loop=loop,
            clock=ports.clock,
            real_clock=ports.real_clock,
        )
        return pages.page("overview", frame=_frame(ports), shown=shown)

    @app.api_route("/next", methods=READ)
    def next_asks() -> Response:
        # A part of its own: deciding about everybody takes longer than the rest of the page.
        return pages.fragment("next", plan=plans.next_days(NEXT_DAYS))


def _add_accounts(app: FastAPI, ports: Ports, pages: ConsolePages) -> None:
    @app.api_route("/accounts", methods=READ)
    def show_list(q: str = "", type: str = "", sort: str = "", page: str = "") -> Response:
        found = list_accounts(
            storage=ports.storage,
            policy=ports.policy,
            clock=ports.clock,
            text=q,
            relationship=type,
            order=sort,
            page=_number(page) or 1,
        )
        return pages.page("accounts", frame=_frame(ports), shown=found)

    @app.api_route("/accounts/{account_id}", methods=READ)
    def show_one(account_id: str) -> Response:
        number = _number(account_id)
        shown = (
            None
            if number is None
            else show_account(number, storage=ports.storage, policy=ports.policy, clock=ports.clock)
        )
        if shown is None:
            return pages.page("missing", frame=_frame(ports), status=404, notice=notices.NO_ACCOUNT)
        names = {program.id: program.name for program in ports.policy.programs}
        return pages.page("account", frame=_frame(ports), shown=shown, names=names)


def _number(text: str) -> int | None:
    """A number that any database takes as an id, or None."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _add_rest(app: FastAPI, ports: Ports, pages: ConsolePages, *, plans: KeptPlans, loop: Loop) -> None:
    jobs = partial(read_jobs, storage=ports.storage, loop=loop, clock=ports.clock, real_clock=ports.real_clock)

    @app.api_route("/plan", methods=READ)
    def plan() -> Response:
        return pages.page("plan", frame=_frame(ports), plan=plans.next_days(7 * WEEKS), jobs=jobs(stages=DECIDING))

    @app.api_route("/errors", methods=READ)
    def errors() -> Response:
        found = find_troubles(storage=ports.storage, clock=ports.clock, real_clock=ports.real_clock)
        return pages.page("errors", frame=_frame(ports), troubles=found, jobs=jobs())


def _add_assets(app: FastAPI, ports: Ports) -> None:
    static = files("connector.web").joinpath("static")
    assets = {name: (static.joinpath(path).read_bytes(), kind) for name, (path, kind) in ASSETS.items()}

    @app.api_route("/static/{name}", methods=READ)
    def asset(name: str) -> Response:
        if name not in assets:
            raise HTTPException(404)
        content, kind = assets[name]
        return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=3600"})

    @app.api_route("/healthz", methods=READ)
    def health() -> Response:
        with ports.storage.snapshot() as unit:
            unit.switches.stopped_at()
        return PlainTextResponse("ok")
