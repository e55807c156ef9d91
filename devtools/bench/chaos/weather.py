"""What is killed when, and for how long it stays away: all of it drawn from the seed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from devtools.bench.chaos.plant import Plant
from devtools.bench.chaos.progress import note
from devtools.bench.chaos.verdict import Span
from devtools.phone_company.company import Company

CALM = (2.0, 8.0)
AWAY = (0.0, 1.0)
"""Seconds: between two strikes, and until what was killed is begun anew."""

AT_ONCE = 0.2
"""How often a second part goes with the first."""

SELDOM = {"web": 0.4}
"""Whose turn comes less often: web is the slowest to come up, and away it leaves little to see."""


@dataclass(frozen=True)
class Strike:
    """Parts that are killed together."""

    after: float
    victims: tuple[str, ...]
    away: float
    failing_wait: str  # what the company does with a waiting document that it cannot have


def drawn(chance: Random, names: Sequence[str]) -> Strike:
    """The next strike."""
    count = 2 if chance.random() < AT_ONCE else 1
    order = sorted(names, key=lambda name: -(chance.random() ** (1 / SELDOM.get(name, 1))))
    return Strike(
        after=chance.uniform(*CALM),
        victims=tuple(order[:count]),
        away=chance.uniform(*AWAY),
        failing_wait=chance.choice(("drop", "silence")),
    )


class Weather:
    """Strikes for as long as it lasts; each is over before the next begins."""

    def __init__(self, company: Company, plant: Plant, chance: Random) -> None:
        """Everything that the plant has may be struck."""
        self._company, self._plant, self._chance = company, plant, chance
        self.killed: Counter[str] = Counter()
        self.outages: list[Span] = []

    async def blow(self, over: asyncio.Event) -> None:
        """Until it is over; then everything is there."""
        while not over.is_set():
            strike = drawn(self._chance, sorted(self._plant.parts))
            await asyncio.sleep(strike.after)
            self._company.switches.set({"failing_wait": strike.failing_wait})
            await self._hit(strike)

    async def _hit(self, strike: Strike) -> None:
        began = time.time()
        for name in strike.victims:
            await self._plant.kill(name)
            self.killed[name] += 1
        note(f"killed {' and '.join(strike.victims)}, away for {strike.away:.1f} s")
        await asyncio.sleep(strike.away)
        await asyncio.gather(*(self._begin(name) for name in strike.victims))
        self.outages.append((began, time.time()))

    async def _begin(self, name: str) -> None:
        await self._plant.begin(name)
        note(f"{name} is back")
