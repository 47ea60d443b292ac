"""The test list against what is synced: accounts and addresses on it that nobody has."""

from collections.abc import Iterator

from connector.domain.findings import Finding, Severity, Spot
from connector.domain.listed import Listed
from connector.ports.storage.counting import Reached

_ACCOUNTS, _RECIPIENTS = ("test", "accounts"), ("test", "recipients")


def list_findings(listed: Listed, reached: Reached) -> Iterator[Finding]:
    """A warning at each account and each address of the list that means no record, with how many persons are left."""
    left = _left(reached)
    for index, word in enumerate(listed.accounts):
        if not reached.words[word]:
            told = f"no synced account has the name or the id `{word}`: {left}. Write its whole name, in any case, or "
            yield _warning((*_ACCOUNTS, index), f"{told}its id in the CRM")
    for index, address in enumerate(listed.recipients):
        there, anywhere = reached.recipients[address]
        if not anywhere:
            told = f"no synced contact has the address `{address}`: {left}. Write an address as the CRM has it, or "
            yield _warning((*_RECIPIENTS, index), f"{told}`*` for any text, as in `*@kea.example`")
        elif not there and reached.accounts:
            have = f"{anywhere:,} person has it" if anywhere == 1 else f"{anywhere:,} persons have it"
            told = f"nobody at the accounts of the test list has the address `{address}`, but {have} elsewhere: {left}"
            yield _warning((*_RECIPIENTS, index), f"{told}. List their account too, or another address")


def _left(reached: Reached) -> str:
    if not reached.persons:
        return "test mode reaches nobody"
    persons = f"{reached.persons:,} person{'' if reached.persons == 1 else 's'}"
    return f"test mode reaches {persons} at {reached.accounts:,} account{'' if reached.accounts == 1 else 's'}"


def _warning(path: tuple[str | int, ...], message: str) -> Finding:
    return Finding(severity=Severity.WARNING, message=message, spot=Spot(path=path))
