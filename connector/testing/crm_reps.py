"""What the adapter contract asks about reps: their own fields come as facts, and their managers are known."""

from datetime import date

import pytest

from connector.domain.records import FactValue, RecordKind
from connector.ports.crm import CrmAdapter
from connector.testing.crm_pages import column_of, ids_of
from connector.testing.crm_world import CrmWorld

ACCOUNT, CONTACT, OWNER = RecordKind.ACCOUNT, RecordKind.CONTACT, RecordKind.OWNER
HOLD: dict[str, FactValue] = {"hold_until": date(2026, 4, 30), "hold_reason": "Legal case & audit"}
FILLED_IN = {ACCOUNT: HOLD, CONTACT: {**HOLD, "rep_level": "Executive", "left_company": True}}
SEEN = {ACCOUNT: HOLD, CONTACT: {**HOLD, "rep_level": "executive", "left_company": True}}


class RepCases:
    """What reps fill in comes as facts, and is no error where the fields do not exist."""

    @pytest.mark.parametrize("kind", [ACCOUNT, CONTACT])
    def test_what_a_rep_fills_in_comes_as_facts_with_the_next_pull(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        crm_id = sorted(world.ids(kind))[2]
        world.settle()
        cursor = list(adapter.pull(kind, None))[-1].cursor
        world.fill_in(kind, crm_id, FILLED_IN[kind])
        world.settle()
        pages = list(adapter.pull(kind, cursor))
        assert crm_id in ids_of(pages)
        assert {word: column_of(pages, word)[crm_id] for word in SEEN[kind]} == SEEN[kind]

    @pytest.mark.parametrize("kind", [ACCOUNT, CONTACT])
    def test_a_field_for_reps_that_is_missing_is_left_out_and_warned_of_with_the_remedy(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        world.hide(kind, "hold_until")
        assert all("hold_until" not in page.columns for page in adapter.pull(kind, None))
        (problem,) = (one for one in adapter.check() if one.where.endswith(f"{kind}.hold_until"))
        assert not problem.is_error
        assert "create it as Date" in problem.message

    def test_managers_are_owners_and_nobody_is_their_own(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        managers = column_of(list(adapter.pull(OWNER, None)), "manager")
        known = {owner: manager for owner, manager in managers.items() if manager}
        assert known
        assert set(known.values()) <= world.ids(OWNER)
        assert [owner for owner, manager in known.items() if owner == manager] == []
