"""The survey page: what a link shows, what a form records, and what nothing records."""

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from connector.domain.invitations import InvitationState
from connector.domain.links import LinkPurpose, token_hash

FORM = {
    "relationship": "7",
    "since": "better",
    "change": "Answer faster.\nPlease <b>do</b>.",
    "consent": "you may quote me",
}
PERSONAL = ("Anna", "Größe", "anna@", "Tui", "Weka", "Ben", "Cara")


class _Page(HTMLParser):
    """What is checked, typed, marked as wrong and loaded on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.checked: list[tuple[str, str]] = []
        self.typed: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.described: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.form: dict[str, str | None] = {}
        self._into: tuple[dict[str, str], str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.add(tag)
        self.attributes.update(values)
        self._into = None
        if tag == "input" and "checked" in values:
            self.checked.append((str(values["name"]), str(values["value"])))
        elif tag == "textarea":
            self._into = (self.typed, str(values["name"]))
        elif values.get("class") == "error":
            self._into = (self.errors, str(values["id"]))
        elif tag == "form":
            self.form = values
        if "aria-describedby" in values:
            self.described.append(str(values["aria-describedby"]))

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            store, name = self._into
            store[name] = store.get(name, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._into = None


def test_the_page_asks_every_question_in_the_survey(site: Any) -> None:
    response = site.client.get(site.answer)
    assert response.status_code == 200
    for text in (
        "<title>How is working with Kea Instruments going? · Kea Instruments</title>",
        "How well is the relationship with Kea Instruments working for you today?",
        "Since last time it has become:",
        "If we changed one thing, what should it be?",
        "May we come back to you?",
        "0: not at all",
        "10: extremely well",
    ):
        assert text in response.text
    page = _Page(response.text)
    assert (page.form["method"], page.form["action"]) == ("post", site.answer)
    assert page.checked == []


def test_a_number_in_the_mail_is_chosen_already(site: Any) -> None:
    assert _Page(site.client.get(f"{site.answer}?score=10").text).checked == [("relationship", "10")]


@pytest.mark.parametrize("score", ["11", "-1", "x", "7' checked", "", "\u0667"])
def test_a_number_that_is_none_chooses_nothing(site: Any, score: str) -> None:
    response = site.client.get(site.answer, params={"score": score})
    assert (response.status_code, _Page(response.text).checked) == (200, [])


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_opening_links_records_nothing_in_any_table(site: Any, method: str) -> None:
    before = site.rows()
    prefetch = {"Sec-Purpose": "prefetch", "Purpose": "prefetch", "User-Agent": "mail scanner"}
    for path in (site.answer, f"{site.answer}?score=0", site.other, site.leave, "/a/forged", "/u/forged", "/healthz"):
        for headers in ({}, prefetch):
            assert site.client.request(method, path, headers=headers).status_code in (200, 404, 405)
    assert site.rows() == before


def test_a_form_is_recorded_whole_and_thanked_for(site: Any) -> None:
    site.clock.turn(timedelta(days=2))
    response = site.client.post(site.answer, data=FORM)
    assert response.status_code == 200
    assert "Thank you! Kea Instruments reads every word." in response.text
    rows = site.rows()
    ((_, invitation, person, contact, account, *_, score, _, _),) = rows["response"]
    anna = site.decided[0]
    wanted = (site.invitations[0], anna.person_id, anna.contact_id, anna.account_id, 7.0)
    assert (invitation, person, contact, account, score) == wanted
    assert [row[2:] for row in rows["answer"]] == [
        ("relationship", 7.0, None, None),
        ("since", None, ["better"], None),
        ("change", None, None, "Answer faster.\nPlease <b>do</b>."),
        ("consent", None, ["you may quote me"], None),
    ]
    twice = [row[0] for row in rows["contact"] if "anna@tui.example" in row]
    marked = [*(("contact", contact) for contact in twice), ("account", account)]
    assert [row[1:4] for row in rows["dirty"]] == [(*each, "response") for each in marked]
    assert len(twice) == 2
    assert _state(site) is InvitationState.ANSWERED


def test_what_may_stay_empty_may_stay_empty(site: Any) -> None:
    assert site.client.post(site.answer, data={"relationship": "0", "since": "same", "change": " "}).status_code == 200
    assert [row[2] for row in site.rows()["answer"]] == ["relationship", "since"]


def test_a_second_form_is_told_that_the_first_arrived_and_changes_nothing(site: Any) -> None:
    site.client.post(site.answer, data=FORM)
    before = site.rows()
    for response in (site.client.post(site.answer, data=FORM | {"relationship": "1"}), site.client.get(site.answer)):
        assert response.status_code == 410
        assert "This link was used already" in response.text
    assert site.rows() == before


@pytest.mark.parametrize("moment", ["at", "after"])
def test_after_its_time_a_link_takes_nothing(site: Any, moment: str) -> None:
    site.clock.turn(timedelta(days=21, seconds=1 if moment == "after" else 0))
    before = site.rows()
    for response in (site.client.get(site.answer), site.client.post(site.answer, data=FORM)):
        assert response.status_code == 410
        assert "The time for answering them is over." in response.text
    assert site.rows() == before


def test_until_its_time_a_link_is_open(site: Any) -> None:
    site.clock.turn(timedelta(days=21, seconds=-1))
    assert site.client.post(site.answer, data=FORM).status_code == 200


def test_a_revoked_link_is_closed(site: Any) -> None:
    with site.storage.begin() as unit:
        unit.invitations.set_state(site.invitations[0], expected=InvitationState.OPEN, state=InvitationState.REVOKED)
        unit.commit()
    assert site.client.get(site.answer).status_code == 410
    assert site.client.post(site.answer, data=FORM).status_code == 410
    assert site.count("response") == 0


@pytest.mark.parametrize("token", ["x", "A" * 22, "A" * 5000, "%00", "..%2f..%2fetc", "%F0%9F%98%80", "a b"])
def test_a_forged_link_is_told_what_to_do(site: Any, token: str) -> None:
    before = site.rows()
    for response in (site.client.get(f"/a/{token}"), site.client.post(f"/a/{token}", data=FORM)):
        assert response.status_code == 404
        assert "open" in response.text
    assert site.rows() == before


def test_an_unsubscribe_token_does_not_open_the_survey_nor_the_other_way_round(site: Any) -> None:
    assert site.client.get(site.leave.replace("/u/", "/a/")).status_code == 404
    assert site.client.post(site.answer.replace("/a/", "/u/")).status_code == 404


def test_missing_answers_are_asked_for_beside_their_fields_and_what_was_typed_is_kept(site: Any) -> None:
    before = site.rows()
    words = "Say \"hello\" & <script>alert('1')</script>\n second line"
    response = site.client.post(site.answer, data={"change": words, "consent": "you may quote me"})
    assert response.status_code == 422
    page = _Page(response.text)
    assert page.errors == {
        "e-relationship": "Please choose an answer here.",
        "e-since": "Please choose an answer here.",
    }
    assert page.described == ["e-relationship", "e-since"]
    assert page.typed == {"change": "\n" + words}  # HTML drops the first line end of a text area
    assert page.checked == [("consent", "you may quote me")]
    assert "script" not in page.tags
    assert site.rows() == before


@pytest.mark.parametrize(
    ("alien", "error"),
    [
        ({"relationship": "11"}, {"e-relationship": "Please choose one number from 0 to 10."}),
        ({"relationship": ["1", "2"]}, {"e-relationship": "Please choose one number from 0 to 10."}),
        ({"since": "<b>other</b>"}, {"e-since": "Please choose from the answers shown."}),
        ({"consent": ["you may quote me", "mine"]}, {"e-consent": "Please choose from the answers shown."}),
        ({"change": "x" * 5001}, {"e-change": "This text has 5001 characters; please keep it to 5000."}),
        ({"score": "10"}, {}),
    ],
)
def test_alien_values_are_refused_and_recorded_nowhere(site: Any, alien: dict[str, Any], error: dict[str, str]) -> None:
    before = site.rows()
    response = site.client.post(site.answer, data=FORM | alien)
    assert response.status_code == 422
    assert _Page(response.text).errors == error
    assert ("This form has a field that we did not send." in response.text) == (not error)
    assert "<b>other" not in response.text
    assert site.rows() == before


def test_after_problems_the_mended_form_is_taken(site: Any) -> None:
    assert site.client.post(site.answer, data={"since": "better"}).status_code == 422
    assert site.client.post(site.answer, data=FORM).status_code == 200


def test_only_open_pages_know_anything_and_none_shows_who_was_asked(site: Any) -> None:
    site.client.post(site.answer, data=FORM)
    pages = [site.client.get(path).text for path in (site.answer, site.other, site.leave, "/a/forged", "/nowhere")]
    site.clock.turn(timedelta(days=30))
    pages.append(site.client.get(site.other).text)
    assert [word for page in pages for word in PERSONAL if word in page] == []


def test_no_page_needs_a_script_or_a_style_of_its_own(site: Any) -> None:
    for path in (site.answer, site.leave, "/a/forged"):
        page = _Page(site.client.get(path).text)
        assert page.tags & {"script", "style", "iframe", "img", "object"} == set()
        assert [name for name in page.attributes if name == "style" or name.startswith("on")] == []


def test_an_answer_proves_that_an_uncertain_mail_arrived(site: Any) -> None:
    with site.storage.begin() as unit:
        unit.messages.hand_over(next(iter(site.messages())), at=site.clock.now())
        unit.messages.doubt_abandoned(at=site.clock.now())
        unit.commit()
    site.client.post(site.answer, data=FORM)
    assert list(site.messages().values()) == ["sent", "ready", "ready"]


def _state(site: Any) -> InvitationState:
    with site.storage.snapshot() as unit:
        found = unit.invitations.by_link(LinkPurpose.ANSWER, token_hash(site.answer.removeprefix("/a/")))
    assert found is not None
    return InvitationState(found.state)
