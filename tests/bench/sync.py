"""What the benches of both adapters share: pull a big world, count requests as the sandbox does, hold the bounds."""

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.domain.records import Fact, RecordKind
from connector.domain.write_back import WRITE_FIELDS
from connector.ports.crm import Connection, CrmSpec, Page

Store = Callable[[Page], None]

SIZES = ((2_000, 20_000), (10_000, 100_000))
"""Accounts and contacts of the two runs."""
MOST_GROWTH = 0.10
COUNTED = (RecordKind.ACCOUNT, RecordKind.CONTACT)
SERVICE = (RecordKind.CASE, RecordKind.CONTRACT)
"""Kinds whose requests have a bound of their own, so that they hide no growth of the others'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One adapter's bench: how its world is opened and grown, what its pages are called, and its bounds."""

    script: str
    spec: CrmSpec
    settings: Callable[[Mapping[str, Any]], Any]
    sources: Mapping[Fact, str]
    accounts: str
    size_options: tuple[str, str]
    page_kinds: frozenset[str]
    rows_a_page: int
    most_other_requests: int
    most_service_requests: int


def throw_away(page: Page) -> None:
    """The store of a run that measures the adapter alone."""


def measure(bench: Bench, ready: dict[str, Any], *, store: Store = throw_away) -> dict[str, Any]:
    """Pull every kind of the world in a sandbox's ready line into `store`; records, requests and peak memory."""
    connection = Connection(
        name="bench",
        settings=bench.settings(ready),
        org_id=None,
        sources=bench.sources,
        write_fields=WRITE_FIELDS,
        now=lambda: datetime.fromisoformat(_read(ready, "clock")["now"]).astimezone(UTC),
    )
    begin = time.monotonic()
    with bench.spec.open(connection) as adapter:
        shown = [kind for kind in RecordKind if kind in bench.spec.capabilities.reads]
        kinds = {str(kind): _measured_kind(bench, ready, adapter.pull(kind, None), store) for kind in shown}
    return {"seconds": round(time.monotonic() - begin, 1), "peak_rss_kb": _peak_rss_kb(), "kinds": kinds}


def _measured_kind(bench: Bench, ready: dict[str, Any], pages: Any, store: Store) -> dict[str, Any]:
    before = _by_kind(bench, ready)
    records = 0
    for page in pages:
        records += len(page.rows)
        store(page)
    after = _by_kind(bench, ready)
    requests = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
    return {"records": records, "requests": requests}


def _by_kind(bench: Bench, ready: dict[str, Any]) -> dict[str, int]:
    return dict(_read(ready, "counts")[bench.spec.name]["by_kind"])


def _read(ready: dict[str, Any], page: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{ready['control']}/{page}", timeout=30) as answer:  # noqa: S310  our own sandbox
        return dict(json.load(answer))


def _peak_rss_kb() -> int:
    """This process's own peak; getrusage would carry over the peak of the process that started it."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak


def run(bench: Bench, *, accounts: int, contacts: int, store: str) -> dict[str, Any]:
    """One size: a sandbox and a pulling process of their own. `store` is module:function, or "" for none."""
    command = [sys.executable, "-m", "adapters.sandbox", "--port", "0", "--with-parent"]
    for option, size in zip(bench.size_options, (accounts, contacts), strict=True):
        command += [option, str(size)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sandbox:
        try:
            assert sandbox.stdout is not None
            ready = sandbox.stdout.readline()
            pulling = [sys.executable, bench.script, "--pull", ready, "--store", store]
            path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
            environment = {**os.environ, "PYTHONPATH": path}
            done = subprocess.run(pulling, stdout=subprocess.PIPE, text=True, check=True, timeout=900, env=environment)
        finally:
            sandbox.terminate()
    return summary(bench, json.loads(done.stdout), accounts=accounts, contacts=contacts)


def summary(bench: Bench, measured: dict[str, Any], *, accounts: int, contacts: int) -> dict[str, Any]:
    """The figures of a run that the bounds are about."""
    pages, others, service = 0, dict[str, int](), dict[str, int]()
    for kind, figures in measured["kinds"].items():
        for name, count in figures["requests"].items():
            if kind in COUNTED and name in bench.page_kinds:
                pages += count
            elif kind in SERVICE:
                service[f"{kind} {name}"] = count
            else:
                others[f"{kind} {name}"] = count
    return {
        "accounts": accounts,
        "contacts": contacts,
        "records": {kind: figures["records"] for kind, figures in measured["kinds"].items()},
        "page_requests": pages,
        "page_requests_expected": -(-accounts // bench.rows_a_page) + -(-contacts // bench.rows_a_page),
        "other_requests": others,
        "service_requests": service,
        "seconds": measured["seconds"],
        "peak_rss_kb": measured["peak_rss_kb"],
    }


def broken_bounds(bench: Bench, small: dict[str, Any], large: dict[str, Any]) -> list[str]:
    """What is not as it must be."""
    broken = []
    for figures in (small, large):
        size = f"{figures['contacts']:,} contacts"
        if figures["page_requests"] != figures["page_requests_expected"]:
            broken.append(f"{size}: {figures['page_requests']} page requests, not {figures['page_requests_expected']}")
        if sum(figures["other_requests"].values()) > bench.most_other_requests:
            broken.append(f"{size}: {sum(figures['other_requests'].values())} other requests")
        if sum(figures["service_requests"].values()) > bench.most_service_requests:
            broken.append(f"{size}: {sum(figures['service_requests'].values())} requests for cases and contracts")
        pulled = (figures["records"]["account"], figures["records"]["contact"])
        if pulled != (figures["accounts"], figures["contacts"]):
            broken.append(f"{size}: {pulled[0]:,} {bench.accounts} and {pulled[1]:,} contacts pulled")
    growth = large["peak_rss_kb"] / small["peak_rss_kb"] - 1
    if abs(growth) > MOST_GROWTH:
        broken.append(f"peak memory differs by {growth:.0%}")
    return broken


def main(bench: Bench, argv: list[str] | None = None) -> int:
    """Run both sizes; 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--store", default="", help="module:function that takes each page (default: thrown away)")
    parser.add_argument("--pull", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.pull:
        print(json.dumps(measure(bench, json.loads(options.pull), store=_named_store(options.store))))
        return 0
    runs = [run(bench, accounts=accounts, contacts=contacts, store=options.store) for accounts, contacts in SIZES]
    broken = broken_bounds(bench, *runs)
    for figures in runs:
        print(_line(bench, figures))
    print(json.dumps({"runs": runs, "broken": broken}))
    for text in broken:
        print(f"broken: {text}", file=sys.stderr)
    return 1 if broken else 0


def _named_store(name: str) -> Store:
    if not name:
        return throw_away
    module, _, function = name.partition(":")
    store: Store = getattr(importlib.import_module(module), function)
    return store


def _line(bench: Bench, figures: dict[str, Any]) -> str:
    others, service = figures["other_requests"], figures["service_requests"]
    return (
        f"{figures['accounts']:,} {bench.accounts} + {figures['contacts']:,} contacts: "
        f"{figures['page_requests']} page requests (bound {figures['page_requests_expected']}), "
        f"{sum(others.values())} others ({_listed(others)}; bound {bench.most_other_requests}), "
        f"{sum(service.values())} for cases and contracts ({_listed(service)}; bound {bench.most_service_requests}), "
        f"peak {figures['peak_rss_kb'] / 1024:.1f} MB, {figures['seconds']} s"
    )


def _listed(requests: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in requests.items())
