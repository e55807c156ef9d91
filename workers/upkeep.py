"""What worker and clock do now and then: keep the lifeline fresh, ping the watcher, tidy up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from threading import Event, Thread

import requests
import structlog

import lifeline
from outpost import Outpost
from store.bygone import let_go
from store.figures import Figures
from store.people import SqlPeople
from store.tidy import tidy
from tally import TALLY
from workers import handovers
from workers.context import Context

LOOK_EVERY = 5.0
ON_TIME = dt.timedelta(seconds=10)
_TIMEOUT = 2.0

_log = structlog.get_logger("upkeep")


def keep_up(context: Context, end: Event) -> None:
    """Do the chores until the end, in a thread: a slow watcher must hold up nothing."""
    upkeep = Upkeep(context)

    def look() -> None:
        while not end.wait(LOOK_EVERY):
            try:
                upkeep.look()
            except Exception as error:  # whatever one chore meets, the others go on
                _log.warning("put off", error=type(error).__name__)

    Thread(target=look, name="upkeep", daemon=True).start()


class Upkeep:
    """The chores of one process, each with the time until it is due again."""

    def __init__(self, context: Context) -> None:
        """All of them are due at once."""
        self._context = context
        self._chores: list[tuple[dt.timedelta, Callable[[dt.datetime], None]]] = [
            (dt.timedelta(seconds=30), self._refresh_lifeline),
            (dt.timedelta(seconds=30), self._refresh_outpost),
            (dt.timedelta(seconds=30), self._plan_handovers),
            (dt.timedelta(seconds=10), self._add_up),
            (dt.timedelta(minutes=1), self._ping),
            (dt.timedelta(minutes=1), self._let_go),
            (dt.timedelta(hours=1), self._tidy),
        ]
        self._last = [dt.datetime.min.replace(tzinfo=dt.UTC)] * len(self._chores)

    def look(self) -> None:
        """Do what is due; raises SQLAlchemyError when the database is away."""
        now = self._context.clock()
        for place, (every, chore) in enumerate(self._chores):
            if now - self._last[place] >= every:
                self._last[place] = now
                chore(now)

    def _refresh_lifeline(self, now: dt.datetime) -> None:
        """Whom to dial when neither database nor Redis can be asked."""
        board = self._context.board
        lines = SqlPeople(board.engine).all_lines()
        try:
            lifeline.refresh(board.settings.fallback_file, lines, now)
        except OSError as error:
            _log.warning("lifeline not written", why=error.strerror)

    def _refresh_outpost(self, now: dt.datetime) -> None:
        """The same on another host; what it did not take is tried again half a minute later."""
        board = self._context.board
        if board.settings.fallback_put_url is None:
            return
        lines = SqlPeople(board.engine).all_lines()
        for why in Outpost(board.engine, board.settings).refresh(lines, now):
            _log.warning("static fallback not put", why=why)

    def _plan_handovers(self, now: dt.datetime) -> None:
        """Whoever comes on soon will be told, by whichever process is there then."""
        handovers.plan(self._context.board.desk, SqlPeople(self._context.board.engine))

    def _add_up(self, now: dt.datetime) -> None:
        """What this process asked of the carrier, for the figures."""
        TALLY.hand_over(Figures(self._context.board.engine).add)

    def _ping(self, now: dt.datetime) -> None:
        """Tell the watcher outside that due work is on time; its silence is the alarm."""
        url = self._context.board.settings.heartbeat_url
        late = self._context.due.oldest_due(now) or dt.timedelta()
        if url is None or late > ON_TIME:
            return
        try:
            requests.get(url, timeout=_TIMEOUT)
        except requests.RequestException as error:
            _log.warning("watcher away", error=type(error).__name__)

    def _let_go(self, now: dt.datetime) -> None:
        """A little of what is older than the line's file wants it kept."""
        board = self._context.board
        for line in SqlPeople(board.engine).all_lines():
            self._context.bell.ring(let_go(board.engine, board.archive, line, now))

    def _tidy(self, now: dt.datetime) -> None:
        tidy(self._context.board.engine, now)
        self._context.board.archive.tidy(now)
