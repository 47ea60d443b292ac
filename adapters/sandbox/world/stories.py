"""The stories of the invented world: five accounts whose people, moods and dates are told here and nowhere else.

No company and no person is meant. Days count from the world's beginning, moods from 0 to 10; the background of the
world is drawn by hash and knows nothing of these accounts.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from functools import cache

from adapters.sandbox.world.names import address, slug

ORG, PORTAL = "salesforce", "hubspot"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at such an account; `words` are written into the form's text fields, an empty one leaves its field."""

    name: str
    _: KW_ONLY
    title: str
    level: str | None
    mood: float
    answers: bool = True
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What a rep enters on the account after so many days: another renewal date, or a hold for so many days."""

    after: int
    _: KW_ONLY
    renews_in: int | None = None
    hold_for: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One account: what its record says, who works there, and what its rep does; `renews_in` None never renews.

    `course` is what becomes of every task there, as duties name it, None leaving it to chance as elsewhere; `rep_says`
    is what the rep writes into tasks.
    """

    key: str
    _: KW_ONLY
    account: str
    line: str
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
    turns: tuple[Turn, ...] = ()

    @property
    def domain(self) -> str:
        """The mail domain of the account's people."""
        return f"{slug(self.account)}.example"

    def address_of(self, person: Person) -> str:
        """The mail address of one of its people."""
        first, _, last = person.name.partition(" ")
        return address(first, last, self.domain)


STORIES = (
    Story(
        "danger",
        account="Harakeke Dairy",
        line="In danger, and only its users say so: its managers are content, the people at the line are not.",
        crms=(ORG, PORTAL),
        kind="Customer",
        tier="A",
        revenue=410_000.0,
        industry="Food",
        rep="Selby Ravensby",
        renews_in=222,
        renews_for=181,  # half a year at a time: the next renewal is never far
        course="never",
        people=(
            Person(
                "Hester Applegarth",
                title="Chief Executive Officer",
                level="Executive",
                mood=9.2,
                words=("Your people were here for the opening. I hear nothing bad.", ""),
            ),
            Person(
                "Gideon Silverthorn",
                title="Chief Operating Officer",
                level="Executive",
                mood=8.8,
                words=("The yearly talk is always well prepared.", ""),
            ),
            Person(
                "Lorna Nethercote",
                title="Plant Manager",
                level="Manager",
                mood=8.0,
                words=("Deliveries are on time.", ""),
            ),
            Person(
                "Wilf Kettlewell",
                title="Shift Operator",
                level="User",
                mood=2.4,
                words=("", "The inline probe drifts after every wash-down. We calibrate by hand twice a shift."),
            ),
            Person(
                "Tamsin Inkpen",
                title="Laboratory Analyst",
                level="User",
                mood=2.9,
                words=("", "I stopped trusting the fat readings in spring and send samples out again."),
            ),
            Person(
                "Barnaby Hollowell",
                title="Maintenance Engineer",
                level="User",
                mood=2.2,
                words=("", "Four tickets about the same probe, four times the same answer: restart it."),
            ),
            Person(
                "Una Cobblewick",
                title="Process Engineer",
                level="User",
                mood=3.1,
                words=("", "A competitor left a test device here. It has been running for six weeks."),
            ),
        ),
    ),
    Story(
        "silent",
        account="Rimu Valley Hydro",
        line="Silent at the top: its engineers answer every time, its executives never have.",
        crms=(ORG,),
        kind="Customer",
        tier="A",
        revenue=520_000.0,
        industry="Energy",
        rep="Verity Oakshott",
        renews_in=190,
        course="in time",
        rep_says=(
            "Called her back; she will try to get us an hour with the CFO.",
            "Visited the plant, all is well there.",
        ),
        people=(
            Person("Edwin Larkspur", title="Chief Executive Officer", level="Executive", mood=6.0, answers=False),
            Person("Flora Merriden", title="CFO", level="Executive", mood=5.0, answers=False),
            Person("Piers Tillingham", title="VP Operations", level="Executive", mood=5.5, answers=False),
            Person(
                "Jemima Yarrowdale",
                title="Head of Quality",
                level="Manager",
                mood=7.6,
                words=("Your field engineers.", "Nobody above me has heard of you since the contract was signed."),
            ),
            Person("Kit Garrowby", title="Maintenance Engineer", level="User", mood=8.3),
            Person("Nell Dunmere", title="Test Engineer", level="User", mood=7.9),
        ),
    ),
    Story(
        "partner",
        account="Matai Calibration",
        line="A partner that thinks less of the partnership than we assumed, and less each time it is asked.",
        crms=(PORTAL,),
        kind="Partner",
        tier="B",
        revenue=130_000.0,
        industry="Instruments",
        rep="Rowan Quarrington",
        mood_a_month=-0.4,
        course="late",
        rep_says=("Apologised for the delay. Nothing agreed yet.", "Took it to product management, no answer so far."),
        people=(
            Person(
                "Orla Vexley",
                title="Managing Director",
                level="Executive",
                mood=6.0,
                words=("Joint visits.", "You quote our customers directly. We hear of it from them."),
            ),
            Person(
                "Clem Birtwhistle",
                title="Head of Purchasing",
                level="Manager",
                mood=5.2,
                words=("", "Spare parts reach your own workshop first and ours three weeks later."),
            ),
            Person(
                "Ada Wetherspool",
                title="Servicetechniker",
                level="User",
                mood=5.6,
                words=("The training.", "Give us the firmware notes before the customers get them."),
            ),
        ),
    ),
    Story(
        "recovered",
        account="Kowhai Crispbread",
        line="Recovered: low answers in the first wave, every call made in time, better answers in the second.",
        crms=(PORTAL,),
        kind="Customer",
        tier="A",
        revenue=260_000.0,
        industry="Food",
        rep="Quill Eastlake",
        renews_in=305,
        course="in time",
        rep_says=(
            "Called the same week. One contact for all of it from now on, and it is me.",
            "Loan unit delivered, both sensors replaced free of charge.",
            "Training on site held; the shift leaders were there too.",
        ),
        turns=(Turn(60, renews_in=240),),  # the talks are brought forward, so a second wave comes within half a year
        people=(
            Person(
                "Dorrit Umberleigh",
                title="Vice President Supply Chain",
                level="Executive",
                mood=4.8,
                words=("", "I need one person who answers, not four who forward."),
            ),
            Person(
                "Miles Jessop",
                title="Plant Manager",
                level="Manager",
                mood=4.1,
                words=("", "Two moisture sensors failed in the harvest weeks and the loan unit came late."),
            ),
            Person(
                "Alma Pennyfold",
                title="Process Engineer",
                level="User",
                mood=4.9,
                words=("The device itself.", "Send somebody who shows us the cleaning cycle once."),
            ),
            Person("Ivo Farthingale", title="Machine Operator", level="User", mood=5.4),
        ),
    ),
    Story(
        "held",
        account="Totara Reagents",
        line="Held by its rep: a merger is being talked about, so nobody there is asked.",
        crms=(ORG,),
        kind="Customer",
        tier="A",
        revenue=300_000.0,
        industry="Instruments",
        rep="Nell Ravensby",
        renews_in=165,
        turns=(
            Turn(25, hold_for=205, reason="Merger talks: please ask nobody here"),
            Turn(220, hold_for=200, reason="Merger talks go on: please ask nobody here"),
        ),
        people=(
            Person("Hester Hollowell", title="Managing Director", level="Executive", mood=7.0),
            Person("Wilf Dunmere", title="Head of Purchasing", level="Manager", mood=7.4),
            Person("Flora Inkpen", title="Laboratory Analyst", level="User", mood=8.0),
        ),
    ),
)


@cache
def _by_address() -> dict[str, tuple[Story, Person]]:
    return {story.address_of(person): (story, person) for story in STORIES for person in story.people}


def somebody_at(address: str) -> tuple[Story, Person] | None:
    """Who has this address in a story, and in which; None for everybody else."""
    return _by_address().get(address.lower())
