"""The failing part of the adapter contract: the right error after the right number of tries, and no secret told."""

import traceback
from collections.abc import Callable

import pytest

from connector.domain.records import RecordKind
from connector.ports.crm import CrmAdapter, Write
from connector.ports.errors import (
    ConnectorError,
    CrmAuthError,
    CrmMissingField,
    CrmRateLimited,
    CrmUnavailable,
    CrmWrongOrg,
    Verdict,
)
from connector.testing.crm_pages import ids_of
from connector.testing.crm_world import CrmWorld, Fault, Login

CONTACT, OWNER = RecordKind.CONTACT, RecordKind.OWNER


class FailingCases:
    """Each failure ends in the right error, after the right number of tries, and tells no secret."""

    def _refusal(self, world: CrmWorld, act: Callable[[], object], expected: type[ConnectorError]) -> ConnectorError:
        with pytest.raises(expected) as caught:
            act()
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert [secret for secret in world.secrets if secret in told] == []
        return caught.value

    def test_a_used_up_limit_is_told_with_a_wait_and_not_tried_again(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        list(adapter.pull(OWNER, None))
        world.fail_next(Fault.LIMIT, times=50)
        before = world.requests()
        error = self._refusal(world, lambda: list(adapter.pull(OWNER, None)), CrmRateLimited)
        assert isinstance(error, CrmRateLimited)
        assert (error.retry_after or 0) > 0
        assert world.requests() - before == 1

    @pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.CUT, Fault.LOST])
    def test_a_passing_failure_is_waited_for(self, world: CrmWorld, adapter: CrmAdapter, fault: Fault) -> None:
        list(adapter.pull(OWNER, None))
        world.fail_next(fault)
        assert sorted(ids_of(list(adapter.pull(CONTACT, None)))) == sorted(world.ids(CONTACT))

    @pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.CUT])
    def test_a_lasting_failure_is_told_as_unavailable(self, world: CrmWorld, adapter: CrmAdapter, fault: Fault) -> None:
        world.fail_next(fault, times=1000)
        error = self._refusal(world, lambda: list(adapter.pull(CONTACT, None)), CrmUnavailable)
        assert error.verdict is Verdict.RETRY

    def test_a_session_that_expires_between_pages_is_renewed_where_it_can_be(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        world.small_pages()
        pages = []

        def pull() -> None:
            for page in adapter.pull(CONTACT, None):
                pages.append(page)
                if len(pages) == 2:
                    world.expire_after(requests=1)

        if world.renews_sessions:
            pull()
            assert sorted(ids_of(pages)) == sorted(world.ids(CONTACT))
        else:
            self._refusal(world, pull, CrmAuthError)
            assert len(pages) == 3
            world.calm()
            rest = list(adapter.pull(CONTACT, pages[-1].cursor))
            assert sorted(ids_of([*pages, *rest])) == sorted(world.ids(CONTACT))

    def test_a_session_that_is_refused_is_renewed_once_only(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        list(adapter.pull(OWNER, None))
        world.fail_next(Fault.REFUSED, times=1000)
        before = world.requests()
        self._refusal(world, lambda: list(adapter.pull(OWNER, None)), CrmAuthError)
        assert world.requests() - before <= 4

    def test_wrong_credentials_are_told_by_every_verb(self, world: CrmWorld) -> None:
        with world.open(login=Login.WRONG) as adapter:
            self._refusal(world, adapter.organisation, CrmAuthError)
            self._refusal(world, lambda: list(adapter.pull(CONTACT, None)), CrmAuthError)
            assert [problem.is_error for problem in adapter.check()] == [True]

    def test_another_org_is_neither_read_nor_written(self, world: CrmWorld) -> None:
        before = world.rows_written()
        with world.open(login=Login.ANOTHER_ORG) as adapter:
            self._refusal(world, adapter.organisation, CrmWrongOrg)
            self._refusal(world, lambda: list(adapter.pull(CONTACT, None)), CrmWrongOrg)
            write = Write(key="m", crm_id=min(world.ids(CONTACT)), values={"score": 1.5})
            self._refusal(world, lambda: adapter.push(CONTACT, [write]), CrmWrongOrg)
            assert [problem.is_error for problem in adapter.check()] == [True]
        assert world.rows_written() == before

    def test_a_healthy_connection_has_no_errors(self, adapter: CrmAdapter) -> None:
        assert [problem for problem in adapter.check() if problem.is_error] == []

    def test_without_the_opt_out_nobody_is_read(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        world.hide(CONTACT, "opted_out")
        self._refusal(world, lambda: list(adapter.pull(CONTACT, None)), CrmMissingField)
        assert any(problem.is_error and "opted_out" in problem.where for problem in adapter.check())

    def test_a_declared_fact_without_a_field_stops_its_kind(self, world: CrmWorld) -> None:
        (fact, source) = next(iter(world.undeclarable.items()))
        with world.open(sources={**world.declared, fact: source}) as adapter:
            error = self._refusal(world, lambda: list(adapter.pull(fact.kind, None)), CrmMissingField)
            assert fact.name in str(error)
            assert source.partition(".")[2] in str(error)
            assert any(problem.is_error and fact.word in problem.where for problem in adapter.check())

    def test_a_default_fact_without_a_field_is_left_out_and_warned_of(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        world.hide(CONTACT, "title")
        assert all("title" not in page.columns for page in adapter.pull(CONTACT, None))
        assert [problem.is_error for problem in adapter.check() if "title" in problem.where] == [False]

    def test_what_an_adapter_shows_of_itself_tells_no_secret(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        adapter.organisation()
        told = f"{adapter!r} {adapter.check()!r} {world.spec!r}"
        assert [secret for secret in world.secrets if secret in told] == []
