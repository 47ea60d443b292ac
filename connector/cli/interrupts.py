"""Keeps Ctrl-C from being lost."""

import signal
import sys
import threading
from typing import Any

PAUSE_SECONDS = 0.05
"""Long enough for the main thread to leave the callback that swallowed the first one."""


def keep_interrupts() -> None:
    """Interrupt the main thread again where Python dropped a KeyboardInterrupt.

    Python only prints an exception that is raised while a weak reference's callback or a finaliser runs, and SQLAlchemy
    has many of these: about one Ctrl-C in thirty would do nothing.
    """
    sys.unraisablehook = _interrupt_again


def _interrupt_again(dropped: "sys.UnraisableHookArgs") -> Any:
    if not issubclass(dropped.exc_type, KeyboardInterrupt):
        return sys.__unraisablehook__(dropped)
    thread = threading.main_thread().ident
    if thread is not None:
        timer = threading.Timer(PAUSE_SECONDS, signal.pthread_kill, (thread, signal.SIGINT))
        timer.daemon = True
        timer.start()
    return None
