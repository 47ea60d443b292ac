"""Requests and answers as plain values, and JSON printed the way the real service prints it."""

from __future__ import annotations

import gzip
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request; header names are lower case, the query is decoded; pairs holds repeated names too."""

    method: str
    _: KW_ONLY
    path: str
    query: dict[str, str] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    uri_bytes: int = 0
    header_bytes: int = 0

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        return orjson.loads(self.body)

    def listed(self, name: str) -> list[str]:
        """All values of a query parameter, whether it was repeated or its values were parted by commas."""
        texts = [value for word, value in self.pairs or self.query.items() if word == name]
        return [one.strip() for text in texts for one in text.split(",") if one.strip()]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; cut means that the line is dropped and the caller never hears of it.

    Where `sent` is a number, so many bytes of the body go out before the line ends: under the length of the whole body,
    or, where it ends by `reset`, in chunks.
    """

    status: int
    _: KW_ONLY
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    sent: int | None = None
    reset: bool = False

    def json(self) -> Any:
        """The body as JSON, unpacked when it was compressed."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        return orjson.loads(gzip.decompress(self.body) if packed else self.body)


@dataclass(frozen=True, slots=True)
class Raw:
    """A number that must be printed exactly so."""

    text: str


def _plain(value: Any) -> Any:
    if isinstance(value, Raw):
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is no JSON")


def compact(value: Any) -> bytes:
    """JSON without spaces."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def pretty(value: Any) -> bytes:
    """JSON with two-space indent, ` : ` after names and list brackets beside their items."""
    return _pretty(value, "\n").encode()


def _pretty(value: Any, line: str) -> str:
    if isinstance(value, dict):
        inner = line + "  "
        items = [f'{inner}"{name}" : {_pretty(item, inner)}' for name, item in value.items()]
        return "{" + ",".join(items) + line + "}" if items else "{ }"
    if isinstance(value, list | tuple):
        return "[ " + ", ".join([_pretty(item, line) for item in value]) + " ]" if value else "[ ]"
    if isinstance(value, Raw):
        return value.text
    return orjson.dumps(value).decode()


def packed(answer: Answer, *, accepted: str) -> Answer:
    """The answer with its body compressed if the caller accepts that and it is worth it."""
    if "gzip" not in accepted or len(answer.body) < 500:
        return answer
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return replace(answer, body=gzip.compress(answer.body, 1), headers=headers)
