"""How the web server runs: a process for each core, a few threads in each.

Threads, because a PIN comparison and the database leave the interpreter to others; more processes
than cores only take time from each other.
"""

import os
import sys
from typing import Any

from gunicorn.workers import gthread

import logbook
from hosts import keep_telling
from lifeline import keep_fresh
from permissions import keep_from_others
from settings import SettingsError, read_settings
from store.beats import Beats
from store.figures import Figures
from tally import keep_adding

SILENCE = 0.01
"""Seconds for which a thread listens to a connection that says nothing."""

TURN = 0.0005
"""Seconds that a thread holds the interpreter while others want it: who answers a call comes back
from the database some twenty times, and may find a page being drawn each time."""

keep_from_others()
try:
    _settings = read_settings()
except SettingsError as error:
    sys.exit(str(error))

bind = f"0.0.0.0:{_settings.port}"
worker_class = "gthread"
workers = len(os.sched_getaffinity(0))
threads = 4
preload_app = True  # imported once, before the port is open: nobody waits at a door half built
timeout = 30
graceful_timeout = 10
keepalive = 65  # longer than the carrier keeps a connection, so that it is the one to close it
no_control_socket = True
errorlog = "-"
loglevel = "warning"


class Newcomer(gthread.TConn):  # type: ignore[misc]
    """A connection; while it says nothing it waits without a thread, of which there are few."""

    def wait_for_data(self, timeout: float) -> bool:
        """True when it has begun to speak by then; it is let in whenever it does."""
        return bool(super().wait_for_data(min(timeout, SILENCE)))


gthread.TConn = Newcomer


def when_ready(server: Any) -> None:
    """Console and API are built before there are workers, who share them, and nobody waits."""
    for name in ("console", "api"):
        _ = server.app.callable.extensions[name].app


def post_worker_init(worker: Any) -> None:
    """Each web process keeps the lifeline fresh, as it may be the last, and adds up its counts."""
    sys.setswitchinterval(TURN)
    logbook.begin()
    logbook.begin_for_others()
    board = worker.app.callable.extensions["switchboard"]
    keep_fresh(board.settings.fallback_file, board.people.all_lines)
    keep_telling(Beats(board.engine))
    keep_adding(Figures(board.engine).add)
