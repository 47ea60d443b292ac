"""One process that lives a month with faults on and every log line there is, jobs and survey pages together.

Run as `python -m tests.e2e.loud_month`; what it needs comes in the environment variable LOUD_MONTH, as JSON.
"""

import json
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from connector.cli.logs import log_to_stderr
from connector.ports.wiring import Ports
from jobs.demo.sandbox import Sandbox
from jobs.firing import fire_quietly
from jobs.stages import jobs_of
from tests.e2e.months import DAYS, days_of, wired_to

VARIABLE = "LOUD_MONTH"
IDLE, WORST = 3, 4
"""On every third day the CRMs answer well, so that work is done at all; on the others up to four requests fail."""
CRMS = ("salesforce", "hubspot")


def main() -> None:
    """Live the month."""
    told = json.loads(os.environ[VARIABLE])
    log_to_stderr(least=logging.DEBUG, as_json=True)
    logging.getLogger().setLevel(logging.DEBUG)
    quotes = told["quotes"]
    with wired_to(told["control"], settings=Path(told["settings"])) as (ports, sandbox):
        for day, on_the_day in days_of(ports, sandbox, start=sandbox.now()):
            sandbox.http.delete(f"{sandbox.control_url}/faults").raise_for_status()
            for fault in _faults(day, quotes[day % len(quotes)], sandbox):
                sandbox.http.post(f"{sandbox.control_url}/faults", json=fault).raise_for_status()
            _fire_everything(replace(on_the_day, real_clock=on_the_day.clock))


def _fire_everything(ports: Ports) -> None:
    for job in jobs_of(ports):
        fire_quietly(job, ports)


def _faults(day: int, quote: str, sandbox: Sandbox) -> list[dict[str, Any]]:
    """What goes wrong on a day; whoever refuses something quotes values, as CRMs and relays do.

    One mail of every kind of failure each day, as there are few of them; tasks fail in the second half.
    """
    kinds: list[list[dict[str, Any]]] = [
        [_failing(status=400, quote=quote, crm=crm) for crm in CRMS],
        _rejected(sandbox, quote),
        [_failing(status=503, quote=quote, crm=crm) for crm in CRMS],
        [{"name": "answer_lost", "count": 1}, {"name": "expire_tokens"}],
        [_failing(status="reset", quote=quote, crm="salesforce"), _failing(status=403, quote=quote, crm="hubspot")],
        _rejected(sandbox, quote),
        [{"name": "hide_field", "object": "Contact", "field": "HasOptedOutOfEmail"}],
    ]
    mails = [{"name": f"smtp_{how}", "count": 1} for how in ("refuse", "temporary")]
    mails.append({"name": "smtp_drop", "when": "after", "count": 1})
    late = [_failing(status=400, quote=quote, crm=crm) | {"path_contains": "task"} for crm in CRMS]
    return [*mails, *(late if day > DAYS / 2 else []), *([] if day % IDLE == 0 else kinds[day % len(kinds)])]


def _failing(*, status: int | str, quote: str, crm: str) -> dict[str, Any]:
    return {"name": "fail_next", "status": status, "crm": crm, "count": WORST, "message": quote}


def _rejected(sandbox: Sandbox, quote: str) -> list[dict[str, Any]]:
    """Every contact and account is closed for changes."""
    told = {"name": "reject_record", "message": quote}
    ours = [
        (kind, each["Id"]) for kind in ("Contact", "Account") for each in sandbox.get(f"records/{kind}", limit="999")
    ]
    theirs = [
        (kind, each["id"])
        for kind in ("contacts", "companies")
        for each in sandbox.get(f"records/{kind}", crm="hubspot", limit="999")
    ]
    return [told | {"object": kind, "id": str(record_id)} for kind, record_id in (*ours, *theirs)]


if __name__ == "__main__":
    main()
