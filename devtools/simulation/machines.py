"""The processes of the line: each has a clock of its own, may be killed, and comes back."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import OperationalError

from devtools.simulation.weather import Weather
from devtools.simulation.world import World

BACK_AFTER = (0.5, 25.0)
DARK_FOR = (1.0, 12.0)
NOTHING, HOUR = dt.timedelta(0), dt.timedelta(hours=1)
WIDEST = 2.0
"""Seconds by which two clocks may differ: the line counts on no more than five."""


class KilledError(BaseException):
    """This process has died between two steps; nothing in it may catch that."""


@dataclass(eq=False)
class Machine:
    """One process: ``web``, ``worker`` or ``clock``, and a number."""

    kind: str
    name: str
    up: bool = True
    skew: dt.timedelta = dt.timedelta(0)


class Machines:
    """Two of each; where they fail, and what they stand on."""

    def __init__(self, world: World, weather: Weather) -> None:
        """All of them up."""
        self.world, self.weather = world, weather
        kinds = ("web", "worker", "clock")
        self.all = [Machine(kind, f"{kind} {n}") for kind in kinds for n in (1, 2)]
        self.dark_until = 0.0
        self.redis_until = 0.0
        self.beat: dt.datetime = world.now
        self.wiped: Callable[[], None] = lambda: None
        self.troubled_at = 0.0
        self.set_at = -math.inf
        world.later(60, self._minute)

    def up(self, kind: str) -> list[Machine]:
        """Those of a kind that are up."""
        return [machine for machine in self.all if machine.kind == kind and machine.up]

    def at_work(self, machine: Machine, what: Callable[[], Any]) -> tuple[bool, Any]:
        """Let a process do something by its own clock; False when it dies in it."""
        self.world.skew = machine.skew
        try:
            return True, what()
        except KilledError:
            self.kill(machine)
            return False, None
        finally:
            self.world.skew = dt.timedelta(0)

    def kill(self, machine: Machine) -> None:
        """Gone for a while."""
        self.world.tell(f"{machine.name} dies")
        machine.up, back = False, self.world.chance.uniform(*BACK_AFTER)
        self.trouble(back)
        self.world.later(back, lambda: self._back(machine))

    def trouble(self, seconds: float) -> None:
        """Something will be amiss for so long."""
        self.troubled_at = max(self.troubled_at, self.world.seconds + seconds)

    def seam(self, what: str) -> None:
        """Between two steps: here a process may die, or others go on."""
        world, weather = self.world, self.weather
        if world.likely(weather.crash):
            world.tell(f"a process dies {what}")
            raise KilledError
        if world.likely(weather.meanwhile):
            world.meanwhile(world.chance.random() * 0.5)

    def statement(self) -> None:
        """The database is asked for something."""
        if self.world.seconds < self.dark_until or self.world.likely(self.weather.away):
            raise OperationalError("", {}, Exception("away"))

    @property
    def redis_away(self) -> bool:
        """True while Redis does not answer."""
        return self.world.seconds < self.redis_until

    def set_clocks(self, wrong_by: dt.timedelta) -> None:
        """Somebody sets the clock that all processes read."""
        if wrong_by == self.world.wrong_by:
            return
        self.world.wrong_by, self.set_at = wrong_by, self.world.seconds
        self.world.tell(f"the clocks are wrong by {wrong_by}")

    def _back(self, machine: Machine) -> None:
        machine.up = True
        self.world.tell(f"{machine.name} is back")

    def _minute(self) -> None:
        world, weather = self.world, self.weather
        world.later(60 * world.chance.random() + 30, self._minute)
        if world.likely(weather.kill):
            self.kill(world.chance.choice(self.all))
        if world.likely(weather.step):
            machine = world.chance.choice(self.all)
            machine.skew = dt.timedelta(seconds=world.chance.uniform(-WIDEST, WIDEST))
            world.tell(f"the clock of {machine.name} jumps to {machine.skew.total_seconds():.2f} s")
        if world.likely(weather.hour):
            self.set_clocks(NOTHING if world.wrong_by else world.chance.choice((-HOUR, HOUR)))
        if world.likely(weather.dark):
            away = world.chance.uniform(*DARK_FOR)
            self.dark_until = world.seconds + away
            self.trouble(away)
            world.tell(f"the database is away for {away:.1f} s")
        if world.likely(weather.redis):
            away = world.chance.uniform(*DARK_FOR)
            self.redis_until = world.seconds + away
            self.wiped()
            world.tell(f"Redis is away for {away:.1f} s, with all that was in it")
