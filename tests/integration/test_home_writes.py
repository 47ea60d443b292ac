"""Which record of which CRM shows what, with one home and without: little CRMs, on both databases."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from sqlalchemy import text

from connector.domain.links import LinkPurpose, token_hash
from connector.domain.records import RecordKind
from connector.ports.errors import CrmUnavailable
from connector.ports.storage.hearing import NewResponse
from connector.ports.wiring import SameAs
from connector.testing.asking_world import MONDAY, PROGRAM, decide_to_ask, invite, link, store_records
from connector.usecases.sync import sync
from connector.usecases.write_back import write_back
from tests.builders import NOW, make_policy
from tests.worlds import ALL_WORDS, Standing, World, account, answer, contact, make_page

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
SAME = "ann.berg@harbour.example"
TODAY = NOW.date()


def person(score: float) -> dict[str, object]:
    """What a contact shows."""
    return {"score": score, "answered_on": TODAY}


def people(score: float, voices: int) -> dict[str, object]:
    """What an account shows."""
    return {"score": score, "score_on": TODAY, "voices": voices, "open_actions": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An org (account 001A, contact 003A) and a portal (account 51, contact 52): what is joined, heard and expected."""

    answers: Mapping[str, float]
    shown: Mapping[str, Mapping[str, object]]
    address_there: str = "bo.lind@harbour.example"
    accounts_joined: bool = False
    contacts_joined: bool = False
    home: str | None = None


CASES = {
    "person in the org only": Case(answers={"003A": 8}, shown={"003A": person(8), "001A": people(8, 1)}),
    "person in the portal only": Case(answers={"52": 5}, shown={"52": person(5), "51": people(5, 1)}),
    "person in both, with home": Case(
        address_there=SAME,
        accounts_joined=True,
        home="sf",
        answers={"52": 8},
        shown={"003A": person(8), "001A": people(8, 1)},
    ),
    "person in both, without home": Case(
        address_there=SAME,
        accounts_joined=True,
        answers={"003A": 8},
        shown={"003A": person(8), "001A": people(8, 1), "52": person(8), "51": people(8, 1)},
    ),
    "joined by account, other people": Case(
        accounts_joined=True,
        home="sf",
        answers={"003A": 8, "52": 5},
        shown={"003A": person(8), "52": person(5), "001A": people(6.5, 2)},
    ),
    "joined by contact, other addresses, home is the portal": Case(
        accounts_joined=True,
        contacts_joined=True,
        home="hub",
        answers={"003A": 8},
        shown={"52": person(8), "51": people(8, 1)},
    ),
    "one person at two accounts that are not joined, with home": Case(
        address_there=SAME,
        home="sf",
        answers={"52": 5},
        shown={"52": person(5), "51": people(5, 1)},
    ),
    "a home that knows nobody of them": Case(home="sf", answers={"52": 5}, shown={"52": person(5), "51": people(5, 1)}),
}


@dataclass(slots=True)
class Both:
    """The worlds of both CRMs over one storage."""

    worlds: dict[str, World]
    home: str | None = None
    records: dict[str, dict[str, object]] = field(default_factory=dict)

    def crm(self, name):
        same_as = SameAs(crm="sf", read_id=str) if name == "hub" else None
        return replace(self.worlds[name].crm, name=name, is_home=name == self.home, same_as=same_as)

    def show(self, name, **kinds):
        world = self.worlds[name]
        world.pull = lambda kind, since: iter(
            [make_page(kind, kinds.get(f"{kind}s", ()), at=world.now, is_full=True, is_last=True)]
        )
        sync(self.crm(name), storage=world.storage, clock=Standing(world.now))

    def run(self, statement):
        with self.worlds["sf"].storage.begin() as unit:
            unit.connection.execute(text(statement))
            unit.commit()

    def join_accounts(self, *, first="001A", other="51"):
        self.run(
            f"UPDATE account SET joined_id = (SELECT id FROM account WHERE crm_id = '{first}') WHERE crm_id = '{other}'"
        )

    def join_contacts(self):
        self.run(
            "UPDATE contact SET person_id = (SELECT person_id FROM contact WHERE crm_id = '003A') WHERE crm_id = '52'"
        )

    def hear(self, scores):
        for crm_id, score in scores.items():
            answer(self.worlds["sf"], crm_id, score)
        with self.worlds["sf"].storage.begin() as unit:
            unit.write_backs.mark_answered(at=NOW)
            unit.commit()

    def write(self):
        """Write back to both; what each record shows then, by CRM id, and the reports."""
        home = self.crm(self.home) if self.home else None
        reports = {}
        for name, world in self.worlds.items():
            reports[name] = write_back(
                self.crm(name), storage=world.storage, policy=make_policy(), clock=Standing(world.now), home=home
            )
            for each in world.pushed:
                self.records[each.crm_id] = self.records.get(each.crm_id, {}) | dict(each.values)
            world.pushed.clear()
        return reports


@pytest.fixture
def both(storage):
    worlds = {name: World(storage, org_id=name, write_words=ALL_WORDS) for name in ("sf", "hub")}
    return Both(worlds=worlds)


def prepare(both, case):
    both.home = case.home
    both.show("sf", accounts=[account("001A")], contacts=[contact("003A", address=SAME)])
    twins = ("001A" if case.accounts_joined else None, "003A" if case.contacts_joined else None)
    there = contact("52", account="51", address=case.address_there, same_as=twins[1])
    both.show("hub", accounts=[account("51", same_as=twins[0])], contacts=[there])
    if case.accounts_joined:
        first, other = ("51", "001A") if case.home == "hub" else ("001A", "51")
        both.join_accounts(first=first, other=other)
    if case.contacts_joined:
        both.join_contacts()
    both.hear(case.answers)


@pytest.mark.parametrize("name", CASES)
def test_each_record_shows_what_its_crm_is_to_know(both, rows, name):
    prepare(both, CASES[name])
    both.write()
    assert both.records == CASES[name].shown
    assert rows("dirty") == []


def test_what_is_left_to_home_is_counted_and_not_logged(both, rows):
    prepare(both, CASES["person in both, with home"])
    reports = both.write()
    counted = {name: (each.written, each.left_to_home, each.unchanged) for name, each in reports.items()}
    assert counted == {"sf": (2, 0, 0), "hub": (0, 2, 0)}
    assert {row["crm"] for row in rows("write_log")} == {"sf"}


def test_a_second_write_back_writes_nothing_anywhere(both):
    prepare(both, CASES["person in both, without home"])
    both.write()
    both.hear({})
    assert {name: each.written for name, each in both.write().items()} == {"sf": 0, "hub": 0}


def test_where_home_loses_its_contact_the_other_crm_gets_the_score(both):
    prepare(both, CASES["person in both, with home"])
    both.write()
    both.worlds["sf"].wait(hours=1)
    both.show("sf", accounts=[account("001A")], contacts=[contact("003B")])
    both.write()
    assert both.records["52"] == person(8)


def test_a_home_that_writes_no_accounts_leaves_them_to_each_crm(both):
    prepare(both, CASES["person in both, with home"])
    both.worlds["sf"].write_words = {CONTACT: ("score",)}
    both.write()
    assert both.records == {"003A": {"score": 8}, "51": people(8, 1)}


def test_accounts_come_after_contacts_and_wait_with_them(both):
    prepare(both, CASES["person in the org only"])
    world, tried = both.worlds["sf"], []

    def busy(write):
        tried.append(write.crm_id)
        raise CrmUnavailable("The org is busy.", crm="sf")

    taken, world.answer = world.answer, busy
    assert (both.write()["sf"].postponed, tried) == (1, ["003A"])
    world.answer = lambda write: tried.append(write.crm_id) or taken(write)
    world.wait(minutes=15)
    both.write()
    assert tried == ["003A", "003A", "001A"]


def test_a_transaction_answer_and_an_answer_of_ours_are_no_voice(both):
    prepare(both, Case(answers={"003A": 8}, shown={}))
    for number, (kind, side) in enumerate((("transaction", "theirs"), ("relationship", "ours"))):
        answer(both.worlds["sf"], "003A", number, kind=kind)
        both.run(f"UPDATE response SET side = '{side}' WHERE score = {number}")
    both.hear({})
    both.write()
    assert both.records["001A"] == people(8, 1)


def test_an_answer_marks_the_person_and_the_account_in_both_crms(storage, rows):
    store_records(storage)
    there = Both(worlds={"hub": World(storage, now=MONDAY)})
    there.show(
        "hub",
        accounts=[account("51", renewal_on=date(2030, 1, 1))],
        contacts=[contact("52", account="51", address="anna@tui.example"), contact("53", account="51")],
    )
    decide_to_ask(storage)
    with storage.snapshot() as unit:
        (anna, *_) = unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=9)
    invite(storage, anna, nonce=b"7" * 16)
    Both(worlds={"sf": World(storage)}).join_accounts(first="51", other="a1")
    with storage.begin() as unit:
        invitation = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(link(b"7" * 16)))
        unit.responses.add(NewResponse(invitation=invitation, answers=(), score=7, source="page", answered_at=MONDAY))
        unit.commit()
    names = {(kind.value, row["id"]): row["crm_id"] for kind in (ACCOUNT, CONTACT) for row in rows(kind.value)}
    assert sorted(names[row["kind"], row["record_id"]] for row in rows("dirty")) == ["51", "52", "a1", "c1", "c4"]
