"""What the sandbox says once it listens: one line of JSON for programs, a few lines without secrets for people."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.sandbox.zone import NAME, day_of


def for_programs(told: Mapping[str, Any]) -> str:
    """Everything in one line, how to sign in too."""
    return json.dumps(told)


def for_people(told: Mapping[str, Any], *, now: datetime, environment: Path | None) -> str:
    """Where everything is, and how to reach it; ids and addresses only, nothing by which one could sign in."""
    today, smtp = day_of(now), told["smtp"]
    places = {
        "Salesforce": told["salesforce"]["url"],
        "HubSpot": f"{told['hubspot']['url']}, portal {told['hubspot']['portal_id']}",
        "mail relay": f"{smtp['host']}:{smtp['port']}, without TLS",
        "today": f"{today.day} {today:%B %Y} in {NAME}",
        "records": f"{told['control']}/records, as a rep sees them in a browser",
    }
    return "\n".join(
        (
            "Two invented CRMs and a mail relay are ready; nothing in them is real.",
            "",
            *(f"  {name:<12}{place}" for name, place in places.items()),
            "",
            *_how_to_reach(environment),
            "Ctrl-C ends it.",
        )
    )


def _how_to_reach(environment: Path | None) -> tuple[str, ...]:
    if environment is None:
        return (
            "How to sign in is not shown here: --environment FILE writes it as variables for a folder of",
            "`closedloop init`, --json prints it.",
        )
    return (
        f"How to reach them, as variables for a folder of `closedloop init`, stands in {environment}:",
        f"  set -a; . {_sourced(environment)}; set +a",
    )


def _sourced(file: Path) -> str:
    """A path as a shell takes it whole, whatever it holds: of that place, not on the search path of programs."""
    return shlex.quote(str(file) if file.parent != Path() else f"./{file}")
