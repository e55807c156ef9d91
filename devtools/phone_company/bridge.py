"""Two legs that talk to each other."""

import asyncio
from datetime import datetime

from devtools.phone_company.calls import Call
from devtools.phone_company.clock import Clock
from devtools.phone_company.feed import Feed
from devtools.phone_company.transcript import note


class Bridge:
    """Begins when both legs have come and is over when either has left."""

    def __init__(self, clock: Clock, feed: Feed, legs: tuple[Call, Call]) -> None:
        """Keep a place for both legs."""
        self._clock, self._feed, self.legs = clock, feed, legs
        self._present: set[str] = set()
        self.over = asyncio.Event()
        self.began: datetime | None = None
        self.ended: datetime | None = None

    async def talk(self, call: Call) -> None:
        """Hold this leg here until the bridge is over; leaving it ends the bridge."""
        self._present.add(call.sid)
        if len(self._present) == 2 and not self.over.is_set():
            self._begin()
        try:
            await self.over.wait()
        finally:
            self.end()

    def end(self) -> None:
        """Part the legs."""
        if self.over.is_set():
            return
        self.over.set()
        if self.began is not None:
            self.ended = self._clock.now()
            for leg in self.legs:
                note(self._feed, leg, "unbridge", leg=leg.bridged_with)
                leg.bridged_with = None
                leg.keypad.forget()

    @property
    def seconds(self) -> int:
        """How long the two have talked."""
        if self.began is None:
            return 0
        return round(((self.ended or self._clock.now()) - self.began).total_seconds())

    def _begin(self) -> None:
        self.began = self._clock.now()
        for leg, other in (self.legs, self.legs[::-1]):
            leg.bridged_with = other.sid
            leg.keypad.forget()
            note(self._feed, leg, "bridge", leg=other.sid, number=other.customer)
