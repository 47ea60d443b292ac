"""Every kind of trouble has a title, a meaning and a fix that can be filled in."""

from connector.ports.storage.viewing import TroubleKind
from connector.usecases.find_troubles import ADVICE


def test_every_kind_of_trouble_is_advised_on_in_whole_sentences() -> None:
    assert set(ADVICE) == set(TroubleKind)
    for advice in ADVICE.values():
        filled = [text.format(place="sync:sf", stage="sync") for text in (advice.title, advice.meaning, advice.fix)]
        assert all("{" not in text for text in filled)
        assert all(text.endswith(".") for text in filled[1:])
