"""A plan's rows in words that do not depend on surrogate ids, and its digest (design 5.4)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from connector.domain.selection import Decision, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDecision:
    """One row of a plan."""

    occurrence: str
    person: str
    track: str
    verdict: str
    rule: str
    until_on: date | None
    reasons: tuple[Reason, ...]

    @staticmethod
    def of(decision: Decision) -> "PlanDecision":
        """The row of one decision."""
        return PlanDecision(
            occurrence=decision.candidate.occurrence.key,
            person=decision.candidate.person_key,
            track=decision.track,
            verdict=decision.verdict,
            rule=decision.rule,
            until_on=decision.until_on,
            reasons=decision.reasons,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a plan was made from: the organisation's local day, the configuration, how far each kind was synced."""

    as_of: date
    configuration: str
    watermark: Mapping[str, str]


def digest(rows: Iterable[PlanDecision]) -> str:
    """SHA-256 in hex over the sorted rows only: equal inputs give equal digests."""
    lines = sorted(json.dumps(asdict(row), sort_keys=True, default=str) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
