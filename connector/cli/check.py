"""`closedloop check`: what is wrong with the settings, the connections and the rules, before anything runs."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console

from connector.bootstrap import configure, inspected
from connector.cli.check_shown import Told, show
from connector.cli.failures import CONFIGURATION, CONNECTION
from connector.cli.opening import HERE, AsJson, Folder, print_json
from connector.cli.screen import guarded
from connector.domain.findings import Finding, Severity
from connector.domain.forecasts import Forecast
from connector.ports.errors import ConfigError
from connector.ports.storage.counting import Levels, Reached
from connector.settings.places import Places
from connector.usecases.check import Checked
from connector.usecases.check import check as run_check
from connector.usecases.check_relay import RelaySeen


def check(config: Folder = HERE, as_json: AsJson = False) -> None:
    """Find mistakes in the settings, look at each CRM, and count who would be asked. Sends and writes nothing."""
    checked = None
    try:
        configuration = configure(config, environ=os.environ)
    except ConfigError as error:
        mistakes = [Told(each.file, each.line, each.column, "error", _sentence(each)) for each in error.mistakes]
    else:
        with inspected(configuration) as everything, Console(stderr=True).status("") as status:
            checked = run_check(everything, told=lambda crm: status.update(f"Looking at {crm} ..."))
        mistakes = placed(checked.findings, Places(configuration.texts))
    if as_json:
        print_json({"mistakes": [each.as_dict() for each in mistakes], **_as_json(checked)})
    else:
        show(guarded(Console(highlight=False)), mistakes, checked)
    raise typer.Exit(_exit_code(mistakes, checked))


def placed(findings: Sequence[Finding], places: Places) -> list[Told]:
    """The findings with their places, in the order of files and lines; those without a place come first."""
    told = []
    for each in findings:
        file, place = places.of(each.spot) if each.spot is not None else (None, None)
        line, column = (place.line, place.column) if place is not None else (None, None)
        told.append(Told(file, line, column, each.severity.value, each.message))
    return sorted(dict.fromkeys(told), key=lambda each: (each.file or "", each.line or 0, each.column or 0))


def _sentence(mistake: Any) -> str:
    return f"{mistake.found}; {mistake.expected}"


def _exit_code(mistakes: Sequence[Told], checked: Checked | None) -> int:
    """2 with an error, 3 where a CRM or the relay cannot be used, else 0."""
    if any(each.severity == Severity.ERROR for each in mistakes):
        return CONFIGURATION
    return CONNECTION if checked is not None and checked.failed else 0


def _as_json(checked: Checked | None) -> dict[str, Any]:
    """What was looked at beside the files; a part that nobody could look at is null."""
    counted = checked.counted if checked is not None else None
    return {
        "connections": _connections(checked) if checked is not None else {},
        "relay": _relay(checked.relay) if checked is not None and checked.relay is not None else None,
        "test": _test(counted.reached) if counted is not None and counted.reached is not None else None,
        "levels": _levels(counted.levels) if counted is not None else None,
        "types": counted.types if counted is not None else None,
        "forecast": _forecast(counted.forecast) if counted is not None else None,
        "uncounted": checked.uncounted if checked is not None else None,
    }


def _connections(checked: Checked) -> dict[str, Any]:
    filled = checked.counted.filled if checked.counted is not None else {}
    return {
        each.crm.name: {
            "organisation": each.organisation,
            "failure": str(each.failure) if each.failure is not None else None,
            "facts": _facts(each.facts, filled.get(each.crm.name, {})),
        }
        for each in checked.connections
    }


def _relay(relay: RelaySeen) -> dict[str, Any]:
    return {"address": relay.address, "failure": str(relay.failure) if relay.failure is not None else None}


def _test(reached: Reached) -> dict[str, Any]:
    """Whom test mode reaches; of each address how many persons have it at the listed accounts, and anywhere."""
    recipients = {address: {"there": there, "anywhere": all_} for address, (there, all_) in reached.recipients.items()}
    return {
        "persons": reached.persons,
        "accounts": reached.accounts,
        "account_records": reached.words,
        "recipients": recipients,
    }


def _facts(fields: Mapping[str, str], filled: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    return {
        name: {"field": field} | ({"known": filled[name][0], "records": filled[name][1]} if name in filled else {})
        for name, field in sorted(fields.items())
    }


def _levels(levels: Levels) -> dict[str, Any]:
    persons = {level.value if level is not None else "unknown": number for level, number in levels.persons.items()}
    titles = [{"title": title, "persons": number} for title, number in levels.titles]
    return persons | {"total": levels.total, "unknown_titles": titles}


def _forecast(forecast: Forecast) -> dict[str, Any]:
    busiest = forecast.busiest
    return {
        "since": forecast.since,
        "through": forecast.through,
        "asks": forecast.asks,
        "busiest": {"on": busiest[0], "asks": busiest[1]} if busiest is not None else None,
        "by_day": {day.isoformat(): number for day, number in forecast.asks_by_day.items()},
    }
