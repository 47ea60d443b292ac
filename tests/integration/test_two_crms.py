"""Two CRMs on one database, on both databases: one person asked once, any no counts, failures and marks stay apart."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest

from connector.delivery.mail import InvitationMail
from connector.domain.links import Keyring
from connector.domain.programs import Policy
from connector.domain.records import RecordKind
from connector.ports.crm import CrmAdapter, Page
from connector.ports.errors import CrmUnavailable, CrmWrongOrg
from connector.ports.storage.unit import Storage
from connector.ports.wiring import Crm, Ports
from connector.testing.fakes import FakeMailer
from connector.testing.store_rows import record_row
from jobs import ask, plan
from jobs.stages import run_stage
from tests.builders import NOW, make_policy
from tests.worlds import Standing, World, account, answer, contact, make_page

KEYRING = Keyring.of((b"k" * 32,))
POLICY = make_policy()
SAME = "ann.berg@harbour.example"
TWICE = ("block", "spacing after relationship")
ASKED = ("ask", "asked")


@dataclass(slots=True)
class Both:
    """An org (`sf`) and a portal (`hub`) that show what the test says, and a connection to each."""

    storage: Storage
    worlds: dict[str, World]
    broken: set[str] = field(default_factory=set)
    joined: list[str] = field(default_factory=lambda: ["sf", "hub"])
    mailer: FakeMailer = field(default_factory=FakeMailer)
    wired: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What bootstrap would wire otherwise, by connection."""
    policy: Policy = POLICY

    def show(self, name: str, **kinds: Any) -> None:
        """From now on a pull of this CRM brings these records."""
        world = self.worlds[name]

        def pull(kind: RecordKind, since: str | None) -> Iterator[Page]:
            yield make_page(kind, kinds.get(f"{kind}s", ()), at=world.now, is_full=since is None, is_last=True)

        world.pull = pull

    def wait(self, **duration: float) -> None:
        """Let time pass for both."""
        for world in self.worlds.values():
            world.wait(**duration)

    @property
    def ports(self) -> Ports:
        """Everything joined, as bootstrap would, with the connections of this moment."""
        clock = Standing(self.worlds["sf"].now)
        return Ports(
            storage=self.storage,
            clock=clock,
            real_clock=clock,
            open_mailer=lambda: nullcontext(self.mailer),
            writer=InvitationMail(
                organisation=POLICY.organisation,
                sender="feedback@kea.example",
                shown_name="Kea Instruments",
                public_url="https://feedback.kea.example",
                keyring=KEYRING,
            ),
            keyring=KEYRING,
            policy=self.policy,
            texts={"closedloop.yaml": "mode: live"},
            public_url="https://feedback.kea.example",
            listen=("127.0.0.1", 8080),
            crms=tuple(self._connection(name) for name in self.joined),
        )

    def decided(self) -> dict[str, tuple[str, str]]:
        """Run the plan stage; the newest verdict and rule of each contact that is a candidate, by CRM and id."""
        plan.run(self.ports)
        with self.storage.snapshot() as unit:
            names = unit.connection.exec_driver_sql(_DECIDED)
            return {row[0]: (row[1], row[2]) for row in names}

    def pushed(self) -> dict[str, list[tuple[str, Any]]]:
        """By CRM: the records that were written, with their score."""
        return {
            name: [(write.crm_id, write.values["score"]) for write in world.pushed]
            for name, world in self.worlds.items()
        }

    def live(self) -> dict[str, int]:
        """By CRM: how many live contacts are known."""
        with self.storage.snapshot() as unit:
            counts = unit.records.counts()
        return {name: counts.get(name, {}).get(RecordKind.CONTACT, 0) for name in self.worlds}

    def _connection(self, name: str) -> Crm:
        crm = self.worlds[name].crm

        @contextmanager
        def opened() -> Iterator[CrmAdapter]:
            if name in self.broken:
                raise CrmUnavailable(f"{name}: the line is dead", crm=name)
            with crm.open() as adapter:
                yield adapter

        return replace(crm, name=name, open=opened, **self.wired.get(name, {}))


_DECIDED = """
    SELECT c.crm || '/' || c.crm_id, d.verdict, v.rule
    FROM decision d
    JOIN contact c ON c.id = d.contact_id
    JOIN verdict v ON v.id = (SELECT max(id) FROM verdict WHERE decision_id = d.id)
    ORDER BY d.id
"""


@pytest.fixture
def both(storage):
    worlds = {"sf": World(storage, org_id="00D1"), "hub": World(storage, org_id="4711")}
    both = Both(storage=storage, worlds=worlds)
    both.show("sf", accounts=[account()], contacts=[contact(address=SAME)])
    both.show("hub", accounts=[account("51")], contacts=[contact("52", account="51", address=SAME)])
    return both


def test_contacts_of_two_crms_with_one_address_are_one_person_who_is_mailed_once(both, rows):
    both.show(
        "hub", accounts=[account("51")], contacts=[contact("52", account="51", address=" Ann.Berg@HARBOUR.example")]
    )
    run_stage("sync", both.ports)
    assert record_row(rows, "003A")["person_id"] == record_row(rows, "52")["person_id"]
    assert both.decided() == {"hub/52": ASKED, "sf/003A": TWICE}
    ask.run(both.ports)
    ask.run(both.ports)
    assert [envelope.recipient for envelope in both.mailer.given] == [SAME]


def test_an_ask_by_one_crm_counts_for_spacing_in_the_other_weeks_later(both):
    both.show(
        "hub",
        accounts=[account("51", renewal_on=date(2026, 7, 30))],
        contacts=[contact("52", account="51", address=SAME)],
    )
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED}
    ask.run(both.ports)
    both.wait(days=30)
    assert both.decided() == {"sf/003A": ASKED, "hub/52": TWICE}


def test_people_of_different_addresses_are_asked_in_each_crm(both):
    both.show("hub", accounts=[account("51")], contacts=[contact("52", account="51")])
    run_stage("sync", both.ports)
    assert both.decided() == {"hub/52": ASKED, "sf/003A": ASKED}


@pytest.mark.parametrize("word", ["opted_out", "bounced"])
@pytest.mark.parametrize("where", ["sf", "hub"])
def test_an_opt_out_or_a_bounce_in_either_crm_holds_for_both(both, where, word):
    said = {name: {word: name == where, "address": SAME} for name in both.worlds}
    both.show("sf", accounts=[account()], contacts=[contact(**said["sf"])])
    both.show("hub", accounts=[account("51")], contacts=[contact("52", account="51", **said["hub"])])
    run_stage("sync", both.ports)
    blocked = ("block", word.replace("_", " "))
    assert both.decided() == {"hub/52": blocked, "sf/003A": blocked}


def test_an_opt_out_that_the_other_crm_tells_after_the_decision_keeps_the_mail_from_leaving(both):
    run_stage("sync", both.ports)
    assert both.decided()["hub/52"] == ASKED
    both.wait(minutes=15)
    both.show("sf", accounts=[account()], contacts=[contact(address=SAME, opted_out=True)])
    run_stage("sync", both.ports)
    ask.run(both.ports)
    assert both.mailer.given == []


def test_leaving_by_our_page_holds_in_both_crms(both, rows):
    run_stage("sync", both.ports)
    row = record_row(rows, "003A")
    with both.storage.begin() as unit:
        unit.opt_outs.add(person_id=row["person_id"], address=SAME, at=NOW, source="unsubscribe-page")
        unit.commit()
    assert both.decided() == {"hub/52": ("block", "opted out"), "sf/003A": ("block", "opted out")}


@pytest.mark.parametrize(("dead", "alive"), [("sf", "hub"), ("hub", "sf")])
def test_a_dead_connection_does_not_keep_the_other_from_syncing_and_planning(both, dead, alive):
    both.broken.add(dead)
    with pytest.raises(CrmUnavailable, match=f"{dead}: the line is dead"):
        run_stage("sync", both.ports)
    assert both.live() == {dead: 0, alive: 1}
    (asked,) = both.decided().items()
    assert (asked[0].partition("/")[0], asked[1]) == (alive, ASKED)
    both.broken.clear()
    run_stage("sync", both.ports)
    assert both.live() == {dead: 1, alive: 1}


@pytest.mark.parametrize(("dead", "alive"), [("sf", "hub"), ("hub", "sf")])
def test_a_dead_connection_does_not_keep_the_other_from_its_writes_and_loses_none_of_its_own(both, dead, alive):
    run_stage("sync", both.ports)
    answer(both.worlds["sf"], "003A", 9.0)
    answer(both.worlds["hub"], "52", 4.0)
    both.broken.add(dead)
    with pytest.raises(CrmUnavailable, match=f"{dead}: the line is dead"):
        run_stage("write_back", both.ports)
    scores = {"sf": [("003A", 9.0)], "hub": [("52", 4.0)]}
    assert both.pushed() == {alive: scores[alive], dead: []}
    both.broken.clear()
    run_stage("write_back", both.ports)
    assert both.pushed() == scores
    run_stage("write_back", both.ports)
    assert both.pushed() == scores


def test_an_answer_is_written_to_the_crm_of_the_account_it_was_given_for(both):
    run_stage("sync", both.ports)
    answer(both.worlds["hub"], "52", 4.0)
    run_stage("write_back", both.ports)
    assert both.pushed() == {"sf": [], "hub": [("52", 4.0)]}


def test_credentials_of_another_portal_are_refused_while_the_org_goes_on(both):
    run_stage("sync", both.ports)
    both.worlds["hub"].org_id = "4712"
    both.wait(minutes=15)
    people = [contact(address=SAME), contact("003B")]
    both.show("sf", accounts=[account()], contacts=people)
    both.show("hub", accounts=[account("51")], contacts=[contact("53", account="51")])
    with pytest.raises(CrmWrongOrg, match="hub open org 4712; this database is pinned to 4711"):
        run_stage("sync", both.ports)
    assert both.live() == {"sf": 2, "hub": 1}


def test_a_crm_that_joins_later_fires_nothing_for_what_fell_due_before_and_the_first_one_makes_up_its_days(both):
    both.joined.remove("hub")
    both.show(
        "sf",
        accounts=[account(), account("001B", renewal_on=date(2026, 7, 2))],
        contacts=[contact(), contact("003B", account="001B")],
    )
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED}
    both.wait(days=3)
    both.joined.append("hub")
    days = {"51": -1, "53": 0, "55": 1}
    due = {crm_id: date(2026, 7, 3) + timedelta(days=shift) for crm_id, shift in days.items()}
    both.show(
        "hub",
        accounts=[account(crm_id, renewal_on=day) for crm_id, day in due.items()],
        contacts=[contact(str(int(crm_id) + 1), account=crm_id) for crm_id in due],
    )
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED, "sf/003B": ASKED, "hub/54": ASKED}
    both.wait(days=1)
    assert both.decided() == {"sf/003A": ASKED, "sf/003B": ASKED, "hub/54": ASKED, "hub/56": ASKED}


def test_a_crm_that_was_away_for_days_makes_up_its_own_while_the_other_s_stand(both):
    later = account("51", renewal_on=date(2026, 7, 2))
    both.show("hub", accounts=[later], contacts=[contact("52", account="51")])
    run_stage("sync", both.ports)
    assert both.decided() == {"sf/003A": ASKED}
    both.joined.remove("hub")
    both.wait(days=3)
    assert both.decided() == {"sf/003A": ASKED}
    both.joined.append("hub")
    assert both.decided() == {"sf/003A": ASKED, "hub/52": ASKED}
