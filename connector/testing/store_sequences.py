"""Random sequences of pages against a model of a few lines; needs hypothesis."""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.ports.crm import Removal
from connector.ports.storage.unit import Storage
from connector.testing.store_pages import hour, page, record, store
from connector.testing.store_rows import Rows, changes, live_addresses

_VALUES = st.sampled_from([None, "a", "b"])
_ADDRESSES = st.sampled_from([None, "a@x.example", "b@x.example", "c@x.example", "info@x.example"])
_ROW = st.tuples(st.sampled_from("ABC"), st.integers(0, 5), _VALUES, _VALUES)
_PAGES = st.lists(st.lists(_ROW, min_size=1, max_size=4, unique_by=lambda row: row[0]), min_size=1, max_size=6)
_MOVE = st.tuples(st.sampled_from("ABCD"), st.sampled_from(["Anna", "Bert"]), _ADDRESSES)
_MOVES = st.lists(
    st.one_of(st.lists(_MOVE, min_size=1, max_size=3, unique_by=lambda move: move[0]), st.sampled_from("ABCD")),
    max_size=8,
)


class SequenceContract:
    """Each example uses a CRM of its own in one database, so none sees another's records."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(pages=_PAGES)
    def test_rows_are_the_newest_and_changes_the_observed_transitions(
        self, storage: Storage, rows: Rows, pages: Sequence[Sequence[Any]]
    ) -> None:
        crm = _fresh_crm(rows)
        newest: dict[str, tuple[int, dict[str, Any]]] = {}
        transitions: list[tuple[str, str, Any, Any]] = []
        for n, given_rows in enumerate(pages):
            for crm_id, stamp, title, segment in sorted(given_rows, key=lambda row: row[0]):
                facts = {"title": title, "segment": segment}
                before = newest.get(crm_id)
                if before is None or stamp >= before[0]:
                    known = before[1] if before else facts
                    transitions += [(crm_id, f, known[f], facts[f]) for f in facts if known[f] != facts[f]]
                    newest[crm_id] = (stamp, facts)
            records = [record(i, stamp=hour(s), title=t, segment=g) for i, s, t, g in given_rows]
            store(storage, page(*records), at=hour(n), crm=crm)
        stored = {row["id"]: row for row in rows("contact") if row["crm"] == crm}
        assert {row["crm_id"]: (row["stamp"], {"title": row["title"], **row["facts"]}) for row in stored.values()} == {
            crm_id: (hour(stamp), facts) for crm_id, (stamp, facts) in newest.items()
        }
        noted = [
            (stored[record_id]["crm_id"], fact, old, new)
            for record_id, fact, old, new in changes(rows, "record_id", "fact", "old", "new")
            if record_id in stored
        ]
        assert sorted(noted, key=repr) == sorted(transitions, key=repr)

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(moves=_MOVES)
    def test_a_live_address_belongs_to_one_person_who_has_every_contact_with_it(
        self, storage: Storage, rows: Rows, moves: Sequence[Any]
    ) -> None:
        crm = _fresh_crm(rows)
        for n, move in enumerate(moves):
            if isinstance(move, str):
                store(storage, page(removed=[Removal(crm_id=move)]), at=hour(n), crm=crm)
            else:
                records = [record(crm_id, stamp=hour(n), name=name, address=a) for crm_id, name, a in move]
                store(storage, page(*records), at=hour(n), crm=crm)
            _assert_seated(rows)


def _fresh_crm(rows: Rows) -> str:
    return f"crm{len({row['crm'] for row in rows('cursor')})}"


def _assert_seated(rows: Rows) -> None:
    contacts = [row for row in rows("contact") if row["removed_at"] is None]
    personal = [row for row in contacts if row["address"] and not row["address"].startswith("info@")]
    live = [row["address"] for row in rows("person_address") if row["to_at"] is None]
    assert sorted(live) == sorted({row["address"] for row in personal})
    assert {(row["address"], row["person_id"]) for row in personal} == set(live_addresses(rows).items())
    assert all(row["person_id"] is not None for row in rows("contact"))
