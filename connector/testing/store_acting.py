"""What every store must do with actions: opened and closed once, each with all that belongs to it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.domain.actions import ActionState, OwnedBy, Place, TaskStage
from connector.domain.owners import Assigned, Owner
from connector.domain.records import RecordKind
from connector.domain.surveys import Answer
from connector.ports.crm import Page
from connector.ports.errors import StorageError
from connector.ports.storage.acting import ActionCounts, Answered, Task
from connector.ports.storage.unit import Storage
from connector.testing.acting_world import (
    DUE_ON,
    LATER,
    NAME,
    OLA,
    RENEWAL,
    dirty_accounts,
    due_tasks,
    earlier_of,
    events,
    hear_anna,
    make_due_task,
    new_action,
    open_action,
    unacted,
)
from connector.testing.asking_world import MONDAY, PROGRAM, SURVEY
from connector.testing.store_rows import Rows


class ActionContract:
    """Responses to look at, actions, and what they mark."""

    @pytest.fixture
    def answered(self, storage: Storage) -> Answered:
        """Anna's answer, which nobody has looked at yet."""
        hear_anna(storage, number=1, score=4)
        (answered,) = unacted(storage)
        return answered

    def test_a_response_to_look_at_comes_with_answers_names_and_facts(self, storage: Storage) -> None:
        hear_anna(storage, number=1, score=4)
        with storage.snapshot() as unit:
            facts = {PROGRAM.id: [NAME, RENEWAL], "other": [NAME]}
            (answered,) = unit.actions.unacted(facts=facts, limit=9)
        assert (answered.contact_name, answered.account_name) == ("Anna Größe", "Tui & Söhne <GmbH>")
        assert answered.answers == (
            Answer(question="relationship", number=4),
            Answer(question="since", choices=("worse",)),
            Answer(question="change", text="Answer faster."),
        )
        assert answered.facts == {"contact.name": "Anna Größe", "account.renewal_on": date(2026, 5, 5)}
        assert (answered.program, answered.survey_version, answered.score, answered.answered_at, answered.earlier) == (
            PROGRAM.id,
            SURVEY.version,
            4,
            MONDAY,
            None,
        )

    def test_responses_come_oldest_first_with_the_person_s_score_before(self, storage: Storage) -> None:
        for number, score in enumerate((9, 7, 4), start=1):
            hear_anna(storage, number=number, score=score, at=MONDAY + timedelta(hours=number))
        versions = [each.earlier for each in unacted(storage)]
        assert versions == [None, earlier_of(9), earlier_of(7)]
        assert [each.score for each in unacted(storage, limit=2)] == [9, 7]

    def test_a_response_is_looked_at_once(self, storage: Storage, answered: Answered) -> None:
        with storage.begin() as unit:
            assert [unit.actions.acted(answered.response_id, at=LATER) for _ in range(2)] == [True, False]
            unit.commit()
        assert unacted(storage) == []

    def test_an_action_comes_with_its_task_its_event_and_marks_or_not_at_all(
        self, storage: Storage, rows: Rows, answered: Answered
    ) -> None:
        with storage.begin() as unit:
            unit.actions.open(new_action(answered), mark="m")
        assert (due_tasks(storage), rows("action"), rows("action_event"), dirty_accounts(storage)) == ([], [], [], [])
        action_id = open_action(storage, answered)
        marker = f"closedloop:m-{action_id}-1"
        (task,) = due_tasks(storage)
        assert task == Task(
            id=task.id,
            action_id=action_id,
            program=answered.program,
            n=1,
            crm="sf",
            marker=marker,
            body=f"Why\n{marker}",
            stage=TaskStage.INTENT,
            crm_id=None,
            attempts=0,
            opened_at=LATER,
            subject="Call Anna",
            due_on=DUE_ON,
            owned_by=OwnedBy.CONTACT,
            owner_id="u1",
            account_id=answered.account_id or 0,
            person_id=answered.person_id,
            contact_id=answered.contact_id,
        )
        assert events(rows) == [("opened", "Rule low", LATER)]
        assert dirty_accounts(storage) == [("a1", 1)]

    def test_a_rule_opens_one_action_for_a_response(self, storage: Storage, answered: Answered) -> None:
        open_action(storage, answered)
        with pytest.raises(StorageError):
            open_action(storage, answered)
        open_action(storage, answered, rule="other")
        assert dirty_accounts(storage) == [("a1", 2)]

    def test_an_action_is_closed_once_and_has_no_task_to_do_then(
        self, storage: Storage, rows: Rows, answered: Answered
    ) -> None:
        action_id = open_action(storage, answered)
        with storage.begin() as unit:
            closed = [
                unit.actions.close(action_id, state=ActionState.DONE, resolution="Called.", at=LATER) for _ in range(2)
            ]
            assert closed == [True, False]
            unit.commit()
        assert (due_tasks(storage), [row["state"] for row in rows("task")], dirty_accounts(storage)) == (
            [],
            ["done"],
            [("a1", 0)],
        )
        assert events(rows)[1:] == [("done", "Called.", LATER)]

    def test_an_owner_is_noted_where_it_is_news(self, storage: Storage, rows: Rows, answered: Answered) -> None:
        action_id = open_action(storage, answered)
        with storage.begin() as unit:
            for owner in (OLA, Assigned(owner_id="u2", reason="new"), Assigned(owner_id=None, reason="gone")):
                unit.actions.assign(action_id, owner, at=LATER)
            unit.commit()
        assert [detail for _, detail, _ in events(rows)[1:]] == ["u2: new", "nobody: gone"]

    def test_actions_are_counted_and_overdue_the_day_after_they_were_due(
        self, storage: Storage, answered: Answered
    ) -> None:
        open_action(storage, answered)
        make_due_task(storage)
        open_action(storage, answered, rule="other", crm=None, owner=Assigned(owner_id=None, reason="nobody"))
        with storage.snapshot() as unit:
            found = [
                (unit.actions.overdue(today=day), unit.actions.counts(today=day))
                for day in (DUE_ON, DUE_ON + timedelta(days=1))
            ]
        counts = ActionCounts(open=2, overdue=0, done=0, dropped=0, without_task={"": 1}, refused={})
        assert found == [({}, counts), ({"sf/u1": 1}, replace(counts, overdue=2))]

    @pytest.mark.parametrize("stage", [TaskStage.INTENT, TaskStage.REFUSED, TaskStage.GONE])
    def test_an_action_without_a_made_task_is_overdue_but_nobody_s(
        self, storage: Storage, answered: Answered, stage: TaskStage
    ) -> None:
        open_action(storage, answered)
        (task,) = due_tasks(storage)
        with storage.begin() as unit:
            unit.tasks.settle(task.id, stage, at=LATER, error="CODE: why")
            unit.commit()
        tomorrow = DUE_ON + timedelta(days=1)
        with storage.snapshot() as unit:
            assert unit.actions.overdue(today=tomorrow) == {}
            assert unit.actions.counts(today=tomorrow) == ActionCounts(
                open=1,
                overdue=1,
                done=0,
                dropped=0,
                without_task={"sf": 1},
                refused={"sf": ["CODE: why"]} if stage is TaskStage.REFUSED else {},
            )

    def test_a_dropped_action_is_counted_as_that(self, storage: Storage, answered: Answered) -> None:
        action_id = open_action(storage, answered)
        with storage.begin() as unit:
            unit.actions.close(action_id, state=ActionState.DROPPED, resolution="Gone.", at=LATER)
            unit.commit()
        with storage.snapshot() as unit:
            counts = unit.actions.counts(today=DUE_ON)
        assert counts == ActionCounts(open=0, overdue=0, done=0, dropped=1, without_task={}, refused={})

    def test_where_a_task_can_live_and_who_can_have_it(self, storage: Storage, answered: Answered) -> None:
        columns = ("crm_id", "stamp", "address", "is_active", "manager")
        row = ("u1", MONDAY, "ola@kea.example", True, "u2")
        with storage.begin() as unit:
            page = Page(kind=RecordKind.OWNER, columns=columns, rows=[row], cursor="1", is_last=True)
            unit.records.store_page("sf", page, seen_at=MONDAY)
            unit.commit()
        with storage.snapshot() as unit:
            owners = unit.places.owners("sf")
            (place,) = unit.places.places(
                answered.account_id or 0, person_id=answered.person_id, contact_id=answered.contact_id, pairs={}
            )
            (alone,) = unit.places.places(answered.account_id or 0, person_id=None, contact_id=None, pairs={})
        assert owners == {"u1": Owner(crm_id="u1", address="ola@kea.example", is_active=True, manager="u2")}
        assert place == Place(
            crm="sf",
            account_id="a1",
            account_name="Tui & Söhne <GmbH>",
            account_owner=None,
            contact_id="c1",
            contact_name="Anna Größe",
            contact_owner=None,
            was_asked=True,
        )
        assert alone == replace(place, contact_id=None, contact_name=None, was_asked=False)
