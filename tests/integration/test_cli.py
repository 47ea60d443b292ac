"""What commands share: exit codes, failures in words, and a Ctrl-C that is never lost."""

import socket
import subprocess
import sys
from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from connector.cli.failures import exit_code, explained
from connector.cli.main import app
from connector.cli.serve import listening
from connector.ports.errors import (
    ConfigError,
    ConnectorError,
    CrmAuthError,
    CrmMissingField,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    CrmWrongOrg,
    DeliveryPostponed,
    Mistake,
    StageFailed,
    StagePostponed,
    StorageError,
    UnknownPlan,
    UnsupportedKind,
)
from jobs.stages import STAGES

SWALLOWED = """
import sys, time, weakref
from connector.cli.interrupts import keep_interrupts

class Thing:
    pass

def callback(reference):
    raise KeyboardInterrupt

keep_interrupts()
thing = Thing()
reference = weakref.ref(thing, callback)
try:
    del thing
    print("swallowed", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(130)
"""
"""A KeyboardInterrupt inside a weak reference's callback, which Python only prints."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError([]), 2),
        (CrmAuthError(), 3),
        (CrmWrongOrg(), 3),
        (CrmUnavailable(), 3),
        (CrmRateLimited(), 3),
        (StagePostponed(counts={}), 3),
        (StageFailed(counts={}), 3),
        (CrmMissingField(), 1),
        (CrmRejected(), 1),
        (UnsupportedKind(), 1),
        (StorageError(), 1),
        (UnknownPlan(), 1),
        (DeliveryPostponed(), 1),
        (ConnectorError("Something went wrong."), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_exit_code_tells_configuration_connection_and_other_failures_apart(error, code):
    assert exit_code(error) == code


def test_mistakes_are_told_one_a_line_in_the_order_of_the_files_and_counted():
    late = Mistake(file="programs/won.yaml", line=3, column=7, found="found `x`", expected="expected y")
    early = Mistake(file="closedloop.yaml", line=20, column=1, found="found no key `mail`", expected="expected it")
    assert explained(ConfigError([late, early])) == (
        "closedloop.yaml:20:1: found no key `mail`; expected it\n"
        "programs/won.yaml:3:7: found `x`; expected y\n"
        "2 mistakes; nothing was run."
    )
    assert explained(ConfigError([early])).endswith("\n1 mistake; nothing was run.")
    assert explained(CrmUnavailable("sf: the org is not available")) == "closedloop: sf: the org is not available"


def test_an_interrupt_that_python_dropped_comes_again():
    done = subprocess.run([sys.executable, "-c", SWALLOWED], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "swallowed\n", "")


def test_other_dropped_exceptions_are_still_printed():
    script = SWALLOWED.replace("raise KeyboardInterrupt", "raise ZeroDivisionError").replace("time.sleep(60)", "")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "swallowed\n")
    assert done.stderr.splitlines()[-1].startswith("ZeroDivisionError")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_that_is_taken_is_a_failure_in_words(host):
    with listening(host, 0) as door:
        port = door.getsockname()[1]
        assert (door.proto, door.family) == (socket.IPPROTO_TCP, socket.AF_INET)
        door.listen()
        with pytest.raises(ConnectorError) as refused:
            listening(host, port)
    assert str(refused.value).startswith(f"{host}:{port} cannot be listened on: Address already in use.")


def test_the_stages_stand_in_the_order_of_the_loop():
    assert list(STAGES) == ["sync", "derive", "plan", "ask", "act", "tasks", "write_back"]


def test_the_command_says_its_version():
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.output) == (0, f"closedloop {version('closedloop')}\n")
