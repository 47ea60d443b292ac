"""The stages by name with their jobs, and what a run of them leaves behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.ports.errors import ConnectorError, Verdict
from connector.ports.wiring import Ports
from connector.usecases.job_lines import Loop
from jobs import act, ask, derive, plan, sync, tasks, write_back
from jobs.firing import KEPT
from jobs.job import Counts, Job, Stage, for_each_crm, once
from jobs.runs import JobRun, run_now

DERIVE_SECONDS = 3600
"""Between looks at what other records tell. A sync and a new day make it due at once; this is for a lost wake."""
PLAN_SECONDS = 900
MAIL_SECONDS = 60
"""A minute between looks at the outbox; a plan that asks somebody makes it due at once."""
ANSWER_SECONDS = 30
"""Between looks at what answers left to do. An answer makes it due at once; this is for a wake that was lost."""


def _act_jobs(stage: str, ports: Ports) -> Sequence[Job]:
    """An action that was opened is work for the CRMs at once; announced in the order in which answers do, too."""
    keys = tuple(sorted(f"{each}:{crm.name}" for each in ("tasks", "write_back") for crm in ports.crms))
    return once(act.run, seconds=ANSWER_SECONDS, follows=lambda counts: keys if counts["opened"] else ())(stage, ports)


STAGES: Mapping[str, Stage] = {
    "sync": for_each_crm(sync.run, follows=lambda counts: ("derive",) if sync.has_changes(counts) else ()),
    "derive": once(
        derive.run,
        seconds=DERIVE_SECONDS,
        is_daily=True,
        follows=lambda counts: ("plan",) if derive.has_news(counts) else (),
        passes_on=("plan",),  # what a sync brought is also of records that no derived fact reads
    ),
    "plan": once(
        plan.run,
        seconds=PLAN_SECONDS,
        is_daily=True,
        follows=lambda counts: ("ask",) if plan.has_asks(counts) else (),
    ),
    "ask": once(ask.run, seconds=MAIL_SECONDS),
    "act": _act_jobs,
    "tasks": for_each_crm(tasks.run, seconds=ANSWER_SECONDS),
    "write_back": for_each_crm(write_back.run, seconds=ANSWER_SECONDS),
}
"""In the order of the loop; `hear` is the public page."""
AFTER_RESPONSE = frozenset({"act", "write_back"})
"""The stages for which an answer is work."""
NEEDS: Mapping[str, Sequence[str]] = {"derive": ("sync",), "plan": ("sync", "derive")}
"""A stage that a turn of the loop by hand leaves out where all of another one failed: it would see nothing new."""
_WORST_FIRST = (Verdict.STOP, Verdict.SKIP, Verdict.RETRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRun:
    """How the runs of a stage's jobs ended; those of a stage without connections are one."""

    stage: str
    runs: Sequence[JobRun]

    @property
    def counts(self) -> Counts | None:
        """What was done, by connection where the stage has a job for each; None where somebody else was running it."""
        if any(run.job.crm is None for run in self.runs):
            return self.runs[0].counts
        return {str(run.job.crm): run.counts for run in self.runs if run.counts is not None or run.error is None}

    @property
    def errors(self) -> list[ConnectorError]:
        """What failed, in the order of the connections."""
        return [run.error for run in self.runs if run.error is not None]

    @property
    def has_failed(self) -> bool:
        """Whether no job of it ended well."""
        return bool(self.runs) and len(self.errors) == len(self.runs)


def jobs_of(ports: Ports, *, stage: str | None = None) -> list[Job]:
    """Every job, in the order of the loop; or those of one stage."""
    return [job for name, jobs in STAGES.items() if stage in (None, name) for job in jobs(name, ports)]


def loop_of(ports: Ports, *, is_served: bool) -> Loop:
    """What pages are told of the jobs; `is_served` where they run by their schedules beside the pages."""
    schedules = {job.key: job.schedules for job in jobs_of(ports)} if is_served else {}
    return Loop(stages=tuple(STAGES), kept_days=KEPT.days, schedules=schedules)


def after_response(ports: Ports) -> list[str]:
    """The keys of the jobs for which an answer is work, in the one order in which they are announced."""
    return sorted(job.key for job in jobs_of(ports) if job.stage in AFTER_RESPONSE)


def attempt_stage(stage: str, ports: Ports) -> StageRun:
    """Run every job of a stage now, one after the other; none that fails keeps another, and none is a fire."""
    return StageRun(stage=stage, runs=[run_now(job, ports) for job in jobs_of(ports, stage=stage)])


def run_stage(stage: str, ports: Ports) -> StageRun:
    """Run every job of a stage now. Raises the worst failure, by its verdict, after all of them."""
    done = attempt_stage(stage, ports)
    if done.errors:
        raise min(done.errors, key=lambda error: _WORST_FIRST.index(error.verdict))
    return done


def counts_of(runs: Sequence[StageRun]) -> dict[str, Any]:
    """What stages did, by name; a stage all of whose jobs failed without a count is left out."""
    return {run.stage: run.counts for run in runs if run.counts or not run.has_failed}
