"""Processes that must not outlive whoever started them, however that one ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def tied_to_us() -> Callable[[], None]:
    """What a new process runs before its program: Linux kills it once the thread that started it
    has ended, be it by kill -9. Elsewhere it does nothing. Only for a thread that stays: the main
    one."""
    parent = os.getpid()

    def tie() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it has ended meanwhile
            os._exit(1)

    return tie
