"""Every failure sorted by what happens next; a docstring is the default message.

ConnectorError
  ConfigError           stop   the admin can fix it: file, line, column, found, expected
  CrmError                     carries crm, kind and the record's id
    CrmAuthError        stop   the connection rests until somebody signs in again
    CrmWrongOrg         stop   the credentials open another org than the one that is pinned
    CrmMissingField     stop   a required field is missing or hidden
    CrmHiddenKind       skip   this kind of record only: the CRM does not show it, and nothing that is declared needs it
    CrmUnavailable      retry  network, 5xx, time-out
    CrmRateLimited      retry  carries retry_after in seconds
    CrmRejected         skip   this record only
      CrmOwnerRefused   skip   ... because of its owner: another one may do
    UnsupportedKind     stop   a mistake of ours: the capabilities said no
  StorageError          stop   the database refused or cannot be reached
  UnknownPlan           stop   no stored plan has this number
  StagePostponed        retry  a stage did what it could; the rest waits for a connection
  StageFailed           stop   a stage did what it could; the rest needs somebody to mend a connection
  DeliveryError                carries whether the mail may have left
    DeliveryRefused     skip   the relay refused this recipient or message for good
    DeliveryPostponed   retry  the relay said later, or was not reached; the mail has not left
      RelayUnavailable  retry  ... and no other mail would leave either: not reached, busy, or it refuses us
    DeliveryUncertain   skip   the line was lost after the final dot: never send again
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class Verdict(StrEnum):
    """Failure verdict: what to do with a failure."""

    RETRY = "retry"
    SKIP = "skip"
    STOP = "stop"


class ConnectorError(Exception):
    """Something went wrong."""

    verdict: ClassVar[Verdict] = Verdict.STOP

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake in the configuration; line and column count from 1."""

    file: str
    line: int
    column: int
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.found}; {self.expected}"


class ConfigError(ConnectorError):
    """The configuration has mistakes."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda m: (m.file, m.line, m.column))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class CrmError(ConnectorError):
    """The CRM answered with an error."""

    def __init__(
        self,
        message: str | None = None,
        *,
        crm: str = "",
        kind: str | None = None,
        crm_id: str | None = None,
    ) -> None:
        self.crm, self.kind, self.crm_id = crm, kind, crm_id
        super().__init__(message)


class CrmAuthError(CrmError):
    """The CRM refused the credentials: check them and sign in again."""


class CrmWrongOrg(CrmError):
    """The credentials open another org than the one that is pinned: nothing was read, sent or written."""


class CrmMissingField(CrmError):
    """A required field is missing or hidden from this user."""


class CrmHiddenKind(CrmError):
    """The CRM does not show this kind of record: switched off, or a right is missing."""

    verdict = Verdict.SKIP


class CrmUnavailable(CrmError):
    """The CRM could not be reached or answered that it is not available."""

    verdict = Verdict.RETRY


class CrmRateLimited(CrmError):
    """The CRM's request limit is used up."""

    verdict = Verdict.RETRY

    def __init__(self, message: str | None = None, *, retry_after: float | None = None, crm: str = "") -> None:
        self.retry_after = retry_after
        super().__init__(message, crm=crm)


class CrmRejected(CrmError):
    """The CRM refused this record."""

    verdict = Verdict.SKIP


class CrmOwnerRefused(CrmRejected):
    """The CRM refused the owner of this record: unknown there, or no longer active."""


class UnsupportedKind(CrmError):
    """This adapter cannot do that with records of this kind."""


class StorageError(ConnectorError):
    """The database refused or cannot be reached."""


class UnknownPlan(ConnectorError):
    """There is no stored plan of this number."""


class StagePostponed(ConnectorError):
    """A connection could not be used: what is left waits for a later run. `counts` is what this run did."""

    verdict = Verdict.RETRY

    def __init__(self, message: str | None = None, *, counts: Mapping[str, Any]) -> None:
        self.counts = counts
        super().__init__(message)


class StageFailed(ConnectorError):
    """A connection must be mended first: what is left waits for that. `counts` is what this run did."""

    def __init__(self, message: str | None = None, *, counts: Mapping[str, Any]) -> None:
        self.counts = counts
        super().__init__(message)


class DeliveryError(ConnectorError):
    """The mail could not be handed over."""


class DeliveryRefused(DeliveryError):
    """The relay refused this message for good."""

    verdict = Verdict.SKIP


class DeliveryPostponed(DeliveryError):
    """The relay was not reached or said later; the mail has not left."""

    verdict = Verdict.RETRY


class RelayFault(StrEnum):
    """At what a relay that cannot be used fails."""

    NAME = "name"
    LINE = "line"
    SILENCE = "silence"
    CERTIFICATE = "certificate"
    TLS = "tls"
    GREETING = "greeting"
    LOGIN = "login"
    BARRED = "barred"
    SENDER = "sender"
    BUSY = "busy"


class RelayUnavailable(DeliveryPostponed):
    """The relay cannot be used now; no mail has left."""

    def __init__(self, message: str | None = None, *, fault: RelayFault = RelayFault.GREETING) -> None:
        self.fault = fault
        super().__init__(message)


class DeliveryUncertain(DeliveryError):
    """The line was lost after the mail was handed over: it may have left and is never sent again."""

    verdict = Verdict.SKIP
