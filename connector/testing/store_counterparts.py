"""What every store must tell about counterparts: the name that an invitation shows, and the place of a task."""

from collections.abc import Mapping

import pytest

from connector.domain.links import LinkPurpose, token_hash
from connector.domain.records import FactValue, RecordKind
from connector.ports.storage.unit import Storage
from connector.testing.asking_world import MONDAY, PROGRAM, decide_to_ask, invite, link, store_records
from connector.testing.store_pages import gone, page, record, store

NONCE = b"\x07" * 16


class CounterpartContract:
    """The person on our side, as invitations and tasks see them."""

    @pytest.mark.parametrize(
        ("owner", "expected"),
        [
            ({"name": "Anna Kowhai", "is_active": True}, "Anna Kowhai"),
            ({"name": "Anna Kowhai", "is_active": None}, "Anna Kowhai"),
            ({"name": "Anna Kowhai", "is_active": False}, None),
            ({"name": None, "is_active": True}, None),
        ],
        ids=["active", "nobody says", "not active", "without a name"],
    )
    def test_an_invitation_knows_the_name_of_an_active_counterpart(
        self, storage: Storage, owner: Mapping[str, FactValue], expected: str | None
    ) -> None:
        _ask(storage, counterpart="u1")
        assert _name(storage) is None
        store(storage, page({**record("u1"), **owner}, kind=RecordKind.OWNER), at=MONDAY, crm="sf")
        store(storage, page(record("u1", name="Somebody Else"), kind=RecordKind.OWNER), at=MONDAY, crm="hub")
        assert _name(storage) == expected
        store(storage, gone("u1", kind=RecordKind.OWNER), at=MONDAY, crm="sf")
        assert _name(storage) is None

    def test_a_place_names_the_contact_s_counterpart(self, storage: Storage) -> None:
        _ask(storage, counterpart="u1")
        with storage.snapshot() as unit:
            invitation = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(link(NONCE)))
            assert invitation is not None
            places = unit.places.places(
                invitation.account_id, person_id=invitation.person_id, contact_id=invitation.contact_id, pairs={}
            )
        assert [(place.counterpart, place.contact_owner) for place in places] == [("u1", None)]


def _ask(storage: Storage, *, counterpart: str) -> None:
    """Invite somebody whose counterpart this is."""
    store_records(storage)
    decide_to_ask(storage)
    with storage.snapshot() as unit:
        (first, *_) = unit.invitations.undone(programs=[PROGRAM.id], today=MONDAY.date(), limit=9)
    invite(storage, first, nonce=NONCE)
    store(storage, page(record("c1", stamp=MONDAY, counterpart=counterpart)), at=MONDAY, crm="sf")


def _name(storage: Storage) -> str | None:
    with storage.snapshot() as unit:
        invitation = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(link(NONCE)))
    assert invitation is not None
    return invitation.counterpart_name
