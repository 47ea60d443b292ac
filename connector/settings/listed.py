"""The `test:` part of closedloop.yaml: obligatory where anything is in test mode."""

from collections.abc import Sequence

from connector.domain.programs import Mode
from connector.settings.checking import Checker

_EXPECTED = 'expected it here, such as {recipients: ["*@kea.example"], accounts: ["Kea Test GmbH"]}'


def demand_test_list(house: Checker, *, programs: Sequence[Checker]) -> None:
    """A mistake in closedloop.yaml where it or a program says test mode and nobody is listed."""
    modes = [each.document.at(("mode",)) for each in (house, *programs) if each.document.has(("mode",))]
    if Mode.TEST in modes and not house.document.has(("test",)):
        house.add((), found="found no key `test`", expected=f"{_EXPECTED}: whom test mode reaches")
