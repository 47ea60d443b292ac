"""Log lines: in words or as JSON, ours and those of libraries, and none with what an exception quotes."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from connector.cli.logs import log_to_stderr

SECRET = "anna.geheim@berg.example"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Neither structlog nor the root logger remembers a test."""
    handlers, level = list(logging.getLogger().handlers), logging.getLogger().level
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    told = capsys.readouterr()
    assert told.out == "", "standard output is the command's own"
    return told.err.splitlines()


def test_as_json_every_line_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr(least=logging.INFO, as_json=True)
    structlog.get_logger().info("serving", port=8080)
    logging.getLogger("uvicorn.error").warning("queue is %s", "full")
    ours, theirs = map(json.loads, lines(capsys))
    assert (ours["event"], ours["level"], ours["port"]) == ("serving", "info", 8080)
    assert (theirs["event"], theirs["level"]) == ("queue is full", "warning")
    assert ours.keys() == {"event", "level", "port", "timestamp"}
    assert theirs.keys() == {"event", "level", "timestamp"}


@pytest.mark.parametrize("as_json", [False, True])
def test_of_an_exception_of_a_library_only_its_kind_is_told(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    log_to_stderr(least=logging.INFO, as_json=as_json)
    try:
        raise ZeroDivisionError(SECRET)
    except ZeroDivisionError:
        logging.getLogger("uvicorn.error").exception("it broke")
    (line,) = lines(capsys)
    assert "ZeroDivisionError" in line
    assert "it broke" in line
    assert "geheim" not in line


def test_nothing_below_the_least_level_is_shown_and_no_line_comes_twice(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        log_to_stderr(least=logging.WARNING)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    logging.getLogger("apscheduler").warning("late")
    told = lines(capsys)
    assert [word in line for word, line in zip(("loud", "late"), told, strict=True)] == [True, True]
    assert "\x1b" not in "".join(told)
