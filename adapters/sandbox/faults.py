"""Faults that can be switched on: what the servers ask before, while and after they answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import Any


class UnknownFault(ValueError):
    """No fault has this name, or a value it needs is missing."""


@dataclass(slots=True)
class Counted:
    """A fault that happens a number of times to the requests or mails it fits."""

    left: int
    _: KW_ONLY
    status: Any = None
    fits: str = ""
    crm: str = ""
    retry_after: int | None = None
    code: int | None = None
    when: str = "before"
    message: str = ""

    def hits(self, text: str, *, crm: str = "") -> bool:
        """Whether it happens now; counts down."""
        if self.left <= 0 or self.fits not in text or (self.crm and self.crm != crm):
            return False
        self.left -= 1
        return True


@dataclass(frozen=True, slots=True)
class LateCommit:
    """A change that is stamped already but cannot be seen before it is committed."""

    object: str
    _: KW_ONLY
    id: str
    opened: datetime
    values: dict[str, Any] = field(default_factory=dict)
    crm: str = "salesforce"


@dataclass(slots=True)
class Faults:
    """The faults that are on; none of them survives a restart."""

    size: int = 0
    hidden: set[tuple[str, str]] = field(default_factory=set)
    late: list[LateCommit] = field(default_factory=list)
    failures: list[Counted] = field(default_factory=list)
    lost: list[Counted] = field(default_factory=list)
    rejected: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    smtp: list[Counted] = field(default_factory=list)
    schema_changed: datetime | None = None
    search_lag: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def page_size(self, asked: int) -> int:
        """How many rows a page really gets."""
        return min(asked, self.size) if self.size else asked

    def hides(self, object_name: str, field_name: str) -> bool:
        """Whether field-level security hides the field."""
        return (object_name.lower(), field_name.lower()) in self.hidden

    def hides_object(self, object_name: str) -> bool:
        """Whether a whole object does not exist for the caller: switched off, or a right is missing."""
        return self.hides(object_name, "*")

    def failing(self, path: str, *, crm: str) -> Counted | None:
        """The fault by which this request fails, or None."""
        with self.lock:
            return next((one for one in self.failures if one.hits(path, crm=crm)), None)

    def loses_answer(self, path: str, *, crm: str = "salesforce") -> bool:
        """Whether the answer to this request is lost after the work is done."""
        with self.lock:
            return any(one.hits(path, crm=crm) for one in self.lost)

    def smtp_fault(self, moment: str, recipient: str) -> bool:
        """Whether the inbox misbehaves at this moment: refuse, temporary, drop_data, drop_before, drop_after."""
        with self.lock:
            return any(one.status == moment and one.hits(recipient.lower()) for one in self.smtp)

    def oldest_open(self) -> datetime | None:
        """The start of the oldest transaction that is not committed yet."""
        return min((one.opened for one in self.late), default=None)

    def clear(self, *, now: datetime) -> None:
        """Switch everything off; a late commit that is still open stays open, as a transaction would."""
        with self.lock:
            self.size = self.search_lag = 0
            if self.hidden:
                self.schema_changed = now
            self.hidden.clear()
            self.failures.clear()
            self.lost.clear()
            self.rejected.clear()
            self.smtp.clear()

    def switch(self, name: str, values: Mapping[str, Any], *, now: datetime) -> bool:
        """Switch on a fault that only changes how answers come; False when the name is none of these."""
        with self.lock:
            if name == "small_pages":
                self.size = int(need(values, "size"))
            elif name == "hide_field":
                self.hidden.add((str(need(values, "object")).lower(), str(need(values, "field")).lower()))
                self.schema_changed = now
            elif name == "hide_object":
                self.hidden.add((str(need(values, "object")).lower(), "*"))
                self.schema_changed = now
            elif name == "search_lag":
                self.search_lag = int(need(values, "seconds"))
            elif name == "fail_next":
                self.failures.append(_counted(values, status=need(values, "status"), fits="path_contains"))
            elif name == "answer_lost":
                self.lost.append(_counted(values, status=None, fits="path_contains"))
            elif name in ("smtp_refuse", "smtp_temporary"):
                self.smtp.append(_counted(values, status=name.removeprefix("smtp_"), fits="recipient"))
            elif name == "smtp_drop":
                self.smtp.append(_counted(values, status=f"drop_{_moment(values)}", fits="recipient"))
            elif name == "reject_record":
                key = (str(need(values, "object")).lower(), str(need(values, "id")))
                code = str(values.get("statusCode", "FIELD_CUSTOM_VALIDATION_EXCEPTION"))
                self.rejected[key] = (code, str(values.get("message", "This record is closed for changes.")))
            else:
                return False
        return True


def _moment(values: Mapping[str, Any]) -> str:
    moment = str(need(values, "when"))
    if moment not in ("data", "before", "after"):
        raise UnknownFault(f"smtp_drop happens at data, before or after, not at {moment!r}")
    return moment


def _counted(values: Mapping[str, Any], *, status: Any, fits: str) -> Counted:
    wait, code, when = values.get("retry_after"), values.get("code"), str(values.get("when", "before"))
    if status == "reset" and when not in ("before", "middle"):
        raise UnknownFault(f"a line is reset before an answer or in its middle, not at {when!r}")
    return Counted(
        int(values.get("count", 1)),
        status=status,
        fits=str(values.get(fits, "")).lower(),
        crm=str(values.get("crm", "")),
        retry_after=None if wait is None else int(wait),
        code=None if code is None else int(code),
        when=when,
        message=str(values.get("message", "")),
    )


def need(values: Mapping[str, Any], name: str) -> Any:
    """A value the fault cannot do without; raises UnknownFault."""
    if name not in values:
        raise UnknownFault(f"this fault needs {name!r}")
    return values[name]
