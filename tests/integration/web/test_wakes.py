"""An answer makes the jobs that have work from it due, in the commit of the answer itself."""

from datetime import timedelta
from typing import Any

from connector.usecases.hear import PageState, submit

JOBS = ("act", "write_back:hub", "write_back:sf")
GOOD = {"relationship": ["9"], "since": ["same"]}


def give(site: Any, form: dict[str, list[str]], *, link: str = "answer") -> PageState:
    token = getattr(site, link).removeprefix("/a/")
    return submit(token, form=form, storage=site.storage, clock=site.clock, wakes=JOBS).state


def waiting(site: Any) -> list[str]:
    """The jobs that are due, each once, as the ledger's own question says."""
    now = site.clock.now()
    with site.storage.snapshot() as unit:
        return [job for job in JOBS if unit.fires.is_due(job, (), now=now, real=now)]


def test_an_answer_makes_its_jobs_due_now_and_two_answers_make_each_due_once(site: Any) -> None:
    assert give(site, GOOD) is PageState.TAKEN
    assert waiting(site) == list(JOBS)
    assert give(site, GOOD, link="other") is PageState.TAKEN
    assert site.count("fire") == len(JOBS)
    now = site.clock.now()
    with site.storage.begin() as unit:
        assert unit.fires.take("act", (), now=now, real=now, lease_until=now + timedelta(minutes=1)) is not None
        unit.commit()
    assert give(site, GOOD, link="third") is PageState.TAKEN
    assert site.count("fire") == len(JOBS) + 1, "what was heard during a run makes another one"


def test_a_form_with_problems_or_a_second_submission_makes_nothing_due(site: Any) -> None:
    assert give(site, {"relationship": ["99"]}) is PageState.OPEN
    assert waiting(site) == []
    give(site, GOOD)
    before = site.count("fire")
    assert give(site, GOOD) is PageState.USED
    assert site.count("fire") == before
