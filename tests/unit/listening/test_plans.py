"""A plan's digest depends on what is decided and on nothing else."""

from dataclasses import replace

from connector.domain.ask_history import AskHistory
from connector.domain.plans import PlanDecision, digest
from connector.domain.programs import Track
from connector.domain.selection import Spacing, decide
from tests.builders import TODAY, make_candidate, make_occurrence, make_program


def row(**changes):
    decision = decide(
        make_candidate(**changes),
        program=make_program(),
        track=Track.REAL,
        history=AskHistory(),
        spacing=Spacing({}),
        today=TODAY,
    )
    return PlanDecision.of(decision)


def test_the_order_of_rows_and_surrogate_ids_do_not_count():
    one, two = row(), row(person_key="sf/003B")
    renumbered = row(person_id=99, contact_id=98, occurrence=make_occurrence(id=97))
    assert digest([one, two]) == digest([two, renumbered])


def test_any_other_verdict_or_reason_counts():
    assert digest([row()]) != digest([row(who=False)])
    assert digest([row()]) != digest([replace(row(), rule="other")])
