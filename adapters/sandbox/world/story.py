"""What a story of the invented world consists of: an account, its people, what they feel, and what its rep does."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from adapters.sandbox.world.names import address, slug

ORG, PORTAL = "salesforce", "hubspot"
_LIFTED = 1.2  # points by which somebody feels better than told: more than chance, less than one completed task


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at such an account; `words` go into the form's text fields, an empty one leaves its field empty.

    They are said while somebody feels as told or worse; who has been helped speaks as everybody else.
    """

    name: str
    _: KW_ONLY
    title: str
    level: str | None
    mood: float
    answers: bool = True
    words: tuple[str, ...] = ()

    def says(self, score: float) -> tuple[str, ...]:
        """What they write when they feel so; nothing of their own once they feel much better than told."""
        return self.words if score < self.mood + _LIFTED else ()


@dataclass(frozen=True, slots=True)
class Entry:
    """What a rep enters on the account after so many days: another renewal date, or a hold for so many days."""

    after: int
    _: KW_ONLY
    renews_in: int | None = None
    hold_for: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One account: what its record says, who works there, and what its rep does; `renews_in` None never renews.

    `line` tells all of it, which is true once everybody who answers has answered in so many `waves`; before that, and
    from the first wave on, `begun` is. A story of no wave is true while its rep holds the account.

    `course` is what becomes of every task there, as duties name it, None leaving it to chance as elsewhere; `rep_says`
    is what the rep writes into tasks.
    """

    key: str
    _: KW_ONLY
    account: str
    line: str
    begun: str = ""
    waves: int = 1
    crms: tuple[str, ...]
    kind: str
    tier: str
    revenue: float
    industry: str
    rep: str
    people: tuple[Person, ...]
    renews_in: int | None = None
    renews_for: int = 365
    mood_a_month: float = 0.0
    course: str | None = None
    rep_says: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def domain(self) -> str:
        """The mail domain of the account's people."""
        return f"{slug(self.account)}.example"

    def address_of(self, person: Person) -> str:
        """The mail address of one of its people."""
        first, _, last = person.name.partition(" ")
        return address(first, last, self.domain)
