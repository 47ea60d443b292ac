"""What every store must do about what reps say between a decision and its mail: a hold waits, leaving ends it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from connector.domain.programs import Track
from connector.domain.records import RecordKind
from connector.domain.selection import Outcome
from connector.ports.crm import Page, Removal
from connector.ports.storage.asking import Decided
from connector.ports.storage.unit import Storage
from connector.testing.asking_world import MONDAY, PROGRAM, decide_to_ask, invite, store_records

TODAY = MONDAY.date()
LATER = MONDAY + timedelta(hours=1)
EXPIRES_ON = date(2026, 1, 19)
NONCE = b"\x07" * 16


class HoldContract:
    """Anna (two contacts) and Ben are at Tui, Cara is at Weka; all three are to be asked."""

    @pytest.fixture
    def decided(self, storage: Storage) -> Sequence[Decided]:
        """The world's decisions to ask."""
        store_records(storage)
        decide_to_ask(storage)
        return _undone(storage)

    @pytest.mark.parametrize("days", [0, 9])
    def test_a_hold_on_an_account_keeps_everybody_there_waiting_through_its_last_day(
        self, storage: Storage, decided: Sequence[Decided], days: int
    ) -> None:
        until = TODAY + timedelta(days=days)
        _say(storage, RecordKind.ACCOUNT, "a1", hold_until=until, hold_reason="merger talks")
        assert _undone(storage) == [decided[2]]
        assert _undone(storage, today=until) == [decided[2]]
        assert _undone(storage, today=until + timedelta(days=1)) == decided

    def test_a_hold_on_one_contact_holds_the_person_at_that_account(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        _say(storage, RecordKind.CONTACT, "c4", hold_until=TODAY)
        assert _undone(storage) == decided[1:]

    def test_a_hold_on_another_account_of_the_person_does_not(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        _say(storage, RecordKind.CONTACT, "c4", hold_until=TODAY, account="a2")
        assert _undone(storage) == decided

    @pytest.mark.parametrize(
        "said", [{"hold_until": TODAY - timedelta(days=1), "hold_reason": "over"}, {"hold_reason": "no date"}]
    )
    def test_a_hold_that_is_over_and_a_reason_without_a_date_do_nothing(
        self, storage: Storage, decided: Sequence[Decided], said: Mapping[str, Any]
    ) -> None:
        _say(storage, RecordKind.ACCOUNT, "a1", **said)
        _say(storage, RecordKind.CONTACT, "c2", **said)
        assert _undone(storage) == decided

    def test_a_removed_record_holds_nobody(self, storage: Storage, decided: Sequence[Decided]) -> None:
        _say(storage, RecordKind.CONTACT, "c4", hold_until=TODAY)
        _say(storage, RecordKind.CONTACT, removed="c4")
        assert _undone(storage) == decided

    def test_an_invited_person_s_mail_waits_and_is_not_cancelled(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        invite(storage, decided[1], nonce=NONCE)
        (ready,) = _ready(storage)
        _say(storage, RecordKind.CONTACT, "c2", hold_until=TODAY + timedelta(days=3))
        assert _ready(storage) == []
        with storage.begin() as unit:
            assert unit.messages.hand_over(ready, at=LATER, today=TODAY + timedelta(days=3)) is False
            unit.commit()
        assert _outcomes(storage)[Outcome.DEFERRED] == 3
        assert _ready(storage, today=TODAY + timedelta(days=4)) == [ready]
        with storage.begin() as unit:
            assert unit.messages.hand_over(ready, at=LATER, today=TODAY + timedelta(days=4)) is True

    def test_whoever_waits_is_deferred_until_the_occurrence_expires_and_then_blocked(
        self, storage: Storage, decided: Sequence[Decided]
    ) -> None:
        _say(storage, RecordKind.ACCOUNT, "a1", hold_until=date(2026, 12, 31))
        assert _outcomes(storage, today=EXPIRES_ON) == {Outcome.DEFERRED: 3, Outcome.BLOCKED: 1}
        after = EXPIRES_ON + timedelta(days=1)
        assert _outcomes(storage, today=after) == {Outcome.BLOCKED: 4}
        assert _undone(storage, today=after) == []
        with storage.snapshot() as unit:
            counting = [
                unit.decisions.past_asks(track=Track.REAL, since=TODAY, today=day) for day in (EXPIRES_ON, after)
            ]
        assert [len({ask.person_id for ask in asks}) for asks in counting] == [3, 0]

    def test_who_left_is_neither_invited_nor_mailed(self, storage: Storage, decided: Sequence[Decided]) -> None:
        invite(storage, decided[1], nonce=NONCE)
        (ready,) = _ready(storage)
        for crm_id in ("c2", "c4"):
            _say(storage, RecordKind.CONTACT, crm_id, left_company=True)
        assert _undone(storage) == [decided[2]]
        with storage.begin() as unit:
            assert unit.messages.hand_over(ready, at=LATER, today=TODAY) is False
            unit.commit()
        assert _ready(storage) == []
        assert _outcomes(storage) == {Outcome.DEFERRED: 1, Outcome.BLOCKED: 3}


def _say(storage: Storage, kind: RecordKind, *crm_ids: str, removed: str | None = None, **words: Any) -> None:
    """What a rep writes on records, or that one of them is removed, seen an hour later."""
    gone = [Removal(crm_id=removed)] if removed is not None else []
    rows = [(crm_id, LATER, *words.values()) for crm_id in crm_ids]
    page = Page(kind=kind, columns=("crm_id", "stamp", *words), rows=rows, cursor="2", removed=gone)
    with storage.begin() as unit:
        unit.records.store_page("sf", page, seen_at=LATER)
        unit.commit()


def _undone(storage: Storage, *, today: date = TODAY) -> Sequence[Decided]:
    with storage.snapshot() as unit:
        return list(unit.invitations.undone(programs=[PROGRAM.id], today=today, limit=9))


def _ready(storage: Storage, *, today: date = TODAY, now: datetime = MONDAY) -> Sequence[int]:
    with storage.snapshot() as unit:
        ready = unit.messages.ready(programs=[PROGRAM.id], now=now, today=today, limit=9)
    return [message.id for message in ready]


def _outcomes(storage: Storage, *, today: date = TODAY) -> Mapping[Outcome, int]:
    """The outcomes that there are."""
    with storage.snapshot() as unit:
        counted = unit.decisions.outcomes(track=Track.REAL, today=today)
    return {outcome: number for outcome, number in counted.items() if number}
