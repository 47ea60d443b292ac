"""The bytes of an invitation mail, as mail programs and providers read them."""

import email
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.delivery import wording
from connector.delivery.mail import InvitationMail
from connector.domain.invitations import Invitation, InvitationState
from connector.domain.links import Keyring, LinkPurpose, token
from connector.domain.programs import Organisation
from connector.domain.surveys import AskKind
from connector.ports.errors import DeliveryRefused
from connector.testing.asking_world import KEYRING, SURVEY

SENT_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
WRITER = InvitationMail(
    organisation=Organisation(name="Kea Instruments", timezone="Pacific/Auckland"),
    sender="feedback@kea.example",
    shown_name="Kea Instruments",
    public_url="https://feedback.kea.example/",
    keyring=KEYRING,
)
INVITATION = Invitation(
    id=1,
    person_id=2,
    contact_id=3,
    account_id=4,
    side="theirs",
    program="ongoing",
    milestone="renewal",
    ordinal=2,
    survey=SURVEY.id,
    survey_version=SURVEY.version,
    kind=AskKind.RELATIONSHIP,
    language="en",
    attribution="attributed",
    state=InvitationState.OPEN,
    address="anna@tui.example",
    contact_name="Anna Tane",
    account_name="Tui Foods",
    nonce=b"\x01" * 16,
    key_id=KEYRING.signing,
    created_at=SENT_AT,
    closes_at=SENT_AT + timedelta(days=21),
)
ANSWER = token(KEYRING, key_id=KEYRING.signing, purpose=LinkPurpose.ANSWER, nonce=INVITATION.nonce)
LEAVE = token(KEYRING, key_id=KEYRING.signing, purpose=LinkPurpose.UNSUBSCRIBE, nonce=INVITATION.nonce)


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.found.append(str(values["href"]))
        elif "src" in values or "href" in values:
            self.loaded.append(str(values.get("src") or values.get("href")))


def _write(invitation: Invitation = INVITATION, *, writer: InvitationMail = WRITER) -> bytes:
    return writer.write(invitation, survey=SURVEY, at=SENT_AT).content


def _parse(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def _header_lines(content: bytes) -> list[bytes]:
    return content.split(b"\r\n\r\n", 1)[0].split(b"\r\n")


def _decoded(header: str) -> str:
    """By the older decoder: the newer one of Python 3.11 keeps the blanks between encoded words."""
    return str(make_header(decode_header(header)))


def _part(content: bytes, kind: str) -> str:
    body = _parse(content).get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_the_headers_say_who_what_when_and_how_to_leave() -> None:
    headers = _parse(_write())
    assert {name: headers[name] for name in headers if name not in ("Message-ID", "MIME-Version", "Content-Type")} == {
        "From": "Kea Instruments <feedback@kea.example>",
        "To": "Anna Tane <anna@tui.example>",
        "Subject": "How is working with Kea Instruments going?",
        "Date": "Mon, 05 Jan 2026 09:30:00 +0000",
        "List-Unsubscribe": f"<https://feedback.kea.example/u/{LEAVE}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Feedback-ID": "ongoing.renewal.2:ask:relationship:closedloop",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
    }


@pytest.mark.parametrize(
    ("counterpart", "shown"),
    [
        ("Anna Kowhai", "Anna Kowhai, Kea Instruments"),
        ("  ", "Kea Instruments"),
        (None, "Kea Instruments"),
        ("Anna\r\nBcc: eve@else.example", "Anna Bcc: eve@else.example, Kea Instruments"),
    ],
)
def test_a_mail_shows_the_counterpart_s_name_where_the_house_wants_it_and_one_is_known(
    counterpart: str | None, shown: str
) -> None:
    invitation = replace(INVITATION, counterpart_name=counterpart)
    content = _write(invitation, writer=replace(WRITER, shows_counterpart=True))
    (sender,) = _parse(content)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (shown, "feedback@kea.example")
    assert shown in _part(content, "plain")
    assert _write(invitation) == _write()


@pytest.mark.parametrize("host", ["f.kea.example", "feedback.a-long-name-for-a-host." + "sub." * 30 + "kea.example"])
def test_the_raw_unsubscribe_headers_are_one_plain_line_each(host: str) -> None:
    invitation = replace(INVITATION, contact_name="Ørjan Größe", program="p" * 80)
    content = _write(invitation, writer=replace(WRITER, public_url=f"https://{host}", shown_name="Kea & Größe"))
    lines = _header_lines(content)
    assert f"List-Unsubscribe: <https://{host}/u/{LEAVE}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert f"Feedback-ID: {'p' * 80}.renewal.2:ask:relationship:closedloop".encode() in lines


def test_letters_outside_ascii_travel_whole_in_lines_that_every_relay_takes() -> None:
    invitation = replace(INVITATION, contact_name="Jürgen Ångström-Łukasiewicz " * 4, account_name="山田 & <Söhne>")
    content = _write(invitation, writer=replace(WRITER, shown_name="Kea „Größe“"))
    headers = email.message_from_bytes(content)
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert _decoded(headers["From"]) == "Kea „Größe“ <feedback@kea.example>"
    assert _decoded(headers["To"]) == "Jürgen Ångström-Łukasiewicz " * 4 + "<anna@tui.example>"
    assert "you work with us at 山田 & <Söhne>." in _part(content, "plain")
    assert "you work with us at 山田 &amp; &lt;Söhne&gt;." in _part(content, "html")


@pytest.mark.parametrize(
    "name",
    ["Anna\r\nBcc: eve@else.example", "Anna\nX-Evil: 1", "Anna\r\n\r\n<h1>hi</h1>", "Anna\x00\x1b[31m\u2028\x85Bcc: x"],
)
def test_a_name_cannot_add_headers_or_markup(name: str) -> None:
    invitation = replace(INVITATION, contact_name=name, account_name=name)
    content = _write(invitation, writer=replace(WRITER, shown_name=name))
    usual = [line.split(b":")[0] for line in _header_lines(_write()) if not line.startswith(b" ")]
    assert [line.split(b":")[0] for line in _header_lines(content) if not line.startswith(b" ")] == usual
    assert [address.addr_spec for address in _parse(content)["To"].addresses] == ["anna@tui.example"]
    assert "<h1>" not in _part(content, "html")
    assert "\x1b" not in _part(content, "plain")


@given(name=st.text(max_size=60))
def test_whatever_the_name_the_mail_goes_to_one_address_and_parses(name: str) -> None:
    message = _parse(_write(replace(INVITATION, contact_name=name.encode("utf-8", "replace").decode())))
    assert [address.addr_spec for address in message["To"].addresses] == ["anna@tui.example"]
    assert message["Bcc"] is None


def test_the_scale_is_in_the_mail_and_the_plain_link_in_its_text() -> None:
    content = _write()
    answer, leave = f"https://feedback.kea.example/a/{ANSWER}", f"https://feedback.kea.example/u/{LEAVE}"
    assert _Links(_part(content, "html")).found == [f"{answer}?score={n}" for n in range(11)] + [answer, leave]
    text = _part(content, "plain")
    assert [line for line in text.splitlines() if "http" in line] == [f"Your answer: {answer}", f"Unsubscribe: {leave}"]
    assert '0 means "not at all", 10 means "extremely well".' in text.splitlines()


def test_the_mail_loads_nothing_from_anywhere() -> None:
    html = _part(_write(), "html")
    assert _Links(html).loaded == []
    assert "@import" not in html
    assert "url(" not in html


@pytest.mark.parametrize("kind", ["html", "plain"])
def test_the_mail_says_who_asks_why_how_long_and_until_when(kind: str) -> None:
    text = _part(_write(), kind)
    for words in (
        "Hello Anna Tane,",
        "We would like to hear how working with Kea Instruments is going for you.",
        "How well is the relationship with Kea Instruments working for you today?",
        "It takes about 2 minutes",
        "You can answer until Sunday, 25 January 2026.",
        "You get this mail because you work with us at Tui Foods.",
    ):
        assert words in text


def test_without_names_the_mail_is_still_polite() -> None:
    text = _part(_write(replace(INVITATION, contact_name=None, account_name=" ")), "plain")
    assert text.splitlines()[0] == "Hello,"
    assert "You get this mail because you work with us." in text.splitlines()


def test_the_same_mail_rendered_again_has_the_same_bytes() -> None:
    assert _write() == _write()


def test_the_message_id_stays_when_the_mail_is_tried_again_later() -> None:
    later = WRITER.write(INVITATION, survey=SURVEY, at=SENT_AT + timedelta(hours=1)).content
    other = _write(replace(INVITATION, nonce=b"\x02" * 16))
    assert _parse(later)["Message-ID"] == _parse(_write())["Message-ID"] != _parse(other)["Message-ID"]
    assert later != _write()


def test_an_old_key_renders_an_old_mail_and_a_gone_key_refuses() -> None:
    rotated = Keyring.of((b"a newer instance key of 32 bytes..", *KEYRING.keys.values()))
    assert _write(writer=replace(WRITER, keyring=rotated)) == _write()
    with pytest.raises(DeliveryRefused, match="is gone"):
        _write(writer=replace(WRITER, keyring=Keyring.of((b"a newer instance key of 32 bytes..",))))


@pytest.mark.parametrize("address", [None, "", "jürgen@tui.example", "a..b@tui.example", "a b@tui.example", "a@b\r\nx"])
def test_an_address_that_cannot_be_used_is_refused_without_being_repeated(address: str | None) -> None:
    with pytest.raises(DeliveryRefused) as refusal:
        _write(replace(INVITATION, address=address))
    assert "tui" not in str(refusal.value)


def test_the_mail_goes_from_our_address_to_theirs() -> None:
    envelope = WRITER.write(INVITATION, survey=SURVEY, at=SENT_AT)
    assert (envelope.sender, envelope.recipient) == ("feedback@kea.example", "anna@tui.example")


@pytest.mark.parametrize(
    ("closes_at", "zone", "day"),
    [
        (datetime(2026, 1, 26, 9, 30, tzinfo=UTC), "Pacific/Auckland", "Sunday, 25 January 2026"),
        (datetime(2026, 1, 26, 11, 30, tzinfo=UTC), "Pacific/Auckland", "Monday, 26 January 2026"),
        (datetime(2026, 3, 1, 3, 0, tzinfo=UTC), "America/New_York", "Friday, 27 February 2026"),
    ],
)
def test_the_last_day_is_the_last_whole_one_where_we_are(closes_at: datetime, zone: str, day: str) -> None:
    assert wording.last_day(closes_at, zone=ZoneInfo(zone)) == day


def test_a_short_survey_takes_about_a_minute() -> None:
    assert wording.time_needed(replace(SURVEY, questions=SURVEY.questions[:2])) == "about a minute"
