"""The writing half of the adapter contract: values arrive, one change per key, each row alone."""

from collections.abc import Sequence
from datetime import date

import pytest

from connector.domain.records import FactValue, RecordKind
from connector.ports.crm import CrmAdapter, Receipt, Write
from connector.ports.errors import CrmMissingField, UnsupportedKind, Verdict
from connector.testing.crm_pages import column_of
from connector.testing.crm_world import CrmWorld, Fault

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT
SHOWN: dict[RecordKind, dict[str, FactValue]] = {
    ACCOUNT: {"score": 7.5},
    CONTACT: {"score": 7.5, "answered_on": date(2026, 3, 31)},
}


class WritingCases:
    """Values arrive, one change per key, each row alone."""

    def _writes(
        self, world: CrmWorld, values: dict[str, FactValue], *, count: int, tag: str, kind: RecordKind = CONTACT
    ) -> list[Write]:
        ids = sorted(world.ids(kind))[-count:]
        return [Write(key=f"{tag}-{number}", crm_id=crm_id, values=values) for number, crm_id in enumerate(ids)]

    def _taken(self, writes: Sequence[Write]) -> list[Receipt]:
        return [Receipt(key=write.key, crm_id=write.crm_id) for write in writes]

    @pytest.mark.parametrize("kind", [ACCOUNT, CONTACT])
    def test_values_arrive_where_reps_see_them_and_come_back_as_ours(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        if kind not in adapter.capabilities.writes:
            pytest.skip("does not write this kind")
        writes = self._writes(world, SHOWN[kind], count=3, tag="a", kind=kind)
        assert adapter.push(kind, writes) == self._taken(writes)
        pages = list(adapter.pull(kind, None))
        for write in writes:
            assert {word: world.shown(kind, write.crm_id, word) for word in SHOWN[kind]} == SHOWN[kind]
            ours = {word: column_of(pages, f"ours.{word}")[write.crm_id] for word in SHOWN[kind]}
            assert ours == SHOWN[kind]

    @pytest.mark.parametrize("kind", [ACCOUNT, CONTACT])
    def test_what_reps_fill_in_is_not_ours_to_write(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        if kind not in adapter.capabilities.writes:
            pytest.skip("does not write this kind")
        writes = self._writes(world, {"hold_until": date(2026, 3, 31)}, count=1, tag="r", kind=kind)
        before = world.rows_written()
        with pytest.raises(CrmMissingField):
            adapter.push(kind, writes)
        assert world.rows_written() == before

    def test_none_clears_a_value(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        adapter.push(CONTACT, self._writes(world, {"score": 3.0}, count=1, tag="b"))
        writes = self._writes(world, {"score": None}, count=1, tag="c")
        assert adapter.push(CONTACT, writes) == self._taken(writes)
        assert world.shown(CONTACT, writes[0].crm_id, "score") is None

    def test_pushing_twice_makes_one_change(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        adapter.push(CONTACT, self._writes(world, {"score": 1.0}, count=4, tag="d"))
        writes = self._writes(world, {"score": 2.5}, count=4, tag="e")
        before = world.rows_written()
        assert adapter.push(CONTACT, writes) == self._taken(writes)
        assert adapter.push(CONTACT, writes) == self._taken(writes)
        assert world.rows_written() - before == 4

    def test_one_bad_row_of_many_fails_alone_and_says_why_without_the_words_of_the_crm(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        writes = self._writes(world, {"score": 4.5}, count=9, tag="f")
        world.reject(CONTACT, writes[4].crm_id, message="Jo Fell (jo.fell@frost.example) is frozen.")
        receipts = adapter.push(CONTACT, writes)
        assert [receipt for receipt in receipts if receipt.key != "f-4"] == self._taken([*writes[:4], *writes[5:]])
        assert (receipts[4].key, receipts[4].verdict) == ("f-4", Verdict.SKIP)
        assert receipts[4].message.partition(":")[2].strip() != ""
        assert "Fell" not in receipts[4].message
        assert "@" not in receipts[4].message
        assert world.shown(CONTACT, writes[5].crm_id, "score") == 4.5

    def test_a_record_that_is_gone_is_skipped(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        writes = self._writes(world, {"score": 5.5}, count=2, tag="g")
        world.delete(CONTACT, writes[0].crm_id)
        receipts = adapter.push(CONTACT, writes)
        assert [receipt.verdict for receipt in receipts] == [Verdict.SKIP, None]

    def test_more_than_one_batch_is_taken_in_order(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        count = adapter.capabilities.max_batch + 3
        writes = self._writes(world, {"score": 6.5}, count=count, tag="h")
        assert adapter.push(CONTACT, writes) == self._taken(writes)
        assert {world.shown(CONTACT, write.crm_id, "score") for write in writes} == {6.5}

    def test_a_lost_answer_is_asked_for_again(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        writes = self._writes(world, {"score": 8.5}, count=2, tag="i")
        adapter.push(CONTACT, self._writes(world, {"score": 0.5}, count=2, tag="j"))
        world.fail_next(Fault.LOST, only_writes=True)
        assert adapter.push(CONTACT, writes) == self._taken(writes)
        assert [world.shown(CONTACT, write.crm_id, "score") for write in writes] == [8.5, 8.5]

    def test_nothing_to_write_asks_nothing(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        before = world.requests()
        assert adapter.push(CONTACT, []) == []
        assert world.requests() == before

    def test_a_kind_that_cannot_be_written_raises_before_any_request(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        before = world.requests()
        for kind in set(RecordKind) - adapter.capabilities.writes:
            with pytest.raises(UnsupportedKind):
                adapter.push(kind, [Write(key="k", crm_id="x", values={"score": 1.0})])
        assert world.requests() == before

    def test_a_field_of_ours_that_is_missing_stops_the_push(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        world.hide(CONTACT, "score")
        before = world.rows_written()
        with pytest.raises(CrmMissingField):
            adapter.push(CONTACT, self._writes(world, {"score": 9.0}, count=2, tag="l"))
        assert world.rows_written() == before
        assert [problem.where for problem in adapter.check() if problem.is_error] != []
