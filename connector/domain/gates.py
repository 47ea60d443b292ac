"""Test mode's gate: who passes it now, and the reason of those who do not."""

from collections.abc import Collection
from dataclasses import dataclass

from connector.domain.listed import Listed
from connector.domain.selection import Candidate, Reason

RULE = "not in the test list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What leaves: all of the open programs, and of any other one only what goes to these accounts and recipients.

    A program that is not named is kept back, also one that is in no settings any more. `accounts` are account records.
    """

    open_programs: tuple[str, ...]
    accounts: tuple[int, ...]
    recipients: tuple[str, ...]


def unlisted(candidate: Candidate, *, listed: Listed, accounts: Collection[int]) -> Reason | None:
    """Why test mode does not reach somebody; `accounts` are the listed account records. None where it does.

    Of somebody who stands at another account than their case both must be listed.
    """
    if candidate.account_id not in accounts:
        return _not_listed(candidate.account_key, candidate=candidate, listed=listed)
    if candidate.elsewhere is not None and candidate.elsewhere[0] not in accounts:
        return _not_listed(candidate.elsewhere[1], candidate=candidate, listed=listed)
    if listed.has_recipient(candidate.address):
        return None
    domain = (candidate.address or "").rpartition("@")[2]
    return Reason(
        rule=RULE,
        value=f"an address at {domain}" if domain else "no address",
        threshold=f"an address of the test list ({', '.join(listed.recipients) or 'nothing'})",
        source=candidate.source,
    )


def _not_listed(account: str, *, candidate: Candidate, listed: Listed) -> Reason:
    return Reason(
        rule=RULE,
        value=f"account {account}" if account else "no account",
        threshold=f"an account of the test list ({', '.join(listed.accounts) or 'nothing'})",
        source=account or candidate.source,
    )
