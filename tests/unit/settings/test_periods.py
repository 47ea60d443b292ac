"""The moment `every`: a period counted from a fact of a record, or from a date that all accounts share."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from connector.domain.programs import Milestone, When, WhenKind
from connector.domain.records import Fact, FactType, RecordKind
from connector.ports.crm import CrmSpec
from connector.settings.loading import load

FOUNDED_ON = Fact(kind=RecordKind.ACCOUNT, word="founded_on", type=FactType.DATE)
CLOSES_ON = Fact(kind=RecordKind.OPPORTUNITY, word="closes_on", type=FactType.DATE)


@pytest.mark.parametrize(
    ("start", "when"),
    [
        ("account.founded_on", When(kind=WhenKind.EVERY, fact=FOUNDED_ON, days=182)),
        ("opportunity.closes_on", When(kind=WhenKind.EVERY, fact=CLOSES_ON, days=182)),
        ("2026-02-02", When(kind=WhenKind.EVERY, fact=None, days=182, from_on=date(2026, 2, 2))),
        ("'2026-02-02'", When(kind=WhenKind.EVERY, fact=None, days=182, from_on=date(2026, 2, 2))),
    ],
)
def test_a_period_is_read_with_what_it_counts_from(
    good: Path, specs: dict[str, CrmSpec], environ: dict[str, str], tmp_path: Path, start: str, when: When
) -> None:
    folder = tmp_path / "kea"
    shutil.copytree(good, folder)
    program = folder / "programs" / "ongoing.yaml"
    head, _, rest = program.read_text().partition("milestones:")
    wave = f"milestones:\n  - {{id: wave, when: {{every: 26 weeks, from: {start}}}}}\n"
    program.write_text(f"{head}{wave}{rest[rest.index('act:') :]}")
    ongoing, _ = load(folder, specs=specs, environ=environ).policy.programs
    assert ongoing.milestones == (Milestone(id="wave", when=when),)


def test_the_anchor_is_the_fact_s_record_and_the_account_where_all_share_a_date() -> None:
    assert When(kind=WhenKind.EVERY, fact=CLOSES_ON, days=182).anchor is RecordKind.OPPORTUNITY
    assert When(kind=WhenKind.EVERY, fact=None, days=182, from_on=date(2026, 2, 2)).anchor is RecordKind.ACCOUNT
