"""Calls a minute: callers come at a steady pace, whatever the answers take."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from devtools.bench import cast
from devtools.bench.callers import Customer
from devtools.bench.figures import percentile
from devtools.bench.load import ask
from devtools.bench.site import Site

RATES = (150, 300, 450, 600, 900, 1200, 1800, 2400)
"""Calls a minute."""

LASTS = 8.0
"""Seconds for which each pace is kept."""

PAUSE = 0.35
"""Seconds between two webhooks of a call."""

BOUND = 0.1
"""Seconds within which 99 of 100 webhooks must be answered."""

WAITS = 5
"""How often the waiting room is asked for; ten webhooks a call in all, counting the end."""

_STEPS = ("incoming", "PIN", "urgency", "confirmation", *["wait"] * WAITS, "status")


@dataclass(frozen=True, slots=True)
class Pace:
    """How it went at one pace."""

    calls_a_minute: int
    p50: float
    p99: float

    @property
    def held(self) -> bool:
        """True when nearly everybody was answered in time."""
        return self.p99 < BOUND


def paces(site: Site) -> Sequence[Pace]:
    """Faster and faster, until the line does not keep up; twice in a row, as noise is no answer."""
    found: list[Pace] = []
    for rate in RATES:
        for _ in range(2):
            seconds = keep(site, rate)
            site.clear()
            found.append(Pace(rate, percentile(seconds, 0.5), percentile(seconds, 0.99)))
            if found[-1].held:
                break
        else:
            return found
    return found


def keep(site: Site, rate: int) -> Sequence[float]:
    """So many calls a minute for a while; gives back how long each webhook took."""
    count = int(rate * LASTS / 60)
    places = random.sample(range(site.contracts), count)
    began = time.perf_counter() + 0.2
    with ThreadPoolExecutor(min(count, 200)) as crowd:
        calls = [
            crowd.submit(_call, site, place, began + number * 60 / rate)
            for number, place in enumerate(places)
        ]
        return [seconds for call in calls for seconds in call.result()]


def _call(site: Site, place: int, at: float) -> Sequence[float]:
    """One call; each answer counts from when it should have been asked for, and whoever hears
    something else than the next step, or nothing, has waited for ever."""
    customer, seconds = Customer(cast.phone(place)), []
    _until(at)
    try:
        with closing(site.carrier.connect()) as line:
            for step in _STEPS:
                request = customer.request(site.carrier, step)
                _until(at)
                answer = ask(line, request)
                seconds.append(time.perf_counter() - at)
                if step != "wait":
                    customer.follow(answer, waiting=step == "confirmation")
                at += PAUSE
    except (OSError, ValueError):
        seconds.append(math.inf)
    return seconds


def _until(at: float) -> None:
    time.sleep(max(0.0, at - time.perf_counter()))
