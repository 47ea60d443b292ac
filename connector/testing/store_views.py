"""What every store must show of accounts: by list, in full, and lately heard; as the CRM's fields count it."""

from datetime import date, timedelta
from typing import Any

import pytest

from connector.domain.programs import RelationshipRule
from connector.domain.records import RecordKind
from connector.domain.surveys import Answer, AskKind
from connector.domain.write_back import AccountStanding, wanted_values
from connector.ports.crm import Page, Removal
from connector.ports.storage.records import Joining
from connector.ports.storage.unit import Storage
from connector.ports.storage.viewing import AccountLine, AccountOrder, AccountQuery, ProgramScores, Seat
from connector.testing.acting_world import DUE_ON, hear_anna, make_due_task, open_action, unacted
from connector.testing.asking_world import MONDAY, PROGRAM, SURVEY, decide_to_ask, store_records
from connector.testing.store_rows import Rows, record_row

RULES = (RelationshipRule(type="ongoing", when=None),)
NEXT_DAY = MONDAY + timedelta(days=1)
AFTER_DUE = DUE_ON + timedelta(days=1)
TUI, WEKA = "Tui & Söhne <GmbH>", "Weka Works"
ANSWERS = (
    Answer(question="relationship", number=4),
    Answer(question="since", choices=("worse",)),
    Answer(question="change", text="Answer faster."),
)


def listed(storage: Storage, *, today: date = DUE_ON, **asked: Any) -> tuple[list[AccountLine], int]:
    """A page of accounts and how many there are."""
    with storage.snapshot() as unit:
        page = unit.views.accounts(AccountQuery(**asked), rules=RULES, today=today)
    return list(page.lines), page.total


def names(storage: Storage, **asked: Any) -> list[str | None]:
    """The accounts' names in the order of the page."""
    return [line.name for line in listed(storage, **asked)[0]]


class AccountListContract:
    """Tui (a1: Anna, Ben, Dan) and Weka (a2: Cara), of which Anna answered."""

    @pytest.fixture
    def asked_twice(self, storage: Storage) -> Storage:
        """Anna gave a 9 and then a 4, for which an action is open."""
        hear_anna(storage, number=1, score=9)
        hear_anna(storage, number=2, score=4, at=NEXT_DAY)
        open_action(storage, unacted(storage)[1])
        return storage

    def test_a_line_tells_the_newest_score_of_each_person_and_what_is_open(
        self, asked_twice: Storage, rows: Rows
    ) -> None:
        account = record_row(rows, "a1", kind="account")["id"]
        lines, total = listed(asked_twice, text="tui &", today=AFTER_DUE)
        assert (lines, total) == (
            [
                AccountLine(
                    id=account,
                    name=TUI,
                    relationship="ongoing",
                    crms=["sf"],
                    score=4,
                    lowest=4,
                    voices=1,
                    heard_at=NEXT_DAY,
                    open_actions=1,
                    overdue=1,
                )
            ],
            1,
        )
        assert [line.overdue for line in listed(asked_twice, today=DUE_ON)[0]] == [0, 0]

    def test_a_score_is_what_the_crm_s_field_shows(self, asked_twice: Storage, rows: Rows) -> None:
        with asked_twice.begin() as unit:
            unit.write_backs.mark_answered(at=NEXT_DAY)
            dirty = unit.write_backs.dirty("sf", RecordKind.ACCOUNT, now=NEXT_DAY, limit=9)
        (standing,) = (each.standing for each in dirty)
        assert isinstance(standing, AccountStanding)
        wanted = wanted_values(standing, zone=NEXT_DAY.tzinfo)  # type: ignore[arg-type]  # an aware moment has one
        (line,) = listed(asked_twice, text="Tui")[0]
        assert (line.score, line.voices, line.open_actions) == (
            wanted["score"],
            wanted["voices"],
            wanted["open_actions"],
        )

    def test_accounts_come_in_the_order_that_is_asked_for(self, asked_twice: Storage) -> None:
        orders = {order: names(asked_twice, order=order) for order in AccountOrder}
        assert orders == {order: [TUI, WEKA] for order in AccountOrder}
        page = Page(
            kind=RecordKind.ACCOUNT,
            columns=("crm_id", "stamp", "name"),
            rows=[("a1", NEXT_DAY, "Zebra"), ("a2", NEXT_DAY, "Ant")],
            cursor="9",
        )
        with asked_twice.begin() as unit:
            unit.records.store_page("sf", page, seen_at=NEXT_DAY)
            unit.commit()
        ordered = {order: names(asked_twice, order=order) for order in AccountOrder}
        assert ordered == {order: ["Zebra", "Ant"] for order in AccountOrder} | {AccountOrder.NAME: ["Ant", "Zebra"]}

    def test_a_search_takes_its_text_literally_and_pages_go_on(self, storage: Storage) -> None:
        store_records(storage)
        assert names(storage, text="WEKA") == [WEKA]
        assert names(storage, text="%") == names(storage, text="_") == []
        assert names(storage, relationship="ongoing", limit=1, offset=1) == [WEKA]
        assert listed(storage, relationship="partner") == ([], 0)
        assert listed(storage, limit=1)[1] == 2

    def test_a_person_without_a_live_contact_there_is_no_voice(self, asked_twice: Storage) -> None:
        removed = [Removal(crm_id="c1"), Removal(crm_id="c4")]
        with asked_twice.begin() as unit:
            page = Page(kind=RecordKind.CONTACT, columns=("crm_id",), rows=[], cursor="9", removed=removed)
            unit.records.store_page("sf", page, seen_at=NEXT_DAY)
            unit.commit()
        (line,) = listed(asked_twice, text="Tui")[0]
        assert (line.score, line.voices, line.heard_at, line.open_actions) == (None, 0, None, 1)

    def test_a_joined_account_is_one_line_with_all_that_happened(self, asked_twice: Storage) -> None:
        join_portal(asked_twice)
        (line, other), total = listed(asked_twice)
        assert (line.name, line.crms, line.score, line.voices, line.open_actions) == (TUI, ["sf", "hub"], 4, 1, 1)
        assert (other.name, total) == (WEKA, 2)


def join_portal(storage: Storage) -> None:
    """The portal knows Tui too, with a contact of its own."""
    with storage.begin() as unit:
        for kind, columns, row in (
            (
                RecordKind.ACCOUNT,
                ("crm_id", "stamp", "name", "same_as", "renewal_on"),
                ("p1", MONDAY, "tui", "a1", None),
            ),
            (RecordKind.CONTACT, ("crm_id", "stamp", "name", "account", "title"), ("q1", MONDAY, "Eva", "p1", "Chief")),
        ):
            page = Page(kind=kind, columns=columns, rows=[row], cursor="1", is_last=True)
            unit.records.store_page("hub", page, seen_at=NEXT_DAY)
        unit.records.join(RecordKind.ACCOUNT, Joining(pairs={"hub": "sf"}), at=NEXT_DAY)
        unit.commit()


class AccountViewContract:
    """One account in full."""

    def test_an_account_shows_its_records_people_voices_decisions_and_actions(
        self, storage: Storage, rows: Rows
    ) -> None:
        hear_anna(storage, number=1, score=4)
        open_action(storage, unacted(storage)[0])
        make_due_task(storage)
        join_portal(storage)
        portal = record_row(rows, "p1", kind="account")["id"]
        with storage.snapshot() as unit:
            view = unit.views.account(portal, limit=9)
        assert view is not None
        assert (view.id, view.score, view.people_heard) == (record_row(rows, "a1", kind="account")["id"], 4, 1)
        assert [(each.key, each.name) for each in view.records] == [("sf/a1", TUI), ("hub/p1", "tui")]
        assert view.records[0].values["renewal_on"] == date(2026, 5, 5)
        people = {each.name: (list(each.keys), each.title, each.score, each.answered_at) for each in view.people}
        assert people == {
            "Anna Größe": (["sf/c1", "sf/c4"], None, 4, MONDAY),
            "Ben Moa": (["sf/c2"], None, None, None),
            "Dan Huia": (["sf/c5"], None, None, None),
            "Eva": (["hub/q1"], "Chief", None, None),
        }
        (voice,) = view.voices
        assert (voice.person, voice.account_id, voice.program, voice.kind) == (
            "Anna Größe",
            view.id,
            PROGRAM.id,
            AskKind.RELATIONSHIP,
        )
        assert (tuple(voice.answers), voice.score, voice.survey_version) == (ANSWERS, 4, SURVEY.version)
        decided = {each.person: (each.verdict, each.rule, each.mail) for each in view.decisions}
        assert decided["Ben Moa"] == ("ask", "asked", None)
        assert decided["Dan Huia"] == ("block", "no address", None)
        assert [reason.value for each in view.decisions if each.person == "Dan Huia" for reason in each.reasons] == [
            "none"
        ]
        (action,) = view.actions
        assert (action.subject, action.state, action.due_on, action.person) == (
            "Call Anna",
            "open",
            DUE_ON,
            "Anna Größe",
        )
        assert (action.crm, action.task, action.task_state) == ("sf", "t1", "made")

    def test_history_is_of_the_account_and_its_people_newest_first_and_cut(self, storage: Storage, rows: Rows) -> None:
        store_records(storage)
        changed = Page(
            kind=RecordKind.CONTACT, columns=("crm_id", "stamp", "title"), rows=[("c1", NEXT_DAY, "Chief")], cursor="2"
        )
        named = Page(
            kind=RecordKind.ACCOUNT, columns=("crm_id", "stamp", "name"), rows=[("a1", NEXT_DAY, "Tui")], cursor="2"
        )
        with storage.begin() as unit:
            unit.records.store_page("sf", changed, seen_at=NEXT_DAY)
            unit.records.store_page("sf", named, seen_at=NEXT_DAY + timedelta(hours=1))
            unit.commit()
        account = record_row(rows, "a1", kind="account")["id"]
        with storage.snapshot() as unit:
            view, cut = unit.views.account(account, limit=9), unit.views.account(account, limit=1)
        assert view is not None
        assert cut is not None
        assert [(each.fact, each.whose, each.old, each.new) for each in view.changes] == [
            ("name", None, TUI, "Tui"),
            ("title", "Anna Größe", None, "Chief"),
        ]
        assert [each.fact for each in cut.changes] == ["name"]

    def test_an_account_that_is_not_there_is_none(self, storage: Storage) -> None:
        with storage.snapshot() as unit:
            assert unit.views.account(1, limit=9) is None

    def test_the_newest_voices_and_scores_by_program_are_told(self, storage: Storage, rows: Rows) -> None:
        hear_anna(storage, number=1, score=9)
        hear_anna(storage, number=2, score=4, at=NEXT_DAY)
        with storage.snapshot() as unit:
            heard, newest = unit.views.heard(limit=9), unit.views.heard(limit=1)
        assert list(heard.scores) == [
            ProgramScores(program=PROGRAM.id, kind=AskKind.RELATIONSHIP, people=1, mean=4, squares=16)
        ]
        assert [(each.score, each.person, each.account) for each in heard.newest] == [
            (4, "Anna Größe", TUI),
            (9, "Anna Größe", TUI),
        ]
        assert [each.score for each in newest.newest] == [4]

    def test_contacts_are_named_with_their_joined_account(self, storage: Storage, rows: Rows) -> None:
        store_records(storage)
        decide_to_ask(storage)
        join_portal(storage)
        first, eva = record_row(rows, "a1", kind="account")["id"], record_row(rows, "q1")["id"]
        with storage.snapshot() as unit:
            assert unit.views.seats({eva, 10_000}) == {eva: Seat(name="Eva", account_id=first, account_name=TUI)}
            assert unit.views.seats(set()) == {}
