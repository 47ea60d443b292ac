"""The mail relay as it was found: whether it would take mail of ours, and what to do where it would not."""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.domain.findings import Finding, Severity, Spot
from connector.domain.programs import Mode
from connector.ports.delivery import RelayTrial
from connector.ports.errors import RelayFault, RelayUnavailable

_ADVICE = {
    RelayFault.NAME: ("relay", "No machine of this name is known: is it misspelt, and does this machine have a DNS?"),
    RelayFault.LINE: ("relay", "Nothing listens there, or the way is barred: are host and port right, and is it up?"),
    RelayFault.SILENCE: (
        "relay",
        "It gave no answer: does a firewall stand between, and does this port want `tls: implicit` (as 465 does)?",
    ),
    RelayFault.CERTIFICATE: (
        "relay",
        "This machine does not trust its certificate, or it is for another name: write the name that it is made for",
    ),
    RelayFault.TLS: (
        "tls",
        "It does not protect the line in this way: `starttls` is for ports such as 587 and 25, `implicit` for 465",
    ),
    RelayFault.GREETING: ("relay", "It does not want to talk to this machine: ask whoever runs it to let it in"),
    RelayFault.LOGIN: ("login", "It does not take the login under `mail.login`: are user and password right?"),
    RelayFault.BARRED: (
        "relay",
        "It takes mail only after a login, or over a protected line: give it `login`, or write `tls: starttls`",
    ),
    RelayFault.SENDER: (
        "from",
        "It does not take mail from this address: ask whoever runs it to allow it, or whether it wants a `login`",
    ),
    RelayFault.BUSY: ("relay", "It is busy or puts us off for now: try again in some minutes"),
}
"""The key under `mail` that is to be looked at, and what to do, by what failed."""
NEEDED_LATER = "it is needed only from test or live mode on"
"""Said of the relay in shadow mode, which sends nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySeen:
    """The relay by `host:port`; `failure` says why no mail would leave through it.

    `is_needed` is false in shadow mode, which sends nothing.
    """

    address: str
    failure: RelayUnavailable | None = None
    is_needed: bool = True


def try_relay(trial: RelayTrial, *, mode: Mode) -> RelaySeen:
    """Try the relay as a house in this mode may need it; nothing is sent."""
    is_needed = mode is not Mode.SHADOW
    try:
        trial.try_out()
    except RelayUnavailable as failure:
        return RelaySeen(address=trial.address, failure=failure, is_needed=is_needed)
    return RelaySeen(address=trial.address, is_needed=is_needed)


def relay_findings(seen: RelaySeen) -> Iterator[Finding]:
    """A warning at the key that is to be looked at: the settings may be right all the same, and the relay down."""
    if seen.failure is not None:
        key, advice = _ADVICE[seen.failure.fault]
        later = "" if seen.is_needed else f" ({NEEDED_LATER})"
        message = f"no mail can leave through the relay{later}: {seen.failure} {advice}"
        yield Finding(severity=Severity.WARNING, message=message, spot=Spot(path=("mail", key)))
