"""The stories of the invented world: five accounts whose people, moods and dates are told here and nowhere else.

No company and no person is meant. Days count from the world's beginning, moods from 0 to 10; the background of the
world is drawn by hash and knows nothing of these accounts.
"""

from __future__ import annotations

from functools import cache

from adapters.sandbox.world.story import ORG, PORTAL, Entry, Person, Story

STORIES = (
    Story(
        "danger",
        account="Harakeke Dairy",
        line="In danger, and only its users say so: executives are content, the people at the line are not.",
        crms=(ORG, PORTAL),
        kind="Customer",
        tier="A",
        revenue=410_000.0,
        industry="Food",
        rep="Selby Oakmantle",
        renews_in=222,
        renews_for=181,  # half a year at a time: the next renewal is never far
        course="never",
        people=(
            Person(
                "Hester Bramblecote",
                title="Chief Executive Officer",
                level="Executive",
                mood=9.2,
                words=("Your people were here for the opening. I hear nothing bad.", ""),
            ),
            Person(
                "Gideon Quickthorn",
                title="Chief Operating Officer",
                level="Executive",
                mood=8.8,
                words=("The yearly talk is always well prepared.", ""),
            ),
            Person(
                "Lorna Wrenfield",
                title="Plant Manager",
                level="Manager",
                mood=8.0,
                words=("Deliveries are on time.", ""),
            ),
            Person(
                "Wilf Thistlewade",
                title="Shift Operator",
                level="User",
                mood=2.4,
                words=("", "The inline probe drifts after every wash-down. We calibrate by hand twice a shift."),
            ),
            Person(
                "Tamsin Pebblewood",
                title="Laboratory Analyst",
                level="User",
                mood=2.9,
                words=("", "I stopped trusting the fat readings in spring and send samples out again."),
            ),
            Person(
                "Barnaby Cloverley",
                title="Maintenance Engineer",
                level="User",
                mood=2.2,
                words=("", "Four tickets about the same probe, four times the same answer: restart it."),
            ),
            Person(
                "Una Harrowick",
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
        rep="Verity Elmwhistle",
        renews_in=190,
        course="in time",
        rep_says=(
            "Called back; they will try to get us an hour with the CFO.",
            "Visited the plant, all is well there.",
        ),
        people=(
            Person("Edwin Mistleford", title="Chief Executive Officer", level="Executive", mood=6.0, answers=False),
            Person("Flora Otterwell", title="CFO", level="Executive", mood=5.0, answers=False),
            Person("Piers Fernyhollow", title="VP Operations", level="Executive", mood=5.5, answers=False),
            Person(
                "Jemima Saltgarth",
                title="Head of Quality",
                level="Manager",
                mood=7.6,
                words=("Your field engineers.", "Nobody above me has heard of you since the contract was signed."),
            ),
            Person("Kit Plumgarth", title="Maintenance Engineer", level="User", mood=8.3),
            Person("Nell Reedwater", title="Test Engineer", level="User", mood=7.9),
        ),
    ),
    Story(
        "partner",
        account="Matai Calibration",
        line="A partner that thinks less of the partnership than we assumed, and less each time it is asked.",
        begun="A partner that thinks less of the partnership than we assumed.",
        waves=2,
        crms=(PORTAL,),
        kind="Partner",
        tier="B",
        revenue=130_000.0,
        industry="Instruments",
        rep="Rowan Gorsewick",
        mood_a_month=-0.4,
        course="late",
        rep_says=("Apologised for the delay. Nothing agreed yet.", "Took it to product management, no answer so far."),
        people=(
            Person(
                "Orla Foxholt",
                title="Managing Director",
                level="Executive",
                mood=6.0,
                words=("Joint visits.", "You quote our customers directly. We hear of it from them."),
            ),
            Person(
                "Clem Whingate",
                title="Head of Purchasing",
                level="Manager",
                mood=5.2,
                words=("", "Spare parts reach your own workshop first and ours three weeks later."),
            ),
            Person(
                "Ada Dewhollow",
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
        begun="Low answers in its first wave; whether its rep's calls help shows in the second.",
        waves=2,
        crms=(PORTAL,),
        kind="Customer",
        tier="A",
        revenue=260_000.0,
        industry="Food",
        rep="Quill Sedgeholm",
        renews_in=305,
        course="in time",
        rep_says=(
            "Called back. One contact for all of it from now on, and it is me.",
            "Visited the plant and went through it point by point. Agreed what happens by when.",
            "Done, and confirmed with the plant: it works now.",
        ),
        entries=(Entry(60, renews_in=240),),  # the talks are brought forward, so a second wave comes within half a year
        people=(
            Person(
                "Dorrit Starlingford",
                title="Vice President Supply Chain",
                level="Executive",
                mood=4.8,
                words=("", "I need one person who answers, not four who forward."),
            ),
            Person(
                "Miles Cressmead",
                title="Plant Manager",
                level="Manager",
                mood=4.1,
                words=("", "Two moisture sensors failed in the harvest weeks and the loan unit came late."),
            ),
            Person(
                "Alma Larkmead",
                title="Process Engineer",
                level="User",
                mood=4.9,
                words=("The device itself.", "Send somebody who shows us the cleaning cycle once."),
            ),
            Person(
                "Ivo Hopgarth",
                title="Machine Operator",
                level="User",
                mood=4.9,
                words=("", "Nobody has told the night shift how the alarm is set."),
            ),
        ),
    ),
    Story(
        "held",
        account="Totara Reagents",
        line="Held by its rep: a merger is being talked about, so nobody there is asked.",
        waves=0,
        crms=(ORG,),
        kind="Customer",
        tier="A",
        revenue=300_000.0,
        industry="Instruments",
        rep="Nell Brackenfold",
        renews_in=165,
        entries=(
            Entry(25, hold_for=205, reason="Merger talks: please ask nobody here"),
            Entry(220, hold_for=200, reason="Merger talks go on: please ask nobody here"),
        ),
        people=(
            Person("Hester Tarnwick", title="Managing Director", level="Executive", mood=7.0),
            Person("Wilf Heatherby", title="Head of Purchasing", level="Manager", mood=7.4),
            Person("Flora Mossgarth", title="Laboratory Analyst", level="User", mood=8.0),
        ),
    ),
)


@cache
def _by_address() -> dict[str, tuple[Story, Person]]:
    return {story.address_of(person): (story, person) for story in STORIES for person in story.people}


def somebody_at(address: str) -> tuple[Story, Person] | None:
    """Who has this address in a story, and in which; None for everybody else."""
    return _by_address().get(address.lower())
