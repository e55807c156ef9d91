"""A longer file is looked through beside the requests, and whoever chose it sees how far it is."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from threading import Lock, Thread, get_native_id

import structlog

from ivr_app.console.intake.paper import Paper, look_through
from routing.line import Line
from store.preview import Preview, Progress
from store.previews import Previews
from switchboard import Switchboard

READING = Lock()
"""One file at a time in each process: hashing its PINs takes a while, and telephones come first."""

AT_ONCE = 25
"""Rows that are looked through while the browser waits: less than a second."""

GENTLY = 10
"""How much more willing than those that answer calls the thread is to wait for its turn."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Looking:
    """One file, and where it is kept what it would change."""

    board: Switchboard
    line: Line
    paper: Paper
    previews: Previews

    def begin(self) -> str | None:
        """The key of what is found; None while another file is being looked through."""
        if not READING.acquire(blocking=False):
            return None
        try:
            key = self.previews.keep(self.line.id, self._so_far(0), self.board.desk.clock())
            if self.paper.rows > AT_ONCE:
                Thread(target=self._beside, args=[key], daemon=True).start()
                return key
            self._look(key)
        except BaseException:
            READING.release()
            raise
        READING.release()
        return key

    def _beside(self, key: str) -> None:
        """Gently, and whatever goes wrong: nobody waits for a file of which nothing comes."""
        try:
            if sys.platform == "linux":
                os.setpriority(os.PRIO_PROCESS, get_native_id(), GENTLY)
            self._look(key)
        except Exception as error:
            log.error("file not looked through", error=type(error).__name__)
            self.previews.drop(key, self.line.id)
        finally:
            READING.release()

    def _look(self, key: str) -> None:
        def tell(looked: int) -> None:
            self.previews.write(key, self.line.id, self._so_far(looked))

        now = self.board.desk.clock()
        found = look_through(self.board, self.line, self.paper, now, tell)
        self.previews.write(key, self.line.id, found)

    def _so_far(self, looked: int) -> Preview:
        return Preview(progress=Progress(looked, self.paper.rows, self.board.desk.clock()))
