"""What every store must do with people's answers at accounts: whose count, and what is marked when people move."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from connector.domain.links import LinkPurpose, token_hash
from connector.domain.records import RecordKind
from connector.domain.write_back import AccountStanding
from connector.ports.crm import Page, Removal
from connector.ports.storage.hearing import NewResponse
from connector.ports.storage.records import Joining
from connector.ports.storage.unit import Storage
from connector.testing.asking_world import (
    CONTACTS,
    MONDAY,
    PROGRAM,
    decide_to_ask,
    invite,
    link,
    store_records,
)

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
ANNA, BEN = "anna@tui.example", "ben@tui.example"
NONCES = {ANNA: bytes([7]) * 16, BEN: bytes([8]) * 16}
LATER = MONDAY + timedelta(days=1)
WORDS = ("score", "voices")


class VoicesContract:
    """Anna (contacts c1 and c4) and Ben (c2) of account a1 answered; their marks were written back since."""

    @pytest.fixture
    def heard(self, storage: Storage) -> Storage:
        """The storage after both answers, without a mark."""
        _hear(storage, {ANNA: 9, BEN: 4})
        _clear_marks(storage)
        return storage

    def test_an_answer_marks_the_account_and_everybody_s_answers_count_there(self, storage: Storage) -> None:
        _hear(storage, {ANNA: 9, BEN: 4})
        assert _marked(storage) == {ACCOUNT: ["a1"], CONTACT: ["c1", "c2", "c4"]}
        assert _scores(storage) == {"a1": [9, 4]}

    def test_a_new_contact_of_somebody_who_answered_is_marked_with_its_account(self, heard: Storage) -> None:
        _store_contacts(heard, ("c6", "Anna Größe", ANNA, "a1"))
        assert _marked(heard) == {ACCOUNT: ["a1"], CONTACT: ["c1", "c4", "c6"]}
        assert _scores(heard) == {"a1": [9, 4]}

    def test_a_new_contact_of_somebody_who_never_answered_there_marks_nothing(self, heard: Storage) -> None:
        _store_contacts(heard, ("c6", "Eva Rata", "eva@tui.example", "a1"), ("c7", "Anna Größe", ANNA, "a2"))
        assert _marked(heard) == {ACCOUNT: [], CONTACT: []}

    def test_a_page_that_changes_nothing_of_people_marks_nothing(self, heard: Storage) -> None:
        _store_contacts(heard, *(contact[:4] for contact in CONTACTS))
        assert _marked(heard) == {ACCOUNT: [], CONTACT: []}

    def test_who_leaves_for_another_account_is_no_voice_of_the_first_any_more(self, heard: Storage) -> None:
        _store_contacts(heard, ("c2", "Ben Moa", BEN, "a2"))
        assert _marked(heard) == {ACCOUNT: ["a1"], CONTACT: []}
        assert _scores(heard) == {"a1": [9]}

    def test_who_comes_back_to_an_account_is_heard_there_again(self, heard: Storage) -> None:
        _store_contacts(heard, ("c2", "Ben Moa", BEN, "a2"))
        _clear_marks(heard)
        _store_contacts(heard, ("c2", "Ben Moa", BEN, "a1"), at=LATER)
        assert _marked(heard) == {ACCOUNT: ["a1"], CONTACT: ["c2"]}
        assert _scores(heard) == {"a1": [9, 4]}

    def test_a_seat_that_somebody_else_takes_is_no_voice_any_more(self, heard: Storage) -> None:
        _store_contacts(heard, ("c2", "Fay Hoiho", "fay@tui.example", "a1"))
        assert _marked(heard) == {ACCOUNT: ["a1"], CONTACT: []}
        assert _scores(heard) == {"a1": [9]}

    def test_a_removed_contact_takes_its_voice_along_and_brings_it_back(self, heard: Storage) -> None:
        _remove(heard, CONTACT, "c2")
        assert _marked(heard) == {ACCOUNT: ["a1"], CONTACT: []}
        assert _scores(heard) == {"a1": [9]}
        _clear_marks(heard)
        _store_contacts(heard, ("c2", "Ben Moa", BEN, "a1"), at=LATER)
        assert _marked(heard) == {ACCOUNT: ["a1"], CONTACT: ["c2"]}
        assert _scores(heard) == {"a1": [9, 4]}

    def test_of_a_person_s_two_contacts_one_is_enough(self, heard: Storage) -> None:
        _remove(heard, CONTACT, "c4")
        assert _scores(heard) == {"a1": [9, 4]}

    def test_the_answers_of_a_merged_contact_s_person_are_those_of_the_winner(self, heard: Storage) -> None:
        _remove(heard, CONTACT, "c2", into="c5")
        assert _marked(heard) == {ACCOUNT: ["a1"], CONTACT: ["c5"]}
        assert _scores(heard) == {"a1": [9, 4]}

    def test_an_account_that_another_was_merged_into_gets_its_voices(self, heard: Storage) -> None:
        _remove(heard, ACCOUNT, "a1", into="a2")
        assert _marked(heard) == {ACCOUNT: ["a2"], CONTACT: ["c1", "c2", "c4"]}
        assert _scores(heard) == {"a2": [9, 4]}
        _clear_marks(heard)
        _store_contacts(heard, ("c2", "Ben Moa", BEN, "a2"))
        assert _marked(heard) == {ACCOUNT: ["a2"], CONTACT: ["c2"]}
        assert _scores(heard) == {"a2": [9, 4]}

    def test_an_account_whose_merge_was_undone_takes_its_voices_back(self, heard: Storage) -> None:
        _remove(heard, ACCOUNT, "a1", into="a2")
        _clear_marks(heard)
        _store_account(heard, is_last=False, is_full=False, at=LATER)
        assert _marked(heard) == {ACCOUNT: ["a1", "a2"], CONTACT: ["c1", "c2", "c4"]}
        assert _scores(heard) == {"a1": [9, 4], "a2": []}

    def test_a_merge_shows_in_the_other_crm_s_account_of_the_winner_too(self, heard: Storage) -> None:
        columns, rows = ("crm_id", "stamp", "name", "same_as"), [("51", MONDAY, "Tui", "a2")]
        _store(heard, Page(kind=ACCOUNT, columns=columns, rows=rows, cursor="1"), crm="hub")
        with heard.begin() as unit:
            unit.records.join(ACCOUNT, Joining(pairs={"hub": "sf"}), at=MONDAY)
            unit.commit()
        _clear_marks(heard, crm="hub")
        _remove(heard, ACCOUNT, "a1", into="a2")
        assert _scores(heard, crm="hub") == {"51": [9, 4]}

    def test_a_full_write_back_marks_who_answered_and_the_accounts_of_the_answers(self, heard: Storage) -> None:
        with heard.begin() as unit:
            unit.write_backs.mark_answered(at=LATER)
            unit.commit()
        assert _marked(heard) == {ACCOUNT: ["a1"], CONTACT: ["c1", "c2", "c4"]}

    def test_a_word_is_unread_until_a_full_pull_has_ended_since_it_was_added(self, storage: Storage) -> None:
        assert _unread(storage) == list(WORDS)
        _remap(storage, "score")
        assert _unread(storage) == list(WORDS)
        _store_account(storage, is_last=True)
        assert _unread(storage) == ["voices"]
        _remap(storage, "score", "voices")
        assert _unread(storage) == ["voices"]
        _store_account(storage, is_last=False)
        assert _unread(storage) == ["voices"]
        _store_account(storage, is_last=True)
        assert _unread(storage) == []


def _hear(storage: Storage, scores: dict[str, float]) -> None:
    store_records(storage)
    decide_to_ask(storage)
    with storage.snapshot() as unit:
        undone = {
            each.address: each for each in unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=9)
        }
    for address, score in scores.items():
        invite(storage, undone[address], nonce=NONCES[address])
        with storage.begin() as unit:
            invitation = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(link(NONCES[address])))
            assert invitation is not None
            heard = NewResponse(invitation=invitation, answers=(), score=score, source="page", answered_at=MONDAY)
            unit.responses.add(heard)
            unit.commit()


def _marked(storage: Storage) -> dict[RecordKind, list[str]]:
    with storage.snapshot() as unit:
        return {
            kind: [each.crm_id for each in unit.write_backs.dirty("sf", kind, now=LATER, limit=9)]
            for kind in (ACCOUNT, CONTACT)
        }


def _scores(storage: Storage, *, crm: str = "sf") -> dict[str, list[float]]:
    """By account with a mark: the scores of its voices, oldest first."""
    with storage.snapshot() as unit:
        dirty = unit.write_backs.dirty(crm, ACCOUNT, now=LATER, limit=9)
    return {
        each.crm_id: [voice.score for voice in each.standing.voices]
        for each in dirty
        if isinstance(each.standing, AccountStanding)
    }


def _clear_marks(storage: Storage, *, crm: str = "sf") -> None:
    with storage.begin() as unit:
        for kind in (ACCOUNT, CONTACT):
            unit.write_backs.clean(unit.write_backs.dirty(crm, kind, now=LATER, limit=9))
        unit.commit()


def _store_contacts(storage: Storage, *contacts: Sequence[object], at: datetime = MONDAY) -> None:
    columns = ("crm_id", "stamp", "name", "address", "account")
    rows = [(crm_id, at, *rest) for crm_id, *rest in contacts]
    _store(storage, Page(kind=CONTACT, columns=columns, rows=rows, cursor="2"))  # type: ignore[arg-type]  # rows of one kind


def _remove(storage: Storage, kind: RecordKind, crm_id: str, *, into: str | None = None) -> None:
    removed = [Removal(crm_id=crm_id, merged_into=into)]
    _store(storage, Page(kind=kind, columns=("crm_id", "stamp"), rows=(), cursor="2", removed=removed))


def _store_account(storage: Storage, *, is_last: bool, is_full: bool = True, at: datetime = MONDAY) -> None:
    columns, rows = ("crm_id", "stamp", "name"), [("a1", at, "Tui")]
    _store(storage, Page(kind=ACCOUNT, columns=columns, rows=rows, cursor="1", is_full=is_full, is_last=is_last))


def _store(storage: Storage, page: Page, *, crm: str = "sf") -> None:
    with storage.begin() as unit:
        unit.records.store_page(crm, page, seen_at=LATER)
        unit.commit()


def _remap(storage: Storage, *words: str) -> None:
    """What a sync does before it pulls."""
    with storage.begin() as unit:
        moved = unit.connections.remap("sf", {f"account.ours.{word}": "ours" for word in words}, at=MONDAY)
        unit.records.forget_position("sf", ACCOUNT, moved=[name.removeprefix("account.") for name in moved])
        unit.commit()


def _unread(storage: Storage) -> list[str]:
    with storage.snapshot() as unit:
        return list(unit.write_backs.unread("sf", ACCOUNT, words=WORDS))
