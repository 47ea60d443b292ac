"""What an adapter makes of bad answers: the right error in our words, nothing half told, and later it goes on."""

import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from connector.domain.records import RecordKind
from connector.ports.crm import NewTask, Receipt, Write
from connector.ports.errors import CrmUnavailable
from connector.testing.crm_pages import ids_of
from tests.adapters.breaking_line import Break, BreakingLine, breaking_line

ACCOUNT, CONTACT = RecordKind.ACCOUNT, RecordKind.CONTACT


@pytest.mark.parametrize("how", list(Break))
class BadAnswerCases:
    """Subclass with a `world` fixture; every answer is spoilt after the CRM has done its work."""

    @pytest.fixture
    def line(self, world: Any) -> Iterator[BreakingLine]:
        world.calm()
        with breaking_line(world.sandbox.ready[world.names.crm]["url"]) as line:
            yield line
        world.calm()

    @pytest.fixture
    def adapter(self, world: Any, line: BreakingLine) -> Iterator[Any]:
        with world.open(settings=world.settings_by_token(line.url)) as adapter:
            adapter.organisation()
            yield adapter

    def _refused(self, world: Any, line: BreakingLine, act: Callable[[], object]) -> None:
        """The act must end as unavailable, in words of ours only."""
        with pytest.raises(CrmUnavailable) as caught:
            act()
        assert line.hits > 0
        assert str(caught.value).startswith(f"{world.names.connection}: ")
        told = "".join(traceback.format_exception(caught.value))
        assert [word for word in ("Jo Fell", "frost.example", "<html", *world.secrets) if word in told] == []
        line.mend()

    def test_at_sign_in(self, world: Any, line: BreakingLine, how: Break) -> None:
        with world.open(settings=world.settings(url=line.url)) as adapter:
            line.spoil(how, place=world.names.sign_in)
            self._refused(world, line, adapter.organisation)
            assert adapter.organisation() == world.organisation()

    def test_once_in_a_pull(self, world: Any, line: BreakingLine, adapter: Any, how: Break) -> None:
        world.small_pages()
        line.spoil(how, place=world.names.any_request, times=1)
        assert sorted(ids_of(list(adapter.pull(CONTACT, None)))) == sorted(world.ids(CONTACT))
        assert line.hits == 1

    def test_for_long_in_a_pull(self, world: Any, line: BreakingLine, adapter: Any, how: Break) -> None:
        world.small_pages()
        pulling = adapter.pull(CONTACT, None)
        pages = [next(pulling), next(pulling)]
        line.spoil(how, place=world.names.any_request)
        self._refused(world, line, lambda: next(pulling))
        rest = list(adapter.pull(CONTACT, pages[-1].cursor))
        assert sorted(ids_of([*pages, *rest])) == sorted(world.ids(CONTACT))

    def test_in_a_pull_of_changes(self, world: Any, line: BreakingLine, adapter: Any, how: Break) -> None:
        world.settle()
        cursor = list(adapter.pull(CONTACT, None))[-1].cursor
        changed = sorted(world.ids(CONTACT))[:3]
        world.touch(CONTACT, changed)
        world.settle()
        line.spoil(how, place=world.names.any_request)
        self._refused(world, line, lambda: list(adapter.pull(CONTACT, cursor)))
        assert sorted(ids_of(list(adapter.pull(CONTACT, cursor)))) == changed

    @pytest.mark.parametrize("kind", [ACCOUNT, CONTACT])
    def test_in_a_push(self, world: Any, line: BreakingLine, adapter: Any, how: Break, kind: RecordKind) -> None:
        score = float(list(Break).index(how))
        writes = [Write(key=crm_id, crm_id=crm_id, values={"score": score}) for crm_id in sorted(world.ids(kind))[:2]]
        line.spoil(how, place=world.names.any_write)
        self._refused(world, line, lambda: adapter.push(kind, writes))
        before = world.rows_written()
        assert adapter.push(kind, writes) == [Receipt(key=write.key, crm_id=write.crm_id) for write in writes]
        assert world.rows_written() == before
        assert [world.shown(kind, write.crm_id, "score") for write in writes] == [score, score]

    def test_in_the_making_of_a_task(self, world: Any, line: BreakingLine, adapter: Any, how: Break) -> None:
        task = NewTask(
            marker=f"closedloop:spoilt-{how.name.lower()}-1",
            account_id=min(world.ids(ACCOUNT)),
            contact_id=None,
            owner_id=None,
            subject="Call",
            body="",
            due_on=world.now().date() + timedelta(days=1),
            opened_at=world.now(),
        )
        line.spoil(how, place=world.names.any_new_task)
        self._refused(world, line, lambda: adapter.open_task(task, is_retry=False))
        assert line.hits == 1
        (made,) = world.tasks_bearing(task.marker)
        assert adapter.open_task(task, is_retry=True) == made
        assert world.tasks_bearing(task.marker) == [made]

    def test_in_the_reading_of_tasks(self, world: Any, line: BreakingLine, adapter: Any, how: Break) -> None:
        line.spoil(how, place=world.names.any_request)
        self._refused(world, line, lambda: adapter.tasks([world.unknown_owner]))
