"""The tasks of the adapter contract: made once whatever gets lost, and read back as reps left them."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.records import RecordKind
from connector.ports.crm import CrmAdapter, NewTask, TaskSeen, TaskState
from connector.ports.errors import CrmMissingField, CrmOwnerRefused, CrmRejected, CrmUnavailable, UnsupportedKind
from connector.testing.crm_pages import column_of
from connector.testing.crm_world import CrmWorld, Fault, TaskShown

ACCOUNT, CONTACT, OWNER = RecordKind.ACCOUNT, RecordKind.CONTACT, RecordKind.OWNER
BODY = 'Jörg said 3 of 10: "5 < 6 & <b>late</b>".\n\nCause: answer &lt; 4\n  - call back'


def skip_without_tasks(adapter: CrmAdapter) -> None:
    """Leave a case out where the adapter makes no tasks."""
    if not adapter.capabilities.tasks:
        pytest.skip("makes no tasks")


class TaskCases:
    """A task is made once whatever gets lost, and what reps do with it comes back."""

    def _task(self, world: CrmWorld, adapter: CrmAdapter, tag: str, *, place: int = 0) -> NewTask:
        """A task for an active owner about a contact that has an account; `place` chooses the contact."""
        skip_without_tasks(adapter)
        accounts = column_of(list(adapter.pull(CONTACT, None)), "account")
        at_accounts = sorted((contact, str(account)) for contact, account in accounts.items() if account)
        contact_id, account_id = at_accounts[place]
        active = column_of(list(adapter.pull(OWNER, None)), "is_active")
        return NewTask(
            marker=f"closedloop:contract-{tag}-1",
            account_id=account_id,
            contact_id=contact_id,
            owner_id=min(crm_id for crm_id, is_active in active.items() if is_active),
            subject="Call Jörg & Söhne: what went wrong?",
            body=BODY,
            due_on=world.now().date() + timedelta(days=2),
            opened_at=world.now(),
        )

    def test_a_task_stands_on_contact_and_account_as_reps_see_it(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        task = self._task(world, adapter, "open")
        crm_id = adapter.open_task(task, is_retry=False)
        assert world.task_shown(crm_id) == TaskShown(
            subject=task.subject,
            due_on=task.due_on,
            owner_id=task.owner_id,
            account_id=task.account_id,
            contact_id=task.contact_id,
        )
        assert world.tasks_bearing(task.marker) == [crm_id]

    def test_a_task_comes_back_with_its_text_as_it_was_written_and_the_marker_behind_it(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        task = self._task(world, adapter, "text")
        crm_id = adapter.open_task(task, is_retry=False)
        (seen,) = adapter.tasks([crm_id])
        assert seen.changed_at is not None
        assert abs(seen.changed_at - world.now()) < timedelta(minutes=1)
        assert seen == TaskSeen(
            crm_id=crm_id,
            state=TaskState.OPEN,
            body=f"{BODY}\n{task.marker}",
            owner_id=task.owner_id,
            changed_at=seen.changed_at,
        )

    def test_a_text_that_holds_the_marker_gets_no_second_one(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        task = self._task(world, adapter, "held")
        task = replace(task, body=f"Call them.\n{task.marker}")
        (seen,) = adapter.tasks([adapter.open_task(task, is_retry=False)])
        assert seen.body == task.body

    def test_a_task_may_be_about_an_account_alone(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        task = replace(self._task(world, adapter, "alone"), contact_id=None)
        crm_id = adapter.open_task(task, is_retry=False)
        shown = world.task_shown(crm_id)
        assert (shown.account_id, shown.contact_id) == (task.account_id, None)
        assert adapter.open_task(task, is_retry=True) == crm_id

    def test_a_subject_or_text_that_is_too_long_is_cut_and_the_marker_stays(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        task = self._task(world, adapter, "long")
        task = replace(task, subject="Call\nthem " * 100, body="<&> " * 20_000)
        crm_id = adapter.open_task(task, is_retry=False)
        assert world.task_shown(crm_id).subject == ("Call them " * 100)[:255]
        (seen,) = adapter.tasks([crm_id])
        assert seen.body.startswith("<&> <&> ")
        assert seen.body.endswith(f"\n{task.marker}")

    def test_a_retry_finds_the_task_instead_of_making_another(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        task = self._task(world, adapter, "again")
        crm_id = adapter.open_task(task, is_retry=False)
        before = world.rows_written()
        with world.open() as another:
            assert another.open_task(task, is_retry=True) == crm_id
        assert world.rows_written() == before

    def test_a_retry_takes_no_other_task_for_its_own(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        task = self._task(world, adapter, "near")
        longer = replace(task, marker=f"{task.marker}2")
        other = adapter.open_task(longer, is_retry=False)
        crm_id = adapter.open_task(task, is_retry=True)
        assert crm_id != other
        assert adapter.open_task(longer, is_retry=True) == other

    def test_a_task_whose_answer_was_lost_is_not_asked_for_twice_and_found_by_a_retry(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        task = self._task(world, adapter, "lost")
        world.fail_next_task(Fault.LOST)
        with pytest.raises(CrmUnavailable):
            adapter.open_task(task, is_retry=False)
        (made,) = world.tasks_bearing(task.marker)
        world.settle()
        assert adapter.open_task(task, is_retry=True) == made
        assert world.tasks_bearing(task.marker) == [made]

    @pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.CUT])
    def test_a_task_that_failed_is_there_once_after_a_retry(
        self, world: CrmWorld, adapter: CrmAdapter, fault: Fault
    ) -> None:
        task = self._task(world, adapter, f"failed-{fault}")
        world.fail_next_task(fault)
        with pytest.raises(CrmUnavailable):
            adapter.open_task(task, is_retry=False)
        crm_id = adapter.open_task(task, is_retry=True)
        assert world.tasks_bearing(task.marker) == [crm_id]

    def test_a_retry_finds_a_task_that_was_completed_meanwhile(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        task = self._task(world, adapter, "closed")
        crm_id = adapter.open_task(task, is_retry=False)
        world.complete_task(crm_id)
        assert adapter.open_task(task, is_retry=True) == crm_id

    @pytest.mark.parametrize("kind", [ACCOUNT, CONTACT])
    def test_a_retry_finds_a_task_whose_contact_or_account_was_merged_meanwhile(
        self, world: CrmWorld, adapter: CrmAdapter, kind: RecordKind
    ) -> None:
        task = self._task(world, adapter, f"merged-{kind}", place=30)
        crm_id = adapter.open_task(task, is_retry=False)
        loser = task.account_id if kind is ACCOUNT else str(task.contact_id)
        winner = max(world.ids(kind) - {loser})
        world.merge(kind, loser, winner=winner)
        world.settle()
        assert adapter.open_task(task, is_retry=True) == crm_id

    def test_a_task_on_an_account_that_is_merged_is_not_doubled_whichever_id_a_retry_names(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        task = replace(self._task(world, adapter, "merged-alone", place=20), contact_id=None)
        crm_id = adapter.open_task(task, is_retry=False)
        before = world.ids(ACCOUNT)
        winner = max(before - {task.account_id})
        world.merge(ACCOUNT, task.account_id, winner=winner)
        world.settle()
        with suppress(CrmRejected):
            assert adapter.open_task(task, is_retry=True) == crm_id
        survivor = next(iter(world.ids(ACCOUNT) - before), winner)
        assert adapter.open_task(replace(task, account_id=survivor), is_retry=True) == crm_id
        assert world.tasks_bearing(task.marker) == [crm_id]

    def test_a_completed_task_is_done_and_shows_what_the_rep_wrote(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        task = self._task(world, adapter, "done")
        crm_id = adapter.open_task(task, is_retry=False)
        world.settle()
        world.write_into_task(crm_id, "Called: <refund> & sorry, Grüße")
        world.complete_task(crm_id)
        (seen,) = adapter.tasks([crm_id])
        assert (seen.state, seen.body) == (
            TaskState.DONE,
            f"{BODY}\n{task.marker}\nCalled: <refund> & sorry, Grüße",
        )
        assert seen.changed_at is not None
        assert abs(seen.changed_at - world.now()) < timedelta(minutes=1)

    def test_tasks_come_in_the_order_asked_for_and_what_is_not_there_is_gone(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        task = self._task(world, adapter, "first")
        first = adapter.open_task(task, is_retry=False)
        second = adapter.open_task(replace(task, marker="closedloop:contract-second-1"), is_retry=False)
        world.delete_task(first)
        seen = adapter.tasks([second, first, "no id", second])
        assert [(one.crm_id, one.state) for one in seen] == [
            (second, TaskState.OPEN),
            (first, TaskState.GONE),
            ("no id", TaskState.GONE),
            (second, TaskState.OPEN),
        ]
        assert seen[1] == TaskSeen(crm_id=first, state=TaskState.GONE)

    def test_a_task_with_another_owner_names_the_new_one(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        task = self._task(world, adapter, "given")
        crm_id = adapter.open_task(task, is_retry=False)
        active = column_of(list(adapter.pull(OWNER, None)), "is_active")
        other = max(owner for owner, is_active in active.items() if is_active)
        world.give_task(crm_id, owner_id=other)
        (seen,) = adapter.tasks([crm_id])
        assert (seen.owner_id, other != task.owner_id) == (other, True)

    def test_no_ids_ask_nothing(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        skip_without_tasks(adapter)
        adapter.tasks([])
        before = world.requests()
        assert adapter.tasks([]) == []
        assert world.requests() == before

    def test_an_owner_that_cannot_have_it_is_refused_as_such_in_words_of_ours(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        task = self._task(world, adapter, "owner")
        active = column_of(list(adapter.pull(OWNER, None)), "is_active")
        inactive = min(crm_id for crm_id, is_active in active.items() if not is_active)
        for owner_id in (world.unknown_owner, inactive):
            with pytest.raises(CrmOwnerRefused) as caught:
                adapter.open_task(replace(task, owner_id=owner_id), is_retry=False)
            code, _, sentence = str(caught.value).partition(": ")
            assert code.isupper()
            assert sentence != ""
            assert owner_id[:15] not in str(caught.value)
        assert world.tasks_bearing(task.marker) == []

    def test_a_contact_that_is_gone_is_refused_and_nothing_is_made(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        task = self._task(world, adapter, "gone", place=40)
        world.delete(CONTACT, str(task.contact_id))
        with pytest.raises(CrmRejected) as caught:
            adapter.open_task(task, is_retry=False)
        assert not isinstance(caught.value, CrmOwnerRefused)
        assert world.tasks_bearing(task.marker) == []

    def test_a_hidden_field_is_told_by_check_and_stops_tasks_before_one_is_made_without_its_marker(
        self, world: CrmWorld, adapter: CrmAdapter
    ) -> None:
        task = self._task(world, adapter, "hidden")
        world.hide_task_body()
        before = world.rows_written()
        with pytest.raises(CrmMissingField):
            adapter.open_task(task, is_retry=False)
        assert world.rows_written() == before
        assert [problem.is_error for problem in adapter.check() if ".task." in problem.where] == [True]

    def test_tasks_without_the_capability_raise_before_any_request(self, world: CrmWorld, adapter: CrmAdapter) -> None:
        with world.open(without_tasks=True) as limited:
            before = world.requests()
            with pytest.raises(UnsupportedKind):
                limited.open_task(self._any_task(world), is_retry=False)
            with pytest.raises(UnsupportedKind):
                limited.tasks(["1"])
            assert world.requests() == before

    def _any_task(self, world: CrmWorld) -> NewTask:
        return NewTask(
            marker="closedloop:contract-none-1",
            account_id=min(world.ids(ACCOUNT)),
            contact_id=None,
            owner_id=None,
            subject="Call",
            body="",
            due_on=world.now().date(),
            opened_at=world.now(),
        )
