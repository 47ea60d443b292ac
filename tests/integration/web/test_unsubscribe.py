"""Unsubscribing: a page with a button, and the one click of mail programs (RFC 8058)."""

from hashlib import sha256
from typing import Any

import pytest

ADDRESS_HASH = sha256(b"anna@tui.example").hexdigest()
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def _opt_outs(site: Any) -> list[tuple[Any, ...]]:
    return [(person, address, source) for _, person, address, _, source in site.rows()["opt_out"]]


def test_the_page_has_a_button_that_opts_out(site: Any) -> None:
    page = site.client.get(site.leave)
    assert page.status_code == 200
    assert f'<form method="post" action="{site.leave}">' in page.text
    assert _opt_outs(site) == []
    response = site.client.post(site.leave, data={"unsubscribe": "yes"})
    assert (response.status_code, "You are unsubscribed" in response.text) == (200, True)
    assert _opt_outs(site) == [(site.decided[0].person_id, ADDRESS_HASH, "unsubscribe-page")]


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_one_click_opts_out_in_both_encodings_that_mail_programs_use(site: Any, encoding: str) -> None:
    sent = {"data": ONE_CLICK} if encoding == "urlencoded" else {"files": {"List-Unsubscribe": (None, "One-Click")}}
    assert site.client.post(site.leave, **sent).status_code == 200
    assert _opt_outs(site) == [(site.decided[0].person_id, ADDRESS_HASH, "unsubscribe-click")]


def test_unsubscribing_again_changes_nothing(site: Any) -> None:
    for _ in range(2):
        assert site.client.post(site.leave, data=ONE_CLICK).status_code == 200
    assert site.client.post(site.leave, data={"unsubscribe": "yes"}).status_code == 200
    assert _opt_outs(site) == [(site.decided[0].person_id, ADDRESS_HASH, "unsubscribe-click")]


@pytest.mark.parametrize("path", ["/u/forged", "/u/AAAAAAAAAAAAAAAAAAAAAA"])
def test_a_forged_link_opts_nobody_out(site: Any, path: str) -> None:
    assert site.client.get(path).status_code == 404
    assert site.client.post(path, data=ONE_CLICK).status_code == 404
    assert _opt_outs(site) == []


def test_the_link_works_after_the_survey_is_answered_and_the_survey_after_the_link(site: Any) -> None:
    site.client.post(site.leave, data=ONE_CLICK)
    form = {"relationship": "2", "since": "worse"}
    assert site.client.post(site.answer, data=form).status_code == 200
    assert site.client.get(site.leave).status_code == 200


def test_a_mail_that_waits_for_somebody_who_unsubscribed_is_cancelled_in_its_turn(site: Any) -> None:
    site.client.post(site.leave, data=ONE_CLICK)
    with site.storage.begin() as unit:
        handed = [
            unit.messages.hand_over(number, at=site.clock.now(), today=site.clock.now().date())
            for number in list(site.messages())[:2]
        ]
        unit.commit()
    assert handed == [False, True]
    assert list(site.messages().values()) == ["cancelled", "handing over", "ready"]
