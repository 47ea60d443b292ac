"""What the adapter contract asks about cases and contracts, which a CRM may also not show at all."""

from datetime import timedelta

import pytest

from connector.domain.records import OPTIONAL_KINDS, WELL_KNOWN, Fact, RecordKind
from connector.ports.crm import CrmAdapter, Removal
from connector.ports.errors import CrmError, CrmHiddenKind, Verdict
from connector.testing.crm_pages import column_of, ids_of, removed_by
from connector.testing.crm_world import CrmWorld

ACCOUNT, CASE, CONTACT, OWNER = RecordKind.ACCOUNT, RecordKind.CASE, RecordKind.CONTACT, RecordKind.OWNER
_HOLDERS = {"account": ACCOUNT, "contact": CONTACT, "owner": OWNER}
_KINDS = sorted(OPTIONAL_KINDS)


class CaseCases:
    """Cases and contracts come as all records do; without them everything else goes on."""

    def _demand(self, adapter: CrmAdapter, kind: RecordKind) -> None:
        if kind not in adapter.capabilities.reads:
            pytest.skip("does not read this kind")

    def _start_of(self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind) -> str:
        self._demand(adapter, kind)
        world.settle()
        return list(adapter.pull(kind, None))[-1].cursor

    @pytest.mark.parametrize("kind", _KINDS)
    def test_their_accounts_contacts_and_owners_resolve(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        self._demand(adapter, kind)
        pages = list(adapter.pull(kind, None))
        for word in WELL_KNOWN[kind].keys() & _HOLDERS.keys():
            named = set(column_of(pages, word).values()) - {None}
            assert named, word
            assert named <= world.ids(_HOLDERS[word])

    @pytest.mark.parametrize("kind", _KINDS)
    def test_a_pull_of_all_of_them_resumes_from_any_cursor(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        self._demand(adapter, kind)
        world.small_pages(size=10)
        pages = list(adapter.pull(kind, None))
        for number, page in enumerate(pages[:-1], start=1):
            with world.open() as another:
                rest = list(another.pull(kind, page.cursor))
            assert set(ids_of(pages[:number])) | set(ids_of(rest)) == world.ids(kind)

    @pytest.mark.parametrize("kind", _KINDS)
    def test_what_changed_of_them_and_what_was_deleted_comes_once(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        cursor = self._start_of(world, adapter, kind)
        gone, *changed = sorted(world.ids(kind))[2:6]
        world.touch(kind, changed)
        world.delete(kind, gone)
        world.settle()
        pages = list(adapter.pull(kind, cursor))
        assert sorted(ids_of(pages)) == changed
        assert removed_by(pages) == [Removal(crm_id=gone)]
        again = list(adapter.pull(kind, pages[-1].cursor))
        assert (ids_of(again), removed_by(again)) == ([], [])

    def test_a_case_that_is_closed_has_its_day_and_one_that_is_opened_again_has_none(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        cursor = self._start_of(world, adapter, CASE)
        words = ("is_closed", "closed_on")
        pages = list(adapter.pull(CASE, None))
        closed = column_of(pages, "is_closed")
        days = column_of(pages, "closed_on")
        assert {crm_id for crm_id in closed if closed[crm_id]} == {crm_id for crm_id in days if days[crm_id]}
        still_open = min(crm_id for crm_id in closed if closed[crm_id] is False)
        today = world.now().date()
        world.close_case(still_open)
        world.settle()
        pages = list(adapter.pull(CASE, cursor))
        (is_closed, day) = (column_of(pages, word)[still_open] for word in words)
        assert (is_closed, day in (today, today + timedelta(days=1))) == (True, True)  # of the CRM's own zone
        world.reopen_case(still_open)
        world.settle()
        pages = list(adapter.pull(CASE, pages[-1].cursor))
        assert [column_of(pages, word)[still_open] for word in words] == [False, None]

    @pytest.mark.parametrize("kind", _KINDS)
    def test_a_kind_that_is_not_shown_is_told_apart_and_warned_of(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        cursor = self._start_of(world, adapter, kind)
        world.hide_kind(kind)
        for since in (None, cursor):
            with pytest.raises(CrmHiddenKind) as caught:
                list(adapter.pull(kind, since))
            assert (caught.value.kind, caught.value.verdict) == (kind, Verdict.SKIP)
        problems = [problem for problem in adapter.check() if kind in problem.where.split(".")]
        assert [problem.is_error for problem in problems] == [False]
        assert set(ids_of(list(adapter.pull(ACCOUNT, None)))) == world.ids(ACCOUNT)

    @pytest.mark.parametrize("kind", _KINDS)
    @pytest.mark.parametrize("is_declared", [False, True])
    def test_the_fields_of_a_kind_that_is_not_shown_are_hidden_with_it(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind, is_declared: bool
    ) -> None:
        self._demand(adapter, kind)
        fact = Fact(kind=kind, word="stage", type=WELL_KNOWN[kind]["stage"])
        world.hide_kind(kind)
        declared = {fact: world.spec.sources[fact.name]} if is_declared else {}
        with world.open(sources={**world.declared, **declared}) as opened:
            with pytest.raises(CrmHiddenKind) as caught:
                opened.fields(kind)
            assert (caught.value.kind, bool(opened.fields(ACCOUNT))) == (kind, True)

    @pytest.mark.parametrize("kind", _KINDS)
    def test_a_kind_that_a_declared_fact_needs_stops_where_it_is_not_shown(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        self._demand(adapter, kind)
        fact = Fact(kind=kind, word="stage", type=WELL_KNOWN[kind]["stage"])
        world.hide_kind(kind)
        with world.open(sources={**world.declared, fact: world.spec.sources[fact.name]}) as declaring:
            with pytest.raises(CrmError) as caught:  # which one depends on what hides the kind
                list(declaring.pull(kind, None))
            assert caught.value.verdict is Verdict.STOP
            problems = [problem for problem in declaring.check() if kind in problem.where.split(".")]
        assert [problem.is_error for problem in problems] == [True]
