"""The ask job: invitations of what was decided, and their mails."""

from typing import Any

from connector.ports.errors import StageFailed, StagePostponed, Verdict
from connector.ports.wiring import Ports
from connector.usecases.ask import Asking, AskReport, ask


def run(ports: Ports) -> dict[str, Any]:
    """Make and send what is due; returns the messages by the state they came to.

    Raises StagePostponed where mail waits because the relay or a CRM cannot be used now, StageFailed where it waits
    for somebody to mend a connection.
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
    _demand_open(report)
    return _counts(report)


def _demand_open(report: AskReport) -> None:
    if not report.held_back:
        return
    told = "; ".join(f"mail to contacts of {crm} waits: {error}" for crm, error in report.held_back.items())
    must_be_mended = any(error.verdict is not Verdict.RETRY for error in report.held_back.values())
    raise (StageFailed if must_be_mended else StagePostponed)(told, counts=_counts(report))


def _counts(report: AskReport) -> dict[str, Any]:
    notes = {"refusal": report.refusal, "halted": report.halted}
    return {
        "made": report.made,
        "doubted": report.doubted,
        "closed": report.closed,
        **{state.value: number for state, number in report.messages.items()},
        **{name: text for name, text in notes.items() if text},
        **({"held_back": sorted(report.held_back)} if report.held_back else {}),
    }
