"""What a process that does errands has at hand."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field
from functools import cache

from carrier.media import Media
from mailer import mailer_of
from settings import Settings, read_settings
from store.beats import Beats
from store.bell import RqBell
from store.due import DueWork
from store.pace import Pace
from store.wire import impatient
from switchboard import Switchboard, account_of, connect
from workers.bench import Bench
from workers.silent import CarefulTelephone


@dataclass(frozen=True)
class Context:
    """One for each process; made without touching database or Redis."""

    board: Switchboard
    bell: RqBell
    due: DueWork
    beats: Beats
    _benches: threading.local = field(default_factory=threading.local)

    def clock(self) -> dt.datetime:
        """The moment, as the desk sees it."""
        return self.board.desk.clock()

    @property
    def bench(self) -> Bench:
        """The bench of this thread, because a telephone is not shared between threads."""
        if not hasattr(self._benches, "own"):
            self._benches.own = make_bench(self.board)
        bench: Bench = self._benches.own
        return bench


def make_context(settings: Settings) -> Context:
    """Everything that these settings name."""
    bell = RqBell(impatient(settings.redis_url), settings.installation)
    board = connect(settings, bell)
    return Context(board, bell, DueWork(board.engine), Beats(board.engine))


def make_bench(board: Switchboard) -> Bench:
    """The ways out of one thread."""
    pace = Pace(board.engine, board.settings.twilio_account_sid)
    account = account_of(board.settings)
    return Bench(
        board.desk,
        CarefulTelephone(account),
        board.addresses,
        mailer_of(board.settings),
        pace,
        board.links,
        board.archive,
        Media(account),
    )


@cache
def own_context() -> Context:
    """The context of this process, from its environment; raises SettingsError."""
    return make_context(read_settings())
