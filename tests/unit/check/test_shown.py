"""What `check` prints: columns that line up, plain where nobody looks, coloured on a terminal."""

from dataclasses import replace
from datetime import date
from io import StringIO

from rich.console import Console

from connector.cli.check_shown import Told, show
from connector.domain.forecasts import Forecast
from connector.domain.records import Level
from connector.ports.errors import CrmUnavailable, RelayUnavailable
from connector.ports.storage.counting import Levels, Reached
from connector.usecases.check import Checked, Counted
from connector.usecases.check_connections import Connected
from connector.usecases.check_relay import RelaySeen
from tests.checked import crm

MISTAKES = [
    Told("relationships.yaml", 3, 43, "error", "'Partners' is [not] a value"),
    Told("programs/a.yaml", 12, 5, "warning", "75 days before"),
    Told(None, None, None, "warning", "something"),
]
COUNTED = Counted(
    types={"partner": 38, "strategic": 1041},
    levels=Levels(
        persons={Level.EXECUTIVE: 2, Level.MANAGER: 0, Level.USER: 1105, None: 3020}, titles=[("Buyer", 140), ("x", 9)]
    ),
    filled={"sf": {"account.kind": (5, 5), "account.tier": (1, 300), "contact.level": (299, 300)}},
    forecast=Forecast(since=date(2026, 3, 2), through=date(2026, 4, 1), days={}),
)
FAILED = Connected(crm=crm("hub"), facts={}, failure=CrmUnavailable("hub: the line is dead"))


def shown(mistakes, checked: Checked | None, **options) -> str:
    told = StringIO()
    show(Console(file=told, highlight=False, **options), mistakes, checked)
    return told.getvalue()


def test_mistakes_and_counts_stand_in_columns_of_one_line_each() -> None:
    signed_in = Connected(crm=crm(), facts={}, organisation="00D1")
    checked = Checked(findings=(), connections=[signed_in, FAILED], counted=COUNTED)
    assert shown(MISTAKES, checked, width=40).splitlines() == [
        "relationships.yaml:3:43  error    'Partners' is [not] a value",
        "programs/a.yaml:12:5     warning  75 days before",
        "-                        warning  something",
        "",
        "sf             signed in to 00D1 · least known: account.tier 1 %, contact.level 99 %",
        "hub            the line is dead",
        "contact.level  executive 2 · manager 0 · user 1,105 · unknown 3,020 (73 %)  "
        'top unknown titles: "Buyer" 140, "x" 9',
        "types          partner 38 · strategic 1,041 (of 1,079)",
        "next 30 days   nobody is asked",
        "",
        "1 error, 2 warnings; nothing was sent or written. 1 connection cannot be used.",
    ]


def test_the_relay_and_whom_test_mode_reaches_have_lines_of_their_own() -> None:
    reached = Reached(persons=1, accounts=2, words={"Kea Test": 3}, recipients={"*": (1, 9)})
    found = Checked(
        findings=(),
        connections=(),
        counted=replace(
            COUNTED, levels=Levels(persons={Level.USER: 1}, titles=()), types={"partner": 1}, reached=reached
        ),
        relay=RelaySeen(address="127.0.0.1:25"),
    )
    down = RelaySeen(address="127.0.0.1:25", failure=RelayUnavailable("127.0.0.1:25 cannot be used (TimeoutError)."))
    assert shown([], found, width=40).splitlines() == [
        "mail relay     ready at 127.0.0.1:25",
        "contact.level  user 1 · unknown 0 (0 %)",
        "types          partner 1 (of 1)",
        "test mode      reaches 1 person at 2 accounts",
        "next 30 days   nobody is asked",
        "",
        "No mistakes found; nothing was sent or written.",
    ]
    assert shown([], replace(found, relay=down, counted=None, uncounted="x")).splitlines() == [
        "mail relay  127.0.0.1:25 cannot be used (TimeoutError).",
        "counts      x",
        "",
        "No mistakes found; nothing was sent or written. 1 connection cannot be used.",
    ]
    later = replace(down, is_needed=False)
    assert shown([], replace(found, relay=later, counted=None, uncounted="x")).splitlines()[0] == (
        "mail relay  127.0.0.1:25 cannot be used (TimeoutError). It is needed only from test or live mode on."
    )


def test_files_with_mistakes_leave_the_rest_for_the_next_time() -> None:
    assert shown(MISTAKES[:1], None).splitlines() == [
        "relationships.yaml:3:43  error  'Partners' is [not] a value",
        "",
        "1 error; nothing was sent or written. CRMs and counts are looked at once the files can be read.",
    ]


def test_where_nothing_is_synced_the_counts_say_what_to_do() -> None:
    checked = Checked(findings=(), connections=(), uncounted="there is no database yet")
    assert shown([], checked).splitlines() == [
        "counts  there is no database yet",
        "",
        "No mistakes found; nothing was sent or written.",
    ]


def test_without_mistakes_a_connection_that_failed_is_told_and_nothing_is_green() -> None:
    checked = Checked(findings=(), connections=[FAILED], uncounted="there is no database yet")
    told = "No mistakes found; nothing was sent or written. 1 connection cannot be used."
    last = shown([], checked, force_terminal=True, width=200, color_system="standard", legacy_windows=False)
    assert last.splitlines()[-1] == f"\x1b[1;31m{told}\x1b[0m"


def test_on_a_terminal_long_sentences_wrap_in_their_column_and_severities_have_colours() -> None:
    long = Told("a.yaml", 1, 1, "error", "word " * 12)
    text = shown([long], None, force_terminal=True, width=50, color_system="standard", legacy_windows=False)
    assert "\x1b[1;31merror\x1b[0m" in text
    plain = shown([long], None, force_terminal=True, width=50, no_color=True, color_system=None)
    assert [line.rstrip() for line in plain.splitlines()[:2]] == [
        "a.yaml:1:1  error  word word word word word word",
        "                   word word word word word word",
    ]
