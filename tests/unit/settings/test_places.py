"""Where a part of a text stands in the file, however YAML writes the text."""

import pytest

from connector.settings.documents import Document, Place
from connector.settings.mistakes import Mistakes
from connector.settings.yaml_reading import read_yaml

WRITTEN = {
    "plain": "x: 1\nwho: aa = 'b' and cc = 'd'\n",
    "double quotes": "x: 1\nwho: \"aa = 'b' and cc = 'd'\"\n",
    "single quotes": "x: 1\nwho: 'aa = ''b'' and cc = ''d'''\n",
    "plain over lines": "x: 1\nwho: aa = 'b'\n  and\n\n  cc = 'd'\n",
    "folded": "x: 1\nwho: >-\n  aa = 'b'\n  and cc = 'd'\n",
    "literal": "x: 1\nwho: |2-\n    aa = 'b' and\n    cc = 'd'\n",
    "in a flow mapping": "who: aa = 'b' and cc = 'd'\nother: {who: 1}\n",
}


def read(text: str) -> Document:
    mistakes = Mistakes()
    document = read_yaml("x.yaml", text=text, mistakes=mistakes)
    assert mistakes.found == []
    assert document is not None
    return document


@pytest.mark.parametrize("style", WRITTEN)
def test_the_place_of_a_word_is_where_the_file_has_it(style: str) -> None:
    text = WRITTEN[style]
    document = read(text)
    before = text[: text.index("cc")]
    place = document.text_place(("who",), document.data["who"].index("cc"))
    assert place == Place(before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)


def test_the_place_is_the_values_start_where_escapes_hide_the_word() -> None:
    assert read('who: "aa = \\"b\\" and cc"\n').text_place(("who",), 13) == Place(1, 6)


def test_an_empty_value_is_placed_at_its_key_and_a_missing_one_at_its_mapping() -> None:
    document = read("a:\n  b:\n  c: 1\n")
    assert document.value_place(("a", "b")) == Place(2, 3)
    assert document.value_place(("a", "z", "y")) == Place(2, 3)
    assert document.key_place(("a", "c")) == Place(3, 3)


def test_values_are_read_as_yaml_1_2() -> None:
    assert read("a: no\nb: 012\nc: 1:30\nd: 0o17\ne: 2026-03-31\n").data | {"e": None} == {
        "a": "no",
        "b": 12,
        "c": "1:30",
        "d": 15,
        "e": None,
    }
