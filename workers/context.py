"""What a process that does errands has at hand."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from carrier.client import Media, Placing, Telephone
from carrier.urls import Addresses
from routing.call_service import Desk
from routing.drill import PHONE
from routing.events import Heard
from service.bootstrap import Switchboard, account_of, connect
from service.mailer import Mailer, mailer_of
from service.signed_urls import Links
from settings import Settings, read_settings
from store.log.recordings import Archive
from store.work.jobs import DueWork, Pace
from store.work.metrics import Beats
from store.work.redis_client import RqBell, impatient

# What a worker has at hand while it does an errand.


class TakenAwayError(Exception):
    """This errand took so long that somebody else does it by now."""


def _at_leisure() -> None:
    """Nobody takes away an errand that was leased to nobody."""


@dataclass(frozen=True)
class Bench:
    """The desk to report to, and the ways out: telephone and mailer (None when mail is off).

    Without a pace, calls are placed as they come; without links, notices carry none;
    without an archive, recordings stay at the carrier. ``hold_on`` is asked before an errand's
    second request, and raises TakenAwayError.
    """

    desk: Desk
    telephone: Telephone
    addresses: Addresses
    mailer: Mailer | None = None
    pace: Pace | None = None
    links: Links | None = None
    archive: Archive | None = None
    media: Media | None = None
    hold_on: Callable[[], None] = _at_leisure


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


# The telephone that every errand is done with: it rings no drill, whatever it is asked.


class CarefulTelephone(Telephone):
    """Asks the carrier for nothing that belongs to a drill; all else it does as any other."""

    def place(self, placing: Placing) -> str:
        """A drill's call is placed nowhere; whoever holds the drill answers it."""
        if placing.to == PHONE:
            return f"{PHONE}-{secrets.token_hex(8)}"
        return super().place(placing)

    def placed_since(self, to: str, from_: str, since: dt.datetime) -> str | None:
        """The carrier knows of no drill."""
        return None if to == PHONE else super().placed_since(to, from_, since)

    def silence(self, sid: str) -> Heard:
        """Nothing rings."""
        return Heard.CANCELED if _practised(sid) else super().silence(sid)

    def heard(self, sid: str) -> Heard:
        """A drill that has to be asked after is over: its holder is gone."""
        return Heard.COMPLETED if _practised(sid) else super().heard(sid)

    def redirect(self, sid: str, url: str) -> None:
        """Nobody listens."""
        if not _practised(sid):
            super().redirect(sid, url)


def _practised(sid: str) -> bool:
    return sid.startswith(f"{PHONE}-")
