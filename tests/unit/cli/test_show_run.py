"""What `run` shows of its counts: a row for each stage and connection, in words, and nothing that is zero."""

import io
from typing import Any

from rich.console import Console

from connector.cli.show_run import show_runs

OWN = {"pulled": 9, "inserted": 0, "changed": 0, "removed": 0}


def rows(**done: Any) -> list[str]:
    """The rows below the headings, as words with one space between the columns."""
    stream = io.StringIO()
    show_runs(Console(file=stream, width=200), done)
    return [" ".join(line.split()) for line in stream.getvalue().splitlines()[1:]]


def test_a_sync_tells_what_is_new_changed_and_removed_of_each_kind_by_connection() -> None:
    news = {"account": OWN | {"inserted": 2, "changed": 1}, "opportunity": OWN | {"inserted": 5}, "case": OWN}
    gone = {"contact": OWN | {"removed": 1, "unread": 2}}
    assert rows(sync={"sf": news, "hub": gone, "crm": {"case": OWN}}) == [
        "sync sf new: 2 accounts, 5 opportunities; changed: 1 account",
        "sync hub removed: 1 contact; could not be read: 2 contacts",
        "sync crm nothing new",
    ]


def test_each_count_has_its_words_and_what_is_zero_is_left_out() -> None:
    assert rows(
        derive={"facts": 1, "renewed": 0, "changed": 3, "waiting": 0},
        plan={"digest": "0123456789abcdef", "real ask": 2, "shadow block": 1},
        ask={"made": 1, "doubted": 0, "closed": 0, "sent": 2},
        act={"opened": 1, "passed": 2},
    ) == [
        "derive 1 derived fact looked at, 3 values changed",
        "plan 2 to be asked, 1 would not be asked (shadow), digest 0123456789ab",
        "ask 1 invitation made, 2 mails sent",
        "act 1 action opened, 2 answers without an action",
    ]


def test_a_stage_that_found_nothing_or_was_taken_says_so() -> None:
    assert rows(plan={"digest": "0123"}, ask={"made": 0}, act=None, tasks={"sf": None}, write_back={"sf": {}}) == [
        "plan nothing is due",
        "ask nothing to send",
        "act another process is running it",
        "tasks sf another process is running it",
        "write_back sf nothing to do",
    ]


def test_why_nothing_was_done_and_which_records_were_refused_stand_in_the_row() -> None:
    refusal = "mode is shadow: nothing is made or sent"
    refused = {"written": 1, "is_stopped": True, "refused": 1, "refusals": ["003A: FIELD_LOCKED"], "unread": []}
    assert rows(ask={"made": 0, "refusal": refusal, "held_back": ["hub"]}, write_back={"sf": refused}) == [
        f"ask {refusal}, mail waits for: hub",
        "write_back sf 1 record written, stopped until it is resumed, 1 record refused, such as: 003A: FIELD_LOCKED",
    ]


def test_a_count_without_words_of_its_own_is_told_by_its_name() -> None:
    assert rows(act={"opened": 0, "wondered": 3}) == ["act 3 wondered"]
