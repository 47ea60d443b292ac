"""Where log lines go: standard error, in words for people or as one JSON object a line for programs."""

import logging
import os
import sys
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

_without_meta = ProcessorFormatter.remove_processors_meta
_SHARED: list[Processor] = [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True)]


def log_to_stderr(*, least: int, as_json: bool = False) -> None:
    """Logs go to standard error, so that standard output stays a command's own; nothing below `least` is shown.

    With `as_json` the lines of the libraries are JSON too. Of an exception only its kind is logged: its text and its
    frames may hold what people said.
    """
    is_plain = bool(os.environ.get("NO_COLOR")) or not sys.stderr.isatty()
    shown: Processor = structlog.dev.ConsoleRenderer(colors=not is_plain)
    rendered = structlog.processors.JSONRenderer() if as_json else shown
    structlog.configure(
        processors=[*_SHARED, rendered],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=_to_stderr,
    )
    _take_over(ProcessorFormatter(processors=[_without_frames, _without_meta, rendered], foreign_pre_chain=_SHARED))


def _take_over(formatter: logging.Formatter) -> None:
    """Let the lines of libraries go where ours go, in place of an earlier handler of ours."""
    root, handler = logging.getLogger(), _Stderr()
    handler.setFormatter(formatter)
    for earlier in [each for each in root.handlers if isinstance(each, _Stderr)]:
        root.removeHandler(earlier)
    root.addHandler(handler)


class _Stderr(logging.Handler):
    """Writes to what standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        print(self.format(record), file=sys.stderr, flush=True)


def _to_stderr(*_names: Any) -> structlog.PrintLogger:
    """Looked up for every line: a stream that was replaced meanwhile is closed."""
    return structlog.PrintLogger(sys.stderr)


def _without_frames(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The line of a library without its exception's text and frames, with its kind."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple) and error[0] is not None:
        event["error"] = error[0].__name__
    return event
