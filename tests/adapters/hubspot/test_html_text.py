"""A task's body as HTML and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hubspot.html_text import as_html, as_text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=200))
def test_a_text_comes_back_as_it_was_but_for_blanks_at_the_end_of_lines(text: str) -> None:
    lines = text.replace("\xa0", " ").split("\n")
    assert as_text(as_html(text)) == "\n".join(line.rstrip() for line in lines).strip("\n")


def test_nothing_in_a_text_is_markup() -> None:
    assert as_html('5 < 6 & <b>"x"</b>\r\n&lt;') == '5 &lt; 6 &amp; &lt;b&gt;"x"&lt;/b&gt;<br>&amp;lt;'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ('<div dir="auto">\n <p style="margin:0;">one<br>two</p>\n <p>three</p>\n</div>', "one\ntwo\nthree"),
        ("one<br/>two<BR >three", "one\ntwo\nthree"),
        ("<p>one</p><p><br></p><p>two</p>", "one\n\ntwo"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\nc"),
        ("Gr&uuml;&szlig;e &amp; mehr&nbsp;hier &#8364;5", "Grüße & mehr hier €5"),
        ("a <a href='https://kea.example/x'>link</a> in <b>it</b>", "a link in it"),
        ("<p>never <b>closed & <unknown>odd", "never closed & odd"),
        ("5 < 6 and 7 <8", "5 < 6 and 7 <8"),
        ("first\nline", "first line"),
        ("", ""),
    ],
)
def test_html_is_read_as_a_reader_sees_it(html: str, text: str) -> None:
    assert as_text(html) == text
