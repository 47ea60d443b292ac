"""Renders the console's pages from templates that escape everything; words and numbers as people read them."""

from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from connector.domain.sentences import told
from connector.usecases.list_accounts import AccountList
from connector.usecases.overview import Frame
from connector.web.notices import Notice

NAVIGATION = {"/": "Overview", "/accounts": "Accounts", "/plan": "Plan", "/errors": "Errors"}
SECTIONS = {"overview": "Overview", "plan": "Plan", "errors": "Errors"}
"""Under which entry of the navigation a page's template stands; every other one is about accounts."""
MODES = {
    "shadow": "Decides and shows; sends and writes nothing.",
    "test": "Reaches listed addresses and accounts only.",
    "live": "Sends and writes what it decides.",
}


class ConsolePages:
    """The pages in the organisation's time zone; `kept_days` is how long runs are kept."""

    def __init__(self, zone: tzinfo, *, kept_days: int) -> None:
        self._templates = _environment(zone)
        self._templates.globals["kept_days"] = kept_days

    def page(self, name: str, *, frame: Frame, status: int = 200, **words: Any) -> HTMLResponse:
        """A whole page within its frame; `name` is that of its template."""
        section = SECTIONS.get(name, "Accounts")
        around = {"frame": frame, "navigation": NAVIGATION, "section": section, "modes": MODES}
        return HTMLResponse(self._template(name).render(**around, **words), status_code=status)

    def fragment(self, name: str, **words: Any) -> HTMLResponse:
        """A part that a page asks for later."""
        return HTMLResponse(self._template(name).render(**words))

    def notice(self, notice: Notice) -> HTMLResponse:
        """A short page without the frame: what it would say may be what cannot be read."""
        return HTMLResponse(self._template("notice").render(notice=notice), status_code=notice.status)

    def _template(self, name: str) -> Template:
        return self._templates.get_template(f"console/{name}.html")


def _environment(zone: tzinfo) -> Environment:
    environment = Environment(
        loader=PackageLoader("connector.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "coded": coded,
        "count": count,
        "counted": counted,
        "day": day,
        "page_url": page_url,
        "breakable": breakable,
        "mean": mean,
        "moment": partial(moment, zone=zone),
        "local_day": partial(local_day, zone=zone),
        "score": score,
        "told": told,
        "value": value,
        "words": words,
    }
    return environment


def coded(text: str) -> Markup:
    """Our own sentence with what stands between backticks as code; everything is escaped."""
    parts = (escape(part) for part in text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if n % 2 else part for n, part in enumerate(parts))


def page_url(shown: AccountList, number: int) -> str:
    """The same list at another page."""
    asked = {"q": shown.query.text, "type": shown.query.relationship, "sort": shown.query.order.value, "page": number}
    return "/accounts?" + urlencode({name: each for name, each in asked.items() if each})


def day(on: date) -> str:
    """Such as: 5 Jan 2026."""
    return f"{on.day} {on:%b %Y}"


def moment(at: datetime, *, zone: tzinfo) -> str:
    """Such as: 5 Jan 2026, 09:15, on the organisation's clock."""
    local = at.astimezone(zone)
    return f"{day(local)}, {local:%H:%M}"


def local_day(at: datetime, *, zone: tzinfo) -> str:
    """The organisation's day of a moment."""
    return day(at.astimezone(zone))


def count(number: int) -> str:
    """With a space between thousands, which no language reads as a decimal point."""
    return f"{number:,}".replace(",", "\u202f")


def counted(number: int, one: str, many: str | None = None) -> str:
    """Such as: 1 voice, 2 voices."""
    return f"{count(number)} {one if number == 1 else many or f'{one}s'}"


def mean(number: float) -> str:
    """To one decimal, halves up, as the CRM's field shows it."""
    return str(Decimal(repr(float(number))).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))


def score(number: float) -> str:
    """One person's score: whole, as it was given."""
    return mean(number).removesuffix(".0")


def breakable(address: str) -> Markup:
    """An address, or whatever else holds one @, that may go on in a new line after it."""
    name, at, host = address.partition("@")
    return Markup("{}{}<wbr>{}").format(name, at, host) if at else escape(address)


def words(name: str) -> str:
    """A word of ours as people read it: `renewal_on` is `renewal on`."""
    return name.replace("_", " ").replace("-", " ")


def value(told_value: Any) -> str:
    """Any fact's value: days and yes or no in words, numbers with their thousands, nothing as a dash."""
    match told_value:
        case None | "":
            return "–"  # noqa: RUF001  # an en dash: a lone hyphen reads as a minus
        case bool():
            return "yes" if told_value else "no"
        case date():
            return day(told_value)
        case int() | float():
            return f"{told_value:,.2f}".rstrip("0").rstrip(".").replace(",", "\u202f")
        case str():
            return _day_of_text(told_value)
        case _:
            return str(told_value)


def _day_of_text(text: str) -> str:
    """Dates of declared facts, and in changes, are kept as ISO text."""
    try:
        return day(date.fromisoformat(text)) if len(text) == len("2026-01-05") else text
    except ValueError:
        return text
