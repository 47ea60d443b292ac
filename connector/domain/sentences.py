"""Reasons as sentences: command, console and mail say the same words for the same decision."""

from connector.domain.selection import Reason


def told(reason: Reason) -> str:
    """A reason as one sentence: the rule, the value it saw, what it wanted, where it read that, and the day."""
    day = f", on {reason.on}" if reason.on else ""
    return f"{reason.rule}: found {reason.value}, wanted {reason.threshold} ({reason.source}{day})."
