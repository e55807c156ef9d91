"""One host is cut off in the middle of calls, killed, and comes back: again and again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from random import Random

from devtools.bench.chaos.hosts.network import Network
from devtools.bench.chaos.plant import Plant
from devtools.bench.chaos.progress import note
from devtools.bench.chaos.verdict import Span

CALM = (8.0, 20.0)
CUT = (2.0, 8.0)
GONE = (0.0, 8.0)
"""Seconds: between two outages, cut off with everything running, and gone altogether."""


class Outages:
    """Either host, drawn from the seed; never both at once."""

    def __init__(self, network: Network, plants: Mapping[str, Plant], chance: Random) -> None:
        """Nothing yet."""
        self._network, self._plants, self._chance = network, plants, chance
        self.killed: Counter[str] = Counter()
        self.outages: list[Span] = []

    async def blow(self, over: asyncio.Event) -> None:
        """Until it is over; then both are there."""
        while not over.is_set():
            draw = self._chance.uniform
            calm, cut, gone = draw(*CALM), draw(*CUT), draw(*GONE)
            host = self._chance.choice(sorted(self._plants))
            await asyncio.sleep(calm)
            if not over.is_set():
                await self._strike(host, cut, gone)

    async def _strike(self, host: str, cut: float, gone: float) -> None:
        plant = self._plants[host]
        note(f"host {host} is cut off, and killed after {cut:.1f} s")
        began = time.time()
        await self._network.cut(host)
        await asyncio.sleep(cut)
        await plant.end()
        self.killed[f"host {host}"] += 1
        await asyncio.sleep(gone)
        await self._network.mend(host)
        await asyncio.gather(*(plant.begin(name) for name in plant.parts))
        self.outages.append((began, time.time()))
        note(f"host {host} is back")
