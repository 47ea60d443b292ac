"""Puts the sandbox together and hands each request to the part that answers it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import httpx

from adapters.sandbox.clock import Clock
from adapters.sandbox.control import Control
from adapters.sandbox.far import Far
from adapters.sandbox.faults import Faults
from adapters.sandbox.hubspot.account import Account
from adapters.sandbox.hubspot.associations import Associations
from adapters.sandbox.hubspot.batches import Batches
from adapters.sandbox.hubspot.hands import Hands
from adapters.sandbox.hubspot.limits import Limits
from adapters.sandbox.hubspot.pages import Pages
from adapters.sandbox.hubspot.portal import ROOTS, Portal
from adapters.sandbox.hubspot.records import Records as HubRecords
from adapters.sandbox.hubspot.resources import Resources as HubResources
from adapters.sandbox.hubspot.schema import Schema
from adapters.sandbox.hubspot.search import Search
from adapters.sandbox.mail import Inbox
from adapters.sandbox.people import People
from adapters.sandbox.record_page.pages import RecordPages
from adapters.sandbox.reps import Reps
from adapters.sandbox.salesforce.auth import Sessions
from adapters.sandbox.salesforce.dialect import Salesforce
from adapters.sandbox.salesforce.query import Queries
from adapters.sandbox.salesforce.records import Records
from adapters.sandbox.salesforce.replication import Replication
from adapters.sandbox.salesforce.resources import Resources
from adapters.sandbox.scanners import Scanners
from adapters.sandbox.state import State
from adapters.sandbox.switches import Switches
from adapters.sandbox.turning import Turning
from adapters.sandbox.wire import Answer, Call
from adapters.sandbox.world.generate import open_world
from adapters.sandbox.world.population import Plan


@dataclass(frozen=True, slots=True)
class House:
    """A whole sandbox without its sockets."""

    state: State
    _: KW_ONLY
    plan: Plan
    clock: Clock
    faults: Faults
    inbox: Inbox
    far: Far
    turning: Turning
    salesforce: Salesforce
    portal: Portal
    control: Control
    record_pages: RecordPages

    def answer(self, call: Call, base: str) -> Answer:
        """The answer to one request that came in at this base URL."""
        if call.path == "/_sandbox" or call.path.startswith("/_sandbox/"):
            return self.record_pages.answer(call) or self.control.answer(call)
        if call.path.startswith("/services/"):
            return self.salesforce.answer(call, base)
        if call.path.startswith(ROOTS):
            return self.portal.answer(call)
        return Answer(404, body=b"Nothing lives here.", headers={"Content-Type": "text/plain"})

    def close(self) -> None:
        """Stop what is going on and close the state."""
        self.turning.stop.set()
        self.far.close()
        self.state.close()


def build(directory: Path, plan: Plan, *, client: httpx.Client | None = None, patience: float = 0.0) -> House:
    """Open the world kept in the directory, generating it first when there is none; raises OtherWorld."""
    state = State(directory / "sandbox.sqlite")
    open_world(state, plan)
    clock, faults, far = Clock(state, start=plan.start), Faults(), Far(client, patience=patience)
    inbox = Inbox(state, clock=clock)
    people = People(state, clock=clock, inbox=inbox, far=far, seed=plan.seed)
    scanners = Scanners(state, inbox=inbox, far=far)
    reps = Reps(state, plan=plan)
    turning = Turning(state, clock=clock, plan=plan, faults=faults, scanners=scanners, people=people, reps=reps)
    sessions = Sessions(state, clock=clock, plan=plan)
    sessions.open_fixed()
    portal = _portal(state, clock, faults, plan)
    switches = Switches(
        state, clock=clock, plan=plan, faults=faults, sessions=sessions, turning=turning, portal=_hands(portal, plan)
    )
    pages = Pages(state, records=portal.resources.records)
    return House(
        state,
        plan=plan,
        clock=clock,
        faults=faults,
        inbox=inbox,
        far=far,
        turning=turning,
        salesforce=_salesforce(state, clock, faults, plan, sessions),
        portal=portal,
        control=Control(
            state, clock=clock, inbox=inbox, people=people, switches=switches, turning=turning, portal=pages
        ),
        record_pages=RecordPages(state, clock=clock, schema=portal.resources.schema),
    )


def _salesforce(state: State, clock: Clock, faults: Faults, plan: Plan, sessions: Sessions) -> Salesforce:
    resources = Resources(
        Queries(state, clock, faults),
        records=Records(state, clock=clock, faults=faults, plan=plan),
        replication=Replication(state, clock=clock, faults=faults),
    )
    return Salesforce(state, clock=clock, faults=faults, sessions=sessions, resources=resources)


def _hands(portal: Portal, plan: Plan) -> Hands:
    return Hands(
        portal.state,
        clock=portal.clock,
        plan=plan,
        faults=portal.faults,
        account=portal.account,
        limits=portal.limits,
        schema=portal.resources.schema,
    )


def _portal(state: State, clock: Clock, faults: Faults, plan: Plan) -> Portal:
    account, limits = Account(state, plan=plan), Limits(state)
    account.open_token()
    schema = Schema(state, clock=clock, faults=faults)
    records = HubRecords(state, clock=clock, faults=faults, plan=plan, schema=schema)
    resources = HubResources(
        records,
        schema=schema,
        account=account,
        associations=Associations(state, clock=clock),
        batches=Batches(records, clock=clock),
        search=Search(records),
    )
    return Portal(state, clock=clock, faults=faults, account=account, limits=limits, resources=resources)
