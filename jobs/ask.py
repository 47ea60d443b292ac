"""The ask job: invitations of what was decided, and their mails."""

from typing import Any

from connector.ports.errors import StagePostponed
from connector.ports.wiring import Ports
from connector.usecases.ask import Asking, AskReport, ask


def run(ports: Ports) -> dict[str, Any]:
    """Make and send what is due; returns the messages by the state they came to.

    Raises StagePostponed where mail waits because the relay cannot be used.
    """
    with ports.open_mailer() as mailer:
        report = ask(
            Asking(
                storage=ports.storage,
                mailer=mailer,
                writer=ports.writer,
                policy=ports.policy,
                keyring=ports.keyring,
                clock=ports.clock,
                crms=ports.crms,
            )
        )
    if report.is_relay_down:
        raise StagePostponed(f"mail waits: {report.halted}", counts=_counts(report))
    return _counts(report)


def _counts(report: AskReport) -> dict[str, Any]:
    notes = {"refusal": report.refusal, "halted": report.halted}
    return {
        "made": report.made,
        "doubted": report.doubted,
        "closed": report.closed,
        **{state.value: number for state, number in report.messages.items()},
        **{name: text for name, text in notes.items() if text},
    }
