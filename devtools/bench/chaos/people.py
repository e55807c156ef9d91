"""Whoever is rung: engineers, the last resort, and customers who are called back."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from random import Random

from devtools.bench.chaos.cast import ENGINEERS, LAST_RESORT
from devtools.bench.chaos.telephone import REACTION, Telephone
from devtools.phone_company.calls import Call
from devtools.phone_company.company import Company

TAKES = re.compile(r"Toets (\d) om aan te nemen")
PASSES_ON = re.compile(r"Toets (\d) voor doorgeven")
CALLS_BACK = re.compile(r"[Tt]oets (\d) voor terugbellen: de lijn")
ANSWERED = re.compile(r"Toets (\d) als de klant antwoord heeft")
TAKES_FIRST = (ANSWERED, TAKES, CALLS_BACK)
PASSES_ON_FIRST = (PASSES_ON, *TAKES_FIRST)
A_MAILBOX_LISTENS = 4.0
LONG_ENOUGH = 45.0
"""Seconds after which whoever was rung hangs up, so that nobody is held up for ever."""


def key_of(said: str, order: Sequence[re.Pattern[str]]) -> str | None:
    """The key beside the first of these meanings that was heard."""
    return next((found[1] for meaning in order if (found := meaning.search(said))), None)


class People:
    """Everybody whose telephone rings; ``reliable`` people answer, take and never turn away."""

    def __init__(self, company: Company, chance: Random) -> None:
        """Nobody is rung yet."""
        self.company, self.chance = company, chance
        self.reliable = False
        self.machines: set[str] = set()
        self._talking: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def attend(self) -> None:
        """Look after every telephone that is rung, for as long as this lasts."""
        seen = 0
        while True:
            events = self.company.feed.events
            for event in events[seen:]:
                if event["what"] == "call" and event["details"]["direction"] != "inbound":
                    self._begin(self.company.exchange.calls[event["call"]])
            seen = len(events)
            await asyncio.sleep(REACTION)

    def _begin(self, call: Call) -> None:
        ours = call.to in ENGINEERS or call.to in LAST_RESORT
        telephone = Telephone(self.company, call)
        story = self._engineer(telephone) if ours else self._customer(telephone)
        task = asyncio.get_running_loop().create_task(story)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _customer(self, telephone: Telephone) -> None:
        """Somebody who is called back: answers, talks for a moment, hangs up."""
        if await telephone.rings() and self._free(telephone.call):
            telephone.pick_up()
            while not telephone.call.over and telephone.call.bridged_with is None:
                await asyncio.sleep(REACTION)
            await asyncio.sleep(self.chance.uniform(0.5, 2))
            telephone.hang_up()

    async def _engineer(self, telephone: Telephone) -> None:
        """A human, a mailbox, or nobody."""
        nature = 0.0 if self.reliable or telephone.call.to in LAST_RESORT else self.chance.random()
        if not await telephone.rings():
            return
        await asyncio.sleep(self.chance.uniform(0.2, 1.5))
        if not self._free(telephone.call):
            telephone.turn_away()
            return
        if nature > 0.85:
            return
        if nature > 0.75:
            self.machines.add(telephone.call.sid)
            telephone.pick_up()
            await asyncio.sleep(A_MAILBOX_LISTENS)
            telephone.hang_up()
            return
        self._talking.add(telephone.call.to)
        try:
            await self._human(telephone, passes_on=nature > 0.7)
        finally:
            self._talking.discard(telephone.call.to)

    async def _human(self, telephone: Telephone, passes_on: bool) -> None:
        """Hears who calls, takes it or passes it on, talks, and says what became of it."""
        telephone.pick_up()
        began, order = time.monotonic(), PASSES_ON_FIRST if passes_on else TAKES_FIRST
        while not telephone.call.over and time.monotonic() - began < LONG_ENOUGH:
            await asyncio.sleep(REACTION)
            await telephone.answer(lambda said: key_of(said, order), self.chance.uniform(0, 0.5))
        telephone.hang_up()

    def _free(self, call: Call) -> bool:
        """True unless they talk already: a telephone rings in vain then."""
        if call.to in self._talking:
            return False
        others = (c for c in self.company.exchange.calls.values() if c.direction == "inbound")
        return not any(c.customer == call.to and not c.over for c in others)
