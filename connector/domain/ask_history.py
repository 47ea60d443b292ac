"""The asks of persons and addresses that spacing looks at."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from connector.domain.surveys import AskKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAsk:
    """An earlier ask that counts for spacing, of a person and of an address."""

    person_id: int
    address: str | None
    kind: AskKind
    on: date


@dataclass(slots=True)
class AskHistory:
    """Asks by person and by address, newest of each kind; grows while a plan is made."""

    _newest: dict[tuple[str | int, AskKind], date] = field(default_factory=dict)

    @staticmethod
    def of(asks: Iterable[PastAsk]) -> "AskHistory":
        """A history of the given asks."""
        history = AskHistory()
        for ask in asks:
            history.add(ask)
        return history

    def add(self, ask: PastAsk) -> None:
        """Count one more ask."""
        for key in (ask.person_id, ask.address):
            if key is None:
                continue
            known = self._newest.get((key, ask.kind))
            self._newest[key, ask.kind] = ask.on if known is None else max(known, ask.on)

    def newest(self, kind: AskKind, *, person_id: int, address: str | None) -> date | None:
        """The day of the newest ask of this kind to a person or an address."""
        found = (self._newest.get((key, kind)) for key in (person_id, address) if key is not None)
        return max((day for day in found if day is not None), default=None)
