"""Where an answer shows, read from both CRMs' own records: six cases of who is known where, with home and without."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from connector.bootstrap import configure, wired
from connector.ports.wiring import Ports
from connector.testing.fakes import FakeClock
from jobs.stages import run_stage
from tests.e2e.living import ROOT, environment, living_sandbox, present

SIZES = {"accounts": 40, "contacts": 300, "hubspot-companies": 30, "hubspot-contacts": 200}
ROWS = 1_000
_SEATS = """
    WITH member AS (SELECT crm, crm_id, coalesce(joined_id, id) AS account FROM account)
    SELECT c.id, c.crm, c.crm_id, c.person_id, c.address, c.same_as, a.account,
           (SELECT count(*) FROM member m WHERE m.crm <> a.crm AND m.account = a.account) AS joined
    FROM contact c JOIN member a ON a.crm = c.crm AND a.crm_id = c.account WHERE c.address LIKE '%.%@%'
"""
_ANSWER = """
    INSERT INTO response (person_id, contact_id, account_id, side, program, milestone, survey, survey_version, ask_kind,
        language, source, asked_for, attribution, score, answered_at, acted_at)
    VALUES (:person, :contact, :account, 'theirs', 'p', 'm', 's', 'v', 'relationship', 'en', 'page', 1, 'attributed',
        7, :at, :at)
"""
CASES = ("in the org alone", "in the portal alone", "in both by address", "in both by contact", "joined account")
SHOWN: Mapping[tuple[str, bool], set[str]] = {
    ("in the org alone", True): {"sf contact", "sf account"},
    ("in the org alone", False): {"sf contact", "sf account"},
    ("in the portal alone", True): {"hub contact", "hub account"},
    ("in the portal alone", False): {"hub contact", "hub account"},
    ("in both by address", True): {"sf contact", "sf account"},
    ("in both by address", False): {"sf contact", "sf account", "hub contact", "hub account"},
    ("in both by contact", True): {"sf contact", "sf account"},
    ("in both by contact", False): {"sf contact", "sf account", "hub contact", "hub account"},
    ("joined account", True): {"hub contact", "sf account"},
    ("joined account", False): {"hub contact", "sf account", "hub account"},
}
"""Which records show a score; with a home what both know is written there only."""


@pytest.fixture(params=[True, False], ids=["with home", "without home"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Ports, Any, str]]:
    """Both CRMs synced once, live, and the URL of the database."""
    now = present()
    with living_sandbox(start=now.isoformat(timespec="seconds"), **SIZES) as sandbox:
        settings = shutil.copytree(ROOT / "config" / "examples" / "kea", tmp_path / "settings") / "closedloop.yaml"
        house = settings.read_text().replace("mode: shadow", "mode: live")
        at_home = next(line for line in house.splitlines() if line.strip().startswith("home: true"))
        settings.write_text(house if request.param else house.replace(f"{at_home}\n", ""))
        environ = environment(tmp_path, sandbox)
        with wired(configure(settings.parent, environ=environ), clock=FakeClock(now)) as ports:
            assert any(crm.is_home for crm in ports.crms) is request.param
            run_stage("sync", ports)
            yield ports, sandbox, f"sqlite:///{tmp_path / 'data' / 'closedloop.sqlite'}"


def test_an_answer_shows_where_its_person_is_known_and_at_home_only_where_both_know(
    house: tuple[Ports, Any, str],
) -> None:
    ports, sandbox, url = house
    has_home = any(crm.is_home for crm in ports.crms)
    people = _people(url)
    assert set(people) == set(CASES)
    before = _scored(sandbox)
    assert before == set()
    for case in CASES:
        _answer(url, people[case], at=ports.clock.now().isoformat(sep=" "))
    with ports.storage.begin() as unit:
        unit.write_backs.mark_answered(at=ports.clock.now())
        unit.commit()
    run_stage("write_back", ports)
    scored = _scored(sandbox)
    seen = {case: {name for name, key in _records(url, people[case]).items() if key in scored} for case in CASES}
    assert seen == {case: SHOWN[case, has_home] for case in CASES}
    assert scored == {key for case in CASES for name, key in _records(url, people[case]).items() if name in seen[case]}


def _people(url: str) -> dict[str, Mapping[str, Any]]:
    """One seat for each case, each at an account of its own."""
    engine = create_engine(url)
    with engine.connect() as connection:
        seats = [dict(row) for row in connection.execute(text(_SEATS)).mappings()]
    engine.dispose()
    crms: dict[int, set[str]] = {}
    for seat in seats:
        crms.setdefault(seat["person_id"], set()).add(seat["crm"])
    addresses = {(seat["crm"], seat["crm_id"]): seat["address"] for seat in seats}
    found: dict[str, Mapping[str, Any]] = {}
    used: set[int] = set()
    for seat in sorted(seats, key=lambda each: int(each["id"])):
        case = _case(seat, crms[seat["person_id"]], twin=addresses.get(("sf", seat["same_as"])))
        if case is not None and case not in found and seat["account"] not in used:
            found[case] = seat
            used.add(seat["account"])
    return found


def _case(seat: Mapping[str, Any], crms: set[str], *, twin: str | None) -> str | None:
    is_joined = seat["joined"] == 1
    if crms == {"sf"} and seat["joined"] == 0:
        return "in the org alone"
    if crms == {"hub"}:
        return {0: "in the portal alone", 1: "joined account"}.get(seat["joined"])
    if seat["crm"] == "hub" and is_joined and twin is not None:
        return "in both by contact" if twin != seat["address"] else "in both by address"
    return None


def _answer(url: str, seat: Mapping[str, Any], *, at: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        values = {"person": seat["person_id"], "contact": seat["id"], "account": seat["account"], "at": at}
        connection.execute(text(_ANSWER), values)
    engine.dispose()


def _records(url: str, seat: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The records of a seat's person and account in both CRMs, as (CRM, id)."""
    engine = create_engine(url)
    contacts = "SELECT c.crm, c.crm_id FROM contact c JOIN account a ON a.crm = c.crm AND a.crm_id = c.account"
    there = " WHERE c.person_id = :person AND coalesce(a.joined_id, a.id) = :account"
    accounts = "SELECT crm, crm_id FROM account WHERE coalesce(joined_id, id) = :account"
    values = {"person": seat["person_id"], "account": seat["account"]}
    with engine.connect() as connection:
        found = {f"{crm} contact": (crm, key) for crm, key in connection.execute(text(contacts + there), values)}
        found |= {f"{crm} account": (crm, key) for crm, key in connection.execute(text(accounts), values)}
    engine.dispose()
    return found


def _scored(sandbox: Any) -> set[tuple[str, str]]:
    """Every record of both CRMs that shows a score."""
    org = [row for name in ("Account", "Contact") for row in sandbox.get(f"records/{name}", limit=ROWS)]
    portal = [
        row for name in ("companies", "contacts") for row in sandbox.get(f"records/{name}", crm="hubspot", limit=ROWS)
    ]
    scored = {("sf", row["Id"]) for row in org if row["Closedloop_Score__c"] is not None}
    return scored | {("hub", str(row["hs_object_id"])) for row in portal if row["closedloop_score"] is not None}
