"""How far closedloop goes, in words: the programs in another mode, and whom test mode reaches."""

from collections.abc import Iterator, Mapping
from typing import Any

from connector.domain.programs import Mode, Policy


def modes_told(state: Mapping[str, Any]) -> Iterator[str]:
    """The lines of `status` under the mode; none where all programs share it and it is not test."""
    for mode in Mode:
        programs = sorted(name for name, own in state["programs"].items() if own == mode != state["mode"])
        if programs:
            yield f"mode {mode}: {', '.join(programs)}"
    if state["test"] is not None:
        listed, records = state["test"], state["test"]["account_records"]
        found = f"{records} account record{'' if records == 1 else 's'} now"
        yield f"test mode reaches {', '.join(listed['recipients'])} at {', '.join(listed['accounts'])}: {found}"


def mode_of(policy: Policy) -> str:
    """The mode as `plan` heads its table with it."""
    if policy.mode is Mode.TEST:
        return f"mode test, which reaches {policy.listed} only"
    return f"mode {policy.mode}"
