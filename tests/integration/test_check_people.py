"""What `check` says of the people and the relay that tasks and mail need: the stand-in, the relay, the test list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connector.domain.actions import ActionPolicy
from connector.domain.findings import Spot
from connector.domain.listed import Listed
from connector.domain.programs import Mode
from connector.ports.errors import CrmUnavailable, RelayFault, RelayUnavailable
from connector.usecases.check import Checked
from tests.builders import make_policy
from tests.checked import RULES, Seen, checked, crm, told
from tests.worlds import CAPABILITIES, OURS, World, account, contact

STAND_IN = make_policy(relationships=RULES, actions=ActionPolicy(stand_in="Desk@kea.example"))
PLACE = ("actions", "stand_in"), None
EFFECT = "tasks that no owner can take would stay with nobody there."
ADVICE = "Write the address of an active user there"
HERE, GONE, OTHER = ("5", "desk@kea.example", True), ("6", "desk@kea.example", False), ("7", "desks@kea.example", None)


def org(*owners: Sequence[Any], name: str = "sf", **changes: Any):
    return crm(name, seen=Seen(owners=owners), **changes)


@pytest.mark.parametrize(
    ("crms", "expected"),
    [
        ([org(GONE, HERE)], []),
        ([org(("5", "desk@kea.example", None))], []),
        (
            [org(OTHER), org(name="hub")],
            [
                (
                    "error",
                    f"nobody in sf or hub has the address Desk@kea.example: {EFFECT} Did you mean desks@kea.example?",
                )
            ],
        ),
        (
            [org(HERE), org(GONE, name="hub")],
            [("warning", f"whoever has the address Desk@kea.example in hub is not active any more: {EFFECT} {ADVICE}")],
        ),
        (
            [org(HERE), org(name="hub", capabilities=replace(CAPABILITIES, tasks=False))],
            [],
        ),
        (
            [org(name="sf"), crm("hub", error=CrmUnavailable("hub: the line is dead"))],
            [
                (
                    "warning",
                    "nobody in sf has the address Desk@kea.example; the people of hub could not be looked at: "
                    f"{EFFECT} {ADVICE}",
                )
            ],
        ),
        ([crm(error=CrmUnavailable("sf: the line is dead"))], []),
    ],
    ids=[
        "active",
        "who may be active",
        "nobody",
        "active in one only",
        "no tasks there",
        "one was not seen",
        "nobody was seen",
    ],
)
def test_a_stand_in_must_be_somebody_who_can_take_a_task(crms: list[Any], expected: list[tuple[str, str]]) -> None:
    assert told(checked(*crms, policy=STAND_IN)) == [(*each, *PLACE) for each in expected]


@dataclass(frozen=True, slots=True)
class Trial:
    """A relay that fails as it is told."""

    fault: RelayFault | None
    address: str = "smtp.kea.example:587"

    def try_out(self) -> None:
        if self.fault is not None:
            raise RelayUnavailable("The relay said 550 to MAIL.", fault=self.fault)


KEYS = {RelayFault.TLS: "tls", RelayFault.LOGIN: "login", RelayFault.SENDER: "from"}


@pytest.mark.parametrize("fault", RelayFault)
def test_a_relay_that_takes_no_mail_is_told_at_the_key_to_look_at_with_what_to_do(fault: RelayFault) -> None:
    result = checked(crm(), policy=make_policy(relationships=RULES), relay=Trial(fault))
    (finding,) = result.findings
    cause = "no mail can leave through the relay: The relay said 550 to MAIL. "
    assert (finding.severity, finding.spot) == ("warning", Spot(path=("mail", KEYS.get(fault, "relay"))))
    assert finding.message.startswith(cause)
    assert len(finding.message) > len(cause)
    assert result.failed == 1


@pytest.mark.parametrize(("mode", "is_needed"), [(Mode.SHADOW, False), (Mode.TEST, True), (Mode.LIVE, True)])
def test_in_shadow_mode_a_relay_that_takes_no_mail_is_said_to_be_needed_later(mode: Mode, is_needed: bool) -> None:
    result = checked(crm(), policy=make_policy(relationships=RULES, mode=mode), relay=Trial(RelayFault.LINE))
    ((_, message, *_),) = (each for each in told(result) if each[2] == ("mail", "relay"))
    later = "" if is_needed else " (it is needed only from test or live mode on)"
    assert message.startswith(f"no mail can leave through the relay{later}: The relay said 550 to MAIL. ")
    assert result.relay is not None
    assert (result.relay.is_needed, result.failed) == (is_needed, 1)


def test_a_relay_that_would_take_mail_has_nothing_to_tell() -> None:
    result = checked(crm(error=CrmUnavailable("dead")), policy=make_policy(relationships=RULES), relay=Trial(None))
    assert (told(result), result.failed) == ([], 1)
    assert result.relay is not None
    assert (result.relay.address, result.relay.failure) == ("smtp.kea.example:587", None)


def reaching(storage: Any, *, mode: Mode = Mode.TEST, **listed: tuple[str, ...]) -> Checked:
    """What is found where two accounts are known, with one person each."""
    world = World(storage, sources=crm().sources | OURS)
    world.load(
        accounts=[account("001A", name="Harbour Test", kind="Partner"), account("001B", name="Kea")],
        contacts=[
            contact("003A", address="ann@harbour.example"),
            contact("003B", account="001B", address="bo@kea.example"),
        ],
    )
    policy = make_policy(relationships=RULES, mode=mode, listed=Listed(**listed))
    return checked(crm(sources=world.sources), storage=storage, unready=None, policy=policy)


def test_what_is_on_the_test_list_and_means_nobody_is_told_with_who_is_left(storage: Any) -> None:
    recipients = ("*@harbour.example", "*@nowhere.example", "bo@kea.example")
    result = reaching(storage, recipients=recipients, accounts=("harbour TEST", "Harbor Test"))
    left = "test mode reaches 1 person at 1 account"
    assert told(result) == [
        (
            "warning",
            f"no synced account has the name or the id `Harbor Test`: {left}. "
            "Write its whole name, in any case, or its id in the CRM",
            ("test", "accounts", 1),
            None,
        ),
        (
            "warning",
            f"no synced contact has the address `*@nowhere.example`: {left}. "
            "Write an address as the CRM has it, or `*` for any text, as in `*@kea.example`",
            ("test", "recipients", 1),
            None,
        ),
        (
            "warning",
            "nobody at the accounts of the test list has the address `bo@kea.example`, but 1 person has it elsewhere: "
            f"{left}. List their account too, or another address",
            ("test", "recipients", 2),
            None,
        ),
    ]


def test_a_list_of_an_account_that_is_not_there_reaches_nobody_and_the_addresses_are_left_alone(storage: Any) -> None:
    result = reaching(storage, recipients=("ann@harbour.example",), accounts=("001X",))
    assert [each[1:3] for each in told(result)] == [
        (
            "no synced account has the name or the id `001X`: test mode reaches nobody. "
            "Write its whole name, in any case, or its id in the CRM",
            ("test", "accounts", 0),
        )
    ]


def test_where_nothing_is_in_test_mode_nobody_looks_at_the_list(storage: Any) -> None:
    result = reaching(storage, mode=Mode.SHADOW, recipients=("x@y.example",), accounts=("001X",))
    assert result.counted is not None
    assert (told(result), result.counted.reached) == ([], None)


def test_live_mail_with_links_to_this_machine_is_told_at_their_base():
    live = make_policy(relationships=RULES, mode=Mode.LIVE)
    found = told(checked(crm(), policy=live, public_url="http://localhost:8080"))
    ((severity, message, _, _),) = [each for each in found if each[2] == ("public_url",)]
    assert (severity, message.partition(",")[0]) == ("warning", "found http://localhost:8080")
