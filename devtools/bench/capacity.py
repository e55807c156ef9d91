"""Calls a minute: callers come at a steady pace, whatever the answers take."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

from devtools.bench import cast
from devtools.bench.callers import WAITING_CALL, Customer
from devtools.bench.figures import Figure, percentile
from devtools.bench.load import Carrier, Speaker, talk
from devtools.bench.processes import Process
from devtools.bench.site import Site

RATES = (150, 300, 600, 900, 1200, 1500, 1800, 2100, 2400)
"""Calls a minute."""

TRIES = 3
"""A pace holds if every try does."""

PAUSE = 0.1
"""Seconds between two webhooks of a call: the pace is reached within a second."""

BOUND = 0.1
"""Seconds within which 99 of 100 webhooks must be answered."""

GRACE = 5.0
"""Seconds for the last answers; who has none by then has waited for ever."""


@dataclass(frozen=True, slots=True)
class Try:
    """How it went once at one pace."""

    p50: float
    p99: float
    callers: float  # the share of a core that callers and phone company took
    spent: Mapping[str, float]  # by process: seconds of a core for one call

    @property
    def held(self) -> bool:
        """True when nearly everybody was answered in time."""
        return self.p99 < BOUND


def find_pace(
    site: Site, goal: int, rates: Sequence[int], seconds: float, processes: Sequence[Process]
) -> list[Figure]:
    """The highest pace that holds, how it went at each that was tried, and what a call costs these
    processes: from the goal upwards while paces hold, else downwards until one does. Calls before
    the first try warm up."""

    def try_often(rate: int) -> Sequence[Try]:
        """All tries at the goal; at other paces the first that fails is the last."""
        tries: list[Try] = []
        while len(tries) < TRIES and (rate == goal or _holds(tries)):
            tries.append(_try(site, rate, seconds, processes))
        return tries

    keep(site, goal, seconds / 2)
    site.clear()
    tried = {goal: try_often(goal)}
    upwards = _holds(tried[goal])
    for rate in sorted(rates, reverse=not upwards):
        if rate == goal or (rate > goal) is not upwards:
            continue
        tried[rate] = try_often(rate)
        if _holds(tried[rate]) is not upwards:
            break
    reached = [_reach(tried, number) for number in range(TRIES)]
    figure = Figure(f"calls a minute, {site.name}", reached, "", goal, at_least=True, every=True)
    paces = [_describe(rate, tried[rate]) for rate in sorted(tried)]
    held = tried.get(round(figure.middle), tried[goal])
    costs = [
        Figure(f"{name}, a call", [each.spent[name] * 1000 for each in held], "ms of a core")
        for name in held[0].spent
    ]
    return [figure, *paces, *costs]


def _try(site: Site, rate: int, seconds: float, processes: Sequence[Process]) -> Try:
    began, used = time.perf_counter(), time.process_time()
    before = [process.cpu() for process in processes]
    taken = keep(site, rate, seconds)
    share = (time.process_time() - used) / (time.perf_counter() - began)
    site.rest()  # what follows from a call is part of its cost
    calls = len(taken) / len(WAITING_CALL)
    spent = {
        process.name: (process.cpu() - already) / calls
        for process, already in zip(processes, before, strict=True)
    }
    site.clear()
    return Try(percentile(taken, 0.5), percentile(taken, 0.99), share, spent)


def _holds(tries: Sequence[Try]) -> bool:
    return all(each.held for each in tries)


def _reach(tried: Mapping[int, Sequence[Try]], number: int) -> int:
    """The highest pace up to which this try held at each pace."""
    reached = 0
    for rate in sorted(tried):
        if number >= len(tried[rate]) or not tried[rate][number].held:
            break
        reached = rate
    return reached


def _describe(rate: int, tries: Sequence[Try]) -> Figure:
    p50 = median(each.p50 for each in tries)
    callers = median(each.callers for each in tries)
    note = f"callers {callers:.0%} of a core"
    if math.isfinite(p50):
        note = f"p50 {p50 * 1000:.0f} ms, {note}"
    return Figure(f"at {rate:,}, p99", [each.p99 * 1000 for each in tries], "ms", note=note)


def keep(site: Site, rate: int, seconds: float, others: Sequence[Speaker] = ()) -> list[float]:
    """So many calls a minute for a while; seconds until each webhook was answered, counted from
    when it was due. A caller who hears something else than the next step has waited for ever."""
    count = max(1, round(rate * seconds / 60))
    taken: list[float] = []
    places = random.sample(range(site.contracts), count)
    began = time.perf_counter() + 0.1
    calls = [
        _speak(site.carrier, Customer(cast.phone(place)), began + number * 60 / rate, taken)
        for number, place in enumerate(places)
    ]
    talk(site.carrier.port, [*calls, *others], began + seconds + GRACE)
    return taken + [math.inf] * (count * len(WAITING_CALL) - len(taken))


def _speak(carrier: Carrier, customer: Customer, at: float, taken: list[float]) -> Speaker:
    """One call; its next request is signed as soon as the answer before it is there."""
    call = customer.wait_in_vain()
    with suppress(OSError, ValueError, StopIteration):
        webhook = next(call)
        while True:
            answer = yield at, carrier.sign(webhook)
            if answer.status >= 300:
                return
            taken.append(answer.seconds)
            webhook = call.send(answer)
            at += PAUSE
