"""Several submissions of one link at the same moment: one is taken, the others are told so."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from connector.usecases.hear import PageState, submit
from connector.usecases.unsubscribe import OptOutSource, unsubscribe

AT_ONCE = 4


@pytest.mark.parametrize("link", ["answer", "other", "third"])
def test_of_several_forms_at_once_exactly_one_is_taken(site: Any, link: str) -> None:
    token, barrier = getattr(site, link).removeprefix("/a/"), Barrier(AT_ONCE)

    def post(number: int) -> PageState:
        barrier.wait(10)
        form = {"relationship": [str(number)], "since": ["same"]}
        return submit(token, form=form, storage=site.storage, clock=site.clock).state

    with ThreadPoolExecutor(AT_ONCE) as pool:
        states = sorted(pool.map(post, range(AT_ONCE)))
    assert states == [PageState.TAKEN] + [PageState.USED] * (AT_ONCE - 1)
    assert (site.count("response"), site.count("answer")) == (1, 2)


def test_an_answer_and_an_opt_out_at_once_are_both_kept(site: Any) -> None:
    answer, leave, barrier = site.answer.removeprefix("/a/"), site.leave.removeprefix("/u/"), Barrier(2)

    def take() -> bool:
        barrier.wait(10)
        form = {"relationship": ["9"], "since": ["same"]}
        return submit(answer, form=form, storage=site.storage, clock=site.clock).state is PageState.TAKEN

    def opt_out() -> bool:
        barrier.wait(10)
        return unsubscribe(leave, source=OptOutSource.CLICK, storage=site.storage, clock=site.clock)

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(take), pool.submit(opt_out)]
    assert [each.result() for each in done] == [True, True]
    assert (site.count("response"), site.count("opt_out")) == (1, 1)
