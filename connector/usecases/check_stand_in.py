"""Whether whoever stands in for owners is somebody whom the CRMs can give a task."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from connector.domain.addresses import normalise_address
from connector.domain.findings import Finding, Severity, Spot
from connector.domain.owners import Owner, can_take
from connector.domain.programs import Policy
from connector.usecases.check_connections import Connected

_SPOT = Spot(path=("actions", "stand_in"))


def stand_in_findings(policy: Policy, connections: Sequence[Connected]) -> Iterator[Finding]:
    """An error where nobody can take a task under this address, a warning where somebody can in another CRM only.

    Only CRMs that take tasks and showed their people count; where one did not, nothing is more than a warning.
    """
    stand_in = policy.actions.stand_in
    taking = [each for each in connections if each.crm.capabilities.tasks]
    seen = [each for each in taking if each.owners is not None]
    if stand_in is None or not seen:
        return
    without = [each for each in seen if not any(can_take(owner) for owner in _named(stand_in, each.owners))]
    if not without:
        return
    severity = Severity.ERROR if len(without) == len(taking) else Severity.WARNING
    effect = "tasks that no owner can take would stay with nobody there"
    unseen = "".join(f"; the people of {each.crm.name} could not be looked at" for each in taking if each not in seen)
    message = f"{'; '.join(_told(stand_in, without))}{unseen}: {effect}. {_advice(stand_in, without)}"
    yield Finding(severity=severity, message=message, spot=_SPOT)


def _named(address: str, owners: Sequence[Owner] | None) -> list[Owner]:
    wanted = normalise_address(address)
    return [owner for owner in owners or () if normalise_address(owner.address) == wanted]


def _told(stand_in: str, without: Sequence[Connected]) -> Iterator[str]:
    gone = [each.crm.name for each in without if _named(stand_in, each.owners)]
    missing = [each.crm.name for each in without if each.crm.name not in gone]
    if missing:
        yield f"nobody in {' or '.join(missing)} has the address {stand_in}"
    if gone:
        yield f"whoever has the address {stand_in} in {' and in '.join(gone)} is not active any more"


def _advice(stand_in: str, without: Sequence[Connected]) -> str:
    addresses = {owner.address for each in without for owner in each.owners or () if can_take(owner) and owner.address}
    near = get_close_matches(stand_in, sorted(addresses), n=1, cutoff=0.8)
    return f"Did you mean {near[0]}?" if near else "Write the address of an active user there"
