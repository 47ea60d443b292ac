"""Overview: how everything stands on one page, read in one snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connector.domain.figures import Figure, figure
from connector.domain.programs import Mode, Policy, Track
from connector.domain.selection import Outcome
from connector.domain.surveys import AskKind
from connector.ports.clock import Clock
from connector.ports.storage.acting import ActionCounts
from connector.ports.storage.running import Run
from connector.ports.storage.unit import Storage, UnitOfWork
from connector.ports.storage.viewing import ProgramScores
from connector.ports.wiring import Crm
from connector.usecases.find_troubles import needs_look
from connector.usecases.full_voices import FullVoice, Scale, full_voices, scale_of
from connector.usecases.job_lines import JobLine, Loop, job_lines

NEWEST_VOICES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands on every page: who asks, how far closedloop goes, and whether it is stopped.

    Pages tell every day and time in `timezone`, in which actions are due too.
    """

    organisation: str
    timezone: str
    mode: Mode
    today: date
    stopped_at: datetime | None
    stop_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLine:
    """One CRM connection: its pinned org, when it was synced last, and its live records of each kind that was read."""

    name: str
    adapter: str
    is_home: bool
    org_id: str | None
    synced_at: datetime | None
    outcome: str | None
    records: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramLine:
    """One program's newest scores."""

    name: str
    kind: AskKind
    figure: Figure
    scale: Scale | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything on the page; `tracks` are the outcomes by track, those without a candidate left out.

    `troubles` are the causes that somebody should look at.
    """

    tracks: Mapping[Track, Mapping[Outcome, int]]
    responses: int
    programs: Sequence[ProgramLine]
    actions: ActionCounts
    jobs: Sequence[JobLine]
    connections: Sequence[ConnectionLine]
    newest: Sequence[FullVoice]
    troubles: int


def frame(*, storage: Storage, policy: Policy, clock: Clock) -> Frame:
    """What stands on every page."""
    with storage.snapshot() as unit:
        return Frame(
            organisation=policy.organisation.name,
            timezone=policy.organisation.timezone,
            mode=policy.mode,
            today=policy.organisation.day_of(clock.now()),
            stopped_at=unit.switches.stopped_at(),
            stop_reason=unit.switches.stop_reason(),
        )


def overview(
    *,
    storage: Storage,
    policy: Policy,
    crms: Sequence[Crm],
    loop: Loop,
    clock: Clock,
    real_clock: Clock,
) -> Overview:
    """How everything stands."""
    today = policy.organisation.day_of(clock.now())
    with storage.snapshot() as unit:
        heard = unit.views.heard(limit=NEWEST_VOICES)
        runs = {run.stage: run for run in unit.runs.latest()}
        return Overview(
            tracks=_tracks(unit, today=today),
            responses=unit.responses.count(),
            programs=[_program(scores, policy) for scores in heard.scores],
            actions=unit.actions.counts(today=today),
            jobs=job_lines(unit, loop=loop, now=clock.now(), real=real_clock.now()),
            connections=_connections(unit, crms=crms, runs=runs),
            newest=full_voices(unit, heard.newest, policy=policy),
            troubles=sum(needs_look(each) for each in unit.views.troubles(now=clock.now())),
        )


def _tracks(unit: UnitOfWork, *, today: date) -> dict[Track, Mapping[Outcome, int]]:
    outcomes = {track: unit.decisions.outcomes(track=track, today=today) for track in (Track.REAL, Track.SHADOW)}
    return {track: counted for track, counted in outcomes.items() if sum(counted.values())}


def _program(scores: ProgramScores, policy: Policy) -> ProgramLine:
    program = next((each for each in policy.programs if each.id == scores.program), None)
    return ProgramLine(
        name=scores.program if program is None else program.name,
        kind=scores.kind,
        figure=figure(people=scores.people, mean=scores.mean, squares=scores.squares),
        scale=None if program is None else scale_of(program.survey),
    )


def _connections(unit: UnitOfWork, *, crms: Sequence[Crm], runs: Mapping[str, Run]) -> list[ConnectionLine]:
    counts, read = unit.records.counts(), unit.plans.watermark()
    shown = {
        crm.name: {kind: n for kind, n in counts.get(crm.name, {}).items() if n or f"{crm.name}.{kind}" in read}
        for crm in crms
    }
    return [_connection(unit, crm, run=runs.get(f"sync:{crm.name}"), records=shown[crm.name]) for crm in crms]


def _connection(unit: UnitOfWork, crm: Crm, *, run: Run | None, records: Mapping[str, int]) -> ConnectionLine:
    return ConnectionLine(
        name=crm.name,
        adapter=crm.adapter,
        is_home=crm.is_home,
        org_id=unit.connections.pinned_org(crm.name),
        synced_at=None if run is None else run.finished_at,
        outcome=None if run is None else run.outcome,
        records=records,
    )
