"""Exit codes, and how a failure is told on a terminal."""

from rich.text import Text

from connector.cli.screen import BAD, LOUD, QUIET, screen
from connector.ports.errors import (
    ConfigError,
    ConnectorError,
    CrmAuthError,
    CrmRateLimited,
    CrmUnavailable,
    CrmWrongOrg,
    StageFailed,
    StagePostponed,
    Verdict,
)

FAILURE, CONFIGURATION, CONNECTION, INTERRUPTED = 1, 2, 3, 130
_CONNECTION_ERRORS = (CrmAuthError, CrmWrongOrg, CrmUnavailable, CrmRateLimited, StagePostponed, StageFailed)


def exit_code(error: ConnectorError) -> int:
    """2 for the configuration, 3 for a connection, 1 for every other failure."""
    if isinstance(error, ConfigError):
        return CONFIGURATION
    return CONNECTION if isinstance(error, _CONNECTION_ERRORS) else FAILURE


def worst_first(error: ConnectorError) -> tuple[int, int]:
    """How failures are sorted: one that no connection explains before one that it does, a stop before a retry."""
    return exit_code(error), [Verdict.STOP, Verdict.SKIP, Verdict.RETRY].index(error.verdict)


def explained(error: ConnectorError) -> str:
    """The failure in words; a configuration's mistakes one a line."""
    if isinstance(error, ConfigError):
        count = len(error.mistakes)
        return f"{error}\n{count} mistake{'s' if count > 1 else ''}; nothing was run."
    return f"closedloop: {error}"


def tell(error: ConnectorError) -> None:
    """The failure on standard error; on a terminal its first word, or the place of each mistake, stands out."""
    console = screen(stderr=True)
    for number, each in enumerate(explained(error).splitlines()):
        console.print(_styled(each, is_mistake=isinstance(error, ConfigError), is_first=number == 0))


def _styled(text: str, *, is_mistake: bool, is_first: bool) -> Text:
    told = Text(text)
    if not is_mistake:
        told.highlight_regex("^closedloop:" if is_first else "$^", f"{LOUD} {BAD}")
        return told
    told.highlight_regex(r"^\S+?:\d+:\d+:", LOUD)
    told.highlight_regex(r"(?<=: )found .*?(?=; )", BAD)
    told.highlight_regex(r"^\d+ mistakes?; nothing was run\.$", QUIET)
    return told
