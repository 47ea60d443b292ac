"""Links that only this machine can open are told before they stand in mails."""

import pytest

from connector.domain.findings import Finding, Severity, Spot
from connector.domain.programs import Mode
from connector.usecases.check_links import link_findings


@pytest.mark.parametrize("mode", [Mode.TEST, Mode.LIVE])
@pytest.mark.parametrize("base", ["http://localhost:8080", "http://127.0.0.1:8080/feedback", "http://[::1]:8080"])
def test_a_base_of_links_on_this_machine_is_told_as_soon_as_mail_may_leave(base: str, mode: Mode) -> None:
    message = (
        f"found {base}, which only this machine can open, and in {mode} mode it stands in mails to others; expected the"
        " address by which those who are asked reach the survey pages, such as https://feedback.kea.example"
    )
    told = Finding(severity=Severity.WARNING, message=message, spot=Spot(path=("public_url",)))
    assert list(link_findings(base, mode=mode)) == [told]


@pytest.mark.parametrize(
    ("base", "mode"), [("http://localhost:8080", Mode.SHADOW), ("https://feedback.kea.example", Mode.LIVE)]
)
def test_nothing_is_told_where_nothing_leaves_or_others_reach_it(base: str, mode: Mode) -> None:
    assert list(link_findings(base, mode=mode)) == []
