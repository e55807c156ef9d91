"""What goes wrong in one night, and how often: each night has a mixture of its own."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from random import Random


@dataclass(frozen=True)
class Weather:
    """Probabilities, each for one occasion; ``failing_wait`` and the counts hold all night."""

    duplicate: float = 0.0  # a webhook comes twice
    delay: float = 0.0  # it is seconds late, and so overtaken
    lost: float = 0.0  # an attempt does not arrive
    unheard: float = 0.0  # it arrives, and the answer does not
    drop: float = 0.0  # a status is lost for good
    not_done: float = 0.0  # the carrier refuses the connection, or is busy
    unsure: float = 0.0  # the carrier acts, and its answer is lost
    nothing_done: float = 0.0  # the carrier does not act, and nobody can tell
    refused: float = 0.0  # the carrier will not place this call
    crash: float = 0.0  # a process dies between two steps
    conflict: float = 0.0  # a save loses a race that nobody ran
    meanwhile: float = 0.0  # others go on between two steps
    away: float = 0.0  # one statement to the database fails
    dark: float = 0.0  # the database is away for a while (each minute)
    redis: float = 0.0  # Redis is away for a while, and all that was in it (each minute)
    kill: float = 0.0  # a process is killed and comes back later (each minute)
    step: float = 0.0  # a process's clock jumps (each minute)
    hour: float = 0.0  # all clocks are set wrong by an hour, or right again (each minute)
    slow: float = 0.0  # seconds that a REST request may take
    failing_wait_drops: bool = True

    @property
    def over(self) -> Weather:
        """Nothing goes wrong any more."""
        return Weather(failing_wait_drops=self.failing_wait_drops)


WORST = Weather(
    duplicate=0.2,
    delay=0.15,
    lost=0.15,
    unheard=0.1,
    drop=0.1,
    not_done=0.2,
    unsure=0.2,
    nothing_done=0.1,
    refused=0.05,
    crash=0.03,
    conflict=0.1,
    meanwhile=0.3,
    away=0.02,
    dark=0.1,
    redis=0.2,
    kill=0.5,
    step=0.5,
    hour=0.3,
    slow=3.0,
)


def draw(chance: Random) -> Weather:
    """About a third of what can go wrong does, some of it hardly ever and some of it often."""
    found = Weather(failing_wait_drops=chance.random() < 0.5)
    for field in fields(Weather):
        most = getattr(WORST, field.name)
        if field.name != "failing_wait_drops" and chance.random() < 0.4:
            found = replace(found, **{field.name: most * chance.random() ** 2})
    return found
