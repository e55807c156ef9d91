"""What the line asks of the company: to place a call, silence it, look after it, send a text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from carrier.client import (
    TIMEOUT,
    NotDoneError,
    OutgoingCall,
    RecordingNotFoundError,
    RecordingStream,
    RefusedError,
    UnsureError,
)
from devtools.simulation.callers import FALLBACK
from devtools.simulation.company import Company
from devtools.simulation.legs import leg_story
from devtools.simulation.phone import GoneError, Side, ToldError
from devtools.simulation.world import Process
from routing.events import Heard
from routing.voice_document import Next

T = TypeVar("T")
BUFFER = 5.0
"""The real company rings up to so many seconds longer than it was asked to."""


def asked_at(url: str) -> Next:
    """The question of an address that an answered call is sent to."""
    room, about, *rest = url.partition("#")[0].partition("/voice/")[2].split("/")
    what, turn = rest if rest else ("listens", "0")
    return Next(f"{room}.{what}", about, int(turn))


class Exchange:
    """Stands for ``carrier.telephone.Telephone`` and ``carrier.media.Media``."""

    def __init__(self, company: Company) -> None:
        """Of this company."""
        self.company = company
        self.world = company.world
        self.created: dict[str, dt.datetime] = {}
        self.dropped: set[str] = set()
        self.queues_dropped: set[str] = set()

    def place(self, placing: OutgoingCall) -> str:
        """A call is placed, whatever becomes of the answer."""
        if self.world.likely(self.company.machines.weather.refused):
            raise RefusedError("21211")
        return self._request("place", lambda: self._placed(placing))

    def placed_since(self, to: str, from_: str, since: dt.datetime) -> str | None:
        """The newest live call to this number placed since then."""
        return self._request("look", lambda: self._found(to, since))

    def cancel_call(self, sid: str) -> Heard:
        """Cancel a call that still rings; gives back where it really is."""
        return self._request("cancel call", lambda: self._cancel(sid))

    def read_status(self, sid: str) -> Heard:
        """Where this call is."""
        return self._request("read status", lambda: self._read(sid))

    def redirect(self, sid: str, url: str) -> None:
        """Have an answered call ask for another document at once."""
        self._request("redirect", lambda: self._told(sid, url))

    def text(self, to: str, from_: str, body: str, status_url: str) -> str:
        """A text goes out, or not."""
        return self._request("text", lambda: self._text(to, status_url))

    def drop_queue(self, name: str) -> None:
        """Delete a queue; it may be gone already."""
        self._request("drop queue", lambda: self.queues_dropped.add(name))

    @contextmanager
    def fetch(self, url: str, sid: str) -> Iterator[RecordingStream]:
        """The sound of a recording, which may not be ready yet."""
        self._request("fetch", lambda: None)
        if self.world.chance.random() < 0.2:
            raise RecordingNotFoundError
        yield RecordingStream("audio/x-wav", iter([url.encode()]))

    def drop_recording(self, sid: str) -> None:
        """Delete a recording."""
        self._request("drop recording", lambda: self.dropped.add(sid))

    def _request(self, what: str, act: Callable[[], T]) -> T:
        machines, world = self.company.machines, self.world
        weather = machines.weather
        machines.seam(f"before it asks: {what}")
        began = world.seconds
        world.meanwhile(world.chance.random() * max(0.1, weather.slow))
        if world.likely(weather.not_done):
            raise NotDoneError("429")
        if world.likely(weather.nothing_done) or world.seconds - began > TIMEOUT:
            raise UnsureError("500")
        answer = act()
        if weather.slow:
            world.meanwhile(world.chance.random() * 0.3)
        if world.likely(weather.unsure):
            world.tell(f"{what}: done, but its answer is lost")
            raise UnsureError("no answer")
        machines.seam(f"after it asked: {what}")
        return answer

    def _placed(self, placing: OutgoingCall) -> str:
        if "/voice/customer/" in placing.url:
            return self._customer_placed(placing)
        leg = placing.url.partition("#")[0].rpartition("/")[2]
        sid = self.company.sid("CL")
        side = Side(sid, placing.to, Heard.RINGING, Next("fallback.leg", leg), leg)
        self.company.placed(side)
        self.company.sides[sid] = side
        self.created[sid] = self.world.now
        self.world.tell(f"{sid} rings {placing.to}, leg {leg[:6]}")
        limit = placing.seconds + self.world.chance.random() * BUFFER
        side.process = Process(self.world, leg_story(self.company, side, limit))
        return sid

    def _customer_placed(self, placing: OutgoingCall) -> str:
        asked_for = placing.url.partition("#")[0].partition("/voice/customer/")[2]
        key, _, number = asked_for.partition("/")
        sid = self.company.sid("CL")
        side = Side(sid, placing.to, Heard.RINGING, FALLBACK, asked_for=asked_for)
        self.company.sides[sid] = side
        self.created[sid] = self.world.now
        self.world.tell(f"{sid} rings the customer {placing.to}, {asked_for[:6]} {number}")
        limit = placing.seconds + self.world.chance.random() * BUFFER
        self.company.rings_customer(side, key, int(number), limit)
        return sid

    def _found(self, to: str, since: dt.datetime) -> str | None:
        legs = (s for s in reversed(self.company.sides.values()) if s.placed and s.number == to)
        return next((s.sid for s in legs if s.live and self.created[s.sid] >= since), None)

    def _cancel(self, sid: str) -> Heard:
        side = self.company.sides[sid]
        if side.heard is Heard.RINGING:
            side.heard = Heard.CANCELED
            if side.process is not None:
                side.process.interrupt(GoneError())
        return side.heard

    def _read(self, sid: str) -> Heard:
        if (side := self.company.sides.get(sid)) is None:
            raise RefusedError("20404")
        return side.heard

    def _told(self, sid: str, url: str) -> None:
        side = self.company.sides[sid]
        if side.heard is not Heard.ANSWERED or side.process is None:
            raise RefusedError("21220")
        side.process.interrupt(ToldError(asked_at(url)))

    def _text(self, to: str, status_url: str) -> str:
        page, sid = status_url.rpartition("/sms/")[2].partition("/")[0], self.company.sid("SM")
        self.world.tell(f"a text to {to}")
        self.company.text_sent(page, sid, to)
        return sid
