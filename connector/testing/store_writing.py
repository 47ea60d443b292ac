"""What every store must do with dirty marks: of merged, removed and restored records, and after an answer."""

from connector.domain.links import LinkPurpose, token_hash
from connector.domain.records import RecordKind
from connector.domain.write_back import LatestScore
from connector.ports.crm import Page, Removal
from connector.ports.storage.hearing import NewResponse
from connector.ports.storage.unit import Storage
from connector.testing.asking_world import MONDAY, PROGRAM, decide_to_ask, invite, link, store_records
from connector.testing.store_pages import gone, hour, page, record, store
from connector.testing.store_rows import Rows, record_row

NONCE = bytes([7]) * 16
ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT


class WriteBackContract:
    """Whom a mark reaches, and whose answers count there."""

    def test_an_answer_of_somebody_merged_since_reaches_the_contacts_that_stand_for_them(
        self, storage: Storage
    ) -> None:
        _invite_ben(storage)
        _store(storage, _merge(CONTACT, "c2", into="c1"))
        _clear_marks(storage)
        _answer(storage, score=4)
        assert _dirty(storage) == [("c1", 4), ("c4", 4)]

    def test_an_answer_at_an_account_merged_since_reaches_the_contact_there(self, storage: Storage) -> None:
        _invite_ben(storage)
        _store(storage, _merge(ACCOUNT, "a1", into="a2"))
        moved = Page(kind=CONTACT, columns=("crm_id", "stamp", "account"), rows=[("c2", MONDAY, "a2")], cursor="2")
        _store(storage, moved)
        _answer(storage, score=4)
        assert _dirty(storage) == [("c2", 4)]

    def test_marks_come_with_a_merge_go_with_the_record_and_return_with_it(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("L"), record("W")), at=hour(1))
        store(storage, gone("L", into="W"), at=hour(2))
        assert _marks(rows) == [(record_row(rows, "W")["id"], "merge", hour(2))]
        store(storage, gone("W"), at=hour(3))
        assert _marks(rows) == []
        store(storage, page(record("W", stamp=hour(4))), at=hour(5))
        assert _marks(rows) == [(record_row(rows, "W")["id"], "restored", hour(5))]

    def test_a_winner_that_is_gone_itself_is_not_marked(self, storage: Storage, rows: Rows) -> None:
        store(storage, page(record("L"), record("W")), at=hour(1))
        store(storage, gone("W"), at=hour(2))
        store(storage, gone("L", into="W"), at=hour(3))
        assert _marks(rows) == []


def _marks(rows: Rows) -> list[tuple[object, ...]]:
    return [(row["record_id"], row["cause"], row["created_at"]) for row in rows("dirty")]


def _dirty(storage: Storage) -> list[tuple[str, float | None]]:
    with storage.snapshot() as unit:
        dirty = unit.write_backs.dirty("sf", CONTACT, now=MONDAY, limit=9)
    return [(each.crm_id, each.standing.score if isinstance(each.standing, LatestScore) else None) for each in dirty]


def _invite_ben(storage: Storage) -> None:
    store_records(storage)
    decide_to_ask(storage)
    with storage.snapshot() as unit:
        undone = {
            each.address: each for each in unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=9)
        }
    invite(storage, undone["ben@tui.example"], nonce=NONCE)


def _merge(kind: RecordKind, crm_id: str, *, into: str) -> Page:
    removed = [Removal(crm_id=crm_id, merged_into=into)]
    return Page(kind=kind, columns=("crm_id", "stamp"), rows=(), cursor="1", removed=removed)


def _store(storage: Storage, stored: Page) -> None:
    with storage.begin() as unit:
        unit.records.store_page("sf", stored, seen_at=MONDAY)
        unit.commit()


def _clear_marks(storage: Storage) -> None:
    with storage.begin() as unit:
        unit.write_backs.clean(unit.write_backs.dirty("sf", CONTACT, now=MONDAY, limit=9))
        unit.commit()


def _answer(storage: Storage, *, score: float) -> None:
    with storage.begin() as unit:
        invitation = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(link(NONCE)))
        assert invitation is not None
        unit.responses.add(
            NewResponse(invitation=invitation, answers=(), score=score, source="page", answered_at=MONDAY)
        )
        unit.commit()
