"""Scanners that only look, and people who answer, leave or do nothing by what they are, never by order."""

from __future__ import annotations

from collections import Counter
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from adapters.sandbox.chance import unit
from adapters.sandbox.forms import answer_form, fill, read_page
from adapters.sandbox.links import answer_link, links, unsubscribe_link
from adapters.sandbox.sentiment import feeling
from adapters.sandbox.world.generate import parse_start
from tests.adapters.sandbox.far_side import letter, send


def people(number):
    return [(f"kit.jessop{n}@brimedane-works.example", f"ask-{n}") for n in range(number)]


def kinds(org):
    return Counter(row[0] for row in org.house.state.rows("select kind from errand"))


def answers(org):
    kept = [
        (one["address"], one["feedback_id"], tuple(map(tuple, one["fields"])), one["at"], one["status"])
        for one in org.get("/_sandbox/answers", limit="1000")
    ]
    return sorted(kept)


def test_scanners_open_every_link_once_and_never_post(org, far):
    send(org, far, ("kit.jessop@brimedane-works.example", "ask-1"), scale=True)
    org.call("POST", "/_sandbox/people/act", json={})
    org.call("POST", "/_sandbox/people/act", json={})
    wanted = {"/s/ask-1", "/u/ask-1", *(f"/s/ask-1?score={n}" for n in range(11))}
    assert Counter((method, path) for method, path, _ in far.requests) == Counter(
        (method, path) for path in wanted for method in ("HEAD", "GET")
    )
    mail = org.get("/_sandbox/counts")["mail"]
    assert mail == {"received": 1, "scanner_requests": 26, "scanner_refused": 2}


def test_people_answer_through_the_form_they_are_given(org, far):
    send(org, far, *people(90), scale=True)
    org.turn("2026-01-12T06:00:00Z")
    found = kinds(org)
    assert 28 <= found["answer"] + found["answer twice"] <= 55
    posts = [form for path, form in far.posts() if path == "/thanks?lang=de"]
    kept = org.get("/_sandbox/answers", limit="1000")
    assert len(posts) == len(kept) == found["answer"] + 2 * found["answer twice"]
    assert sorted(map(str, posts)) == sorted(str([tuple(pair) for pair in one["fields"]]) for one in kept)
    names = [[name for name, _ in form if name != "consent"] for form in posts]
    assert {tuple(one) for one in names} == {("secret", "score", "since", "best", "website", "go")}
    assert {(dict(form)["secret"], dict(form)["website"], dict(form)["go"]) for form in posts} == {("s&1", "", "send")}
    counts = org.get("/_sandbox/counts")["people"]
    assert (counts["answers_posted"], counts["answers_ok"], counts["waiting"]) == (
        len(posts),
        found["answer"] + found["answer twice"],
        0,
    )


def test_the_posted_score_follows_the_hidden_feeling(org, far):
    send(org, far, *((f"ada.inkpen@company{n}-foods.example", f"ask-{n}") for n in range(150)))
    org.turn("2026-01-12T06:00:00Z")
    pairs = [
        (float(dict(one["fields"])["score"]), feeling(1, one["address"], parse_start(one["at"])))
        for one in org.get("/_sandbox/answers", limit="1000")
    ]
    assert max(abs(score - felt) for score, felt in pairs) <= 1.0
    assert len({score for score, _ in pairs}) >= 5


def test_people_answer_on_the_days_after_with_the_clock_at_that_instant(org, far):
    send(org, far, *people(100))
    org.turn("2026-01-12T06:00:00Z")
    times = [one["at"] for one in org.get("/_sandbox/answers", limit="1000")][::-1]
    assert times == sorted(times)
    assert len({time[:10] for time in times}) >= 5
    assert {7 <= int(time[11:13]) <= 20 for time in times} == {True}


def test_what_people_do_depends_on_no_order_and_on_no_company_of_mails(make_org, far):
    one, other, alone = make_org(), make_org(), make_org()
    send(one, far, *people(60))
    send(other, far, *reversed(people(60)))
    send(alone, far, people(60)[17])
    one.turn("2026-01-12T06:00:00Z")
    for day in ("2026-01-05T12:00:00Z", "2026-01-08T06:00:00Z", "2026-01-12T06:00:00Z"):
        other.turn(day)
    alone.turn("2026-01-12T06:00:00Z")
    assert answers(one) == answers(other)
    assert answers(alone) == [answer for answer in answers(one) if answer[1] == "ask-17"]


def test_what_people_do_depends_on_no_token_in_the_links(make_org, far):
    done = []
    for run in ("first", "second"):
        org, far.requests[:] = make_org(), []
        for address, feedback_id in people(200):
            raw = letter(far, address, feedback_id, token=f"ticks-{run}-{feedback_id}").as_bytes()
            org.house.inbox.receive(raw, sender="ask@tallow-finch.example", recipients=[address])
        org.turn("2026-01-12T06:00:00Z")
        done.append((answers(org), sorted((path.replace(run, ""), form) for path, form in far.posts())))
    assert done[0] == done[1]
    ticked = [
        form for path, form in done[0][1] if path.startswith("/u/") and form != [("List-Unsubscribe", "One-Click")]
    ]
    assert (len(ticked) > 1, all(0 < len(form) < 12 for form in ticked)) == (True, True)


def test_another_feedback_id_is_another_decision_and_the_same_one_is_none(org, far):
    address = "kit.jessop@brimedane-works.example"
    send(org, far, *((address, f"ask-{n}") for n in range(100)), *((address, f"ask-{n}") for n in range(100)))
    org.turn("2026-01-14T06:00:00Z")
    answered = Counter(one["feedback_id"] for one in org.get("/_sandbox/answers", limit="1000") if not one["again"])
    assert set(answered.values()) == {1}
    assert 25 <= len(answered) <= 65


def test_a_mail_without_feedback_id_is_scanned_but_answered_by_nobody(org, far):
    for n in range(30):
        send(org, far, (f"kit.jessop{n}@brimedane-works.example", ""))
    org.turn("2026-01-14T06:00:00Z")
    assert (far.posts(), org.get("/_sandbox/counts")["mail"]["received"]) == ([], 30)


def test_some_leave_by_one_click_and_some_by_the_page(org, far):
    send(org, far, *people(600))
    org.turn("2026-01-13T06:00:00Z")
    left = [form for path, form in far.posts() if path.startswith("/u")]
    found = kinds(org)
    one_click = [("List-Unsubscribe", "One-Click")]
    assert (left.count(one_click), left.count([("t", "x")])) == (found["leave by header"], found["leave by page"])
    assert min(found["leave by header"], found["leave by page"], found["answer twice"]) >= 1
    assert org.get("/_sandbox/counts")["people"]["unsubscribed"] == len(left)


def test_a_page_that_cannot_be_reached_is_tried_again_at_the_next_turn(org, far):
    send(org, far, *people(40))
    org.call("POST", "/_sandbox/people/act", json={})
    far.broken = True
    org.turn("2026-01-13T06:00:00Z")
    counts = org.get("/_sandbox/counts")["people"]
    assert (counts["answers_ok"], counts["waiting"] > 5) == (0, True)
    far.broken = False
    org.turn("2026-01-14T06:00:00Z")
    assert org.get("/_sandbox/counts")["people"]["waiting"] == 0
    assert {one["at"][:10] for one in org.get("/_sandbox/answers")} == {"2026-01-13"}


def test_a_scanner_that_met_a_failing_page_does_not_keep_people_from_reading(org, far):
    far.broken = True
    send(org, far, *people(20))
    org.call("POST", "/_sandbox/people/act", json={})
    far.broken = False
    org.turn("2026-01-13T06:00:00Z")
    statuses = {row[0] for row in org.house.state.rows("select status from link")}
    assert (statuses, org.get("/_sandbox/counts")["people"]["answers_ok"] > 3) == ({"status 503", "refused"}, True)


def test_a_link_out_of_this_machine_is_never_followed(org):
    message = EmailMessage()
    message["Feedback-ID"] = "ask-1"
    message.set_content("See http://192.0.2.1/s/1 and https://127.0.0.1/x and http://localhost.example/y")
    for n in range(20):
        org.house.inbox.receive(message.as_bytes(), sender="x", recipients=[f"a{n}@b.example"])
    org.turn("2026-01-14T06:00:00Z")
    counts = org.get("/_sandbox/counts")
    assert counts["mail"] == {"received": 20, "scanner_requests": 0, "scanner_refused": 120}
    assert (counts["people"]["answers_posted"], counts["people"]["waiting"]) == (0, 0)


def test_mails_can_be_looked_at(org, far):
    send(org, far, *people(2))
    newest, older = org.get("/_sandbox/mails")
    assert [newest["recipient"], older["headers"]["Feedback-ID"]] == ["kit.jessop1@brimedane-works.example", "ask-0"]
    assert "Answer: http://127.0.0.1" in org.get(f"/_sandbox/mails/{older['id']}")["raw"]
    assert org.call("GET", "/_sandbox/mails/99").status == 404


def test_the_link_nearest_to_the_score_is_taken_and_else_the_plain_one():
    class Nowhere:
        url = "http://127.0.0.1:1"

    message = letter(Nowhere, "a@b.example", "ask-1")
    taken = [urlsplit(answer_link(message, score)).query for score in (0.0, 4.4, 9.6)]
    assert taken == ["score=0", "score=4", "score=10"]
    assert answer_link(letter(Nowhere, "a@b.example", "ask-1", scale=False), 5.0) == "http://127.0.0.1:1/s/ask-1"
    assert unsubscribe_link(message) == "http://127.0.0.1:1/u/ask-1"
    assert len(links(message)) == 14


@pytest.mark.parametrize(("low", "high", "wanted"), [(0, 10, "8"), (1, 5, "4"), (1, 7, "6")])
def test_a_scale_of_any_length_is_answered_in_proportion(low, high, wanted):
    radios = "".join(f'<input type=radio name=s value="{n}">' for n in range(low, high + 1))
    form = answer_form(read_page(f'<form method="POST">{radios}</form>'))
    assert fill(form, score=8.0, language="", key=(1,)) == [("s", wanted)]


def test_feelings_lie_within_the_scale_differ_by_company_and_drift():
    now, later = parse_start("2026-01-05T06:00:00Z"), parse_start("2026-12-05T06:00:00Z")
    felt = [feeling(1, f"a@company{n}.example", now) for n in range(300)]
    assert (min(felt) >= 0, max(felt) <= 10, max(felt) - min(felt) > 5) == (True, True, True)
    drift = [abs(feeling(1, f"a@company{n}.example", later) - value) for n, value in enumerate(felt)]
    assert 0.1 < sum(drift) / len(drift) < 1.5


def test_a_decision_is_a_function_of_its_key():
    assert unit(1, "a", 2) == unit(1, "a", 2)
    assert len({unit(1, "a", n) for n in range(1000)}) == 1000
    assert unit(1, "a", "b") != unit(1, "ab")
