"""Answers as broken lines and proxies leave them: pages instead of JSON, nothing, half an answer, a reset line."""

from __future__ import annotations

from dataclasses import replace

from adapters.sandbox.faults import Counted
from adapters.sandbox.wire import Answer

_EMPTY_HEADERS = {"Content-Type": "application/json;charset=UTF-8"}


def instead(fault: Counted, *, page: Answer) -> Answer | None:
    """What comes instead of an answer, before any work is done; None for a fault of another kind."""
    if fault.status == "html":
        return page if fault.code is None else replace(page, status=fault.code)
    if fault.status == "empty":
        return Answer(200, headers=_EMPTY_HEADERS)
    if fault.status == "reset" and fault.when == "before":
        return Answer(0, cut=True, reset=True)
    return None


def comes_after(fault: Counted) -> bool:
    """Whether the fault spoils the answer to work that is done."""
    return fault.status in ("cut", "half") or (fault.status == "reset" and fault.when == "middle")


def spoiled(answer: Answer, fault: Counted) -> Answer:
    """The answer of which only a part arrives: `half` of it as if it were whole, or the line ends in its middle."""
    part = len(answer.body) // 2
    if fault.status == "half":
        return replace(answer, body=answer.body[:part])
    return replace(answer, sent=part, reset=fault.status == "reset")
