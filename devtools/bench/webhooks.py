"""Each webhook beside the bare view, in turns, so that whatever disturbs the one disturbs both."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from devtools.bench.callers import STEPS, Callers, Customers, Strangers
from devtools.bench.figures import ratio
from devtools.bench.load import Carrier
from devtools.bench.server import Process, running
from devtools.bench.site import Site

CALLS = 80
"""Calls in one round."""

BARE, BARE_PIN = "bare", "bare and a PIN"


@dataclass
class Runs:
    """How one server did at one step, round by round."""

    rates: list[float] = field(default_factory=list)  # answers a second
    costs: list[float] = field(default_factory=list)  # milliseconds of a core for one


Taken = dict[str, dict[str, Runs]]
"""By step and server."""


@dataclass(frozen=True)
class Contest:
    """By step and server, measured in turns."""

    runs: Mapping[str, Mapping[str, Runs]]

    def share(self, step: str, server: str, of: str = BARE) -> float:
        """The throughput of one server as a share of another's."""
        return ratio(self.runs[step][server].rates, self.runs[step][of].rates)

    def cost(self, step: str, server: str, of: str = BARE) -> float:
        """How many times the processor time of another it takes."""
        return ratio(self.runs[step][server].costs, self.runs[step][of].costs)


@dataclass(frozen=True)
class Server:
    """One that takes part."""

    process: Process
    carrier: Carrier


def contest(bare: Site, sites: Sequence[Site], rounds: int, seconds: float) -> Contest:
    """Play rounds of calls on every site, each step beside the bare view; after so many seconds
    no other round is begun, but one has been played."""
    runs = _nothing()
    with ExitStack() as stack:
        servers = {
            site.name: Server(
                stack.enter_context(running("bare" if site is bare else "web", site.environment)),
                site.carrier,
            )
            for site in (bare, *sites)
        }
        _round(bare, sites, servers)  # warms up, and does not count
        over = time.monotonic() + seconds
        for _ in range(rounds):
            if runs and time.monotonic() > over:
                break
            try:
                _add(runs, _round(bare, sites, servers))
            except (OSError, ValueError) as error:
                sys.stderr.write(f"a round is left out: {error}\n")
    return Contest(runs)


def _round(bare: Site, sites: Sequence[Site], servers: Mapping[str, Server]) -> Taken:
    runs = _nothing()
    callers: dict[str, Callers] = {site.name: Customers(site, CALLS) for site in sites}
    for step in STEPS:
        _measure(Strangers(bare.carrier, CALLS, "/bare"), step, servers[BARE], runs[step][BARE])
        if step == "PIN":
            slow = Strangers(bare.carrier, CALLS, "/bare/pin")
            _measure(slow, step, servers[BARE], runs[step][BARE_PIN])
        for name, each in callers.items():
            _measure(each, step, servers[name], runs[step][name])
    for site in sites:
        site.clear()
    return runs


def _nothing() -> Taken:
    return defaultdict(lambda: defaultdict(Runs))


def _add(runs: Taken, more: Taken) -> None:
    for step, servers in more.items():
        for name, each in servers.items():
            runs[step][name].rates += each.rates
            runs[step][name].costs += each.costs


def _measure(callers: Callers, step: str, server: Server, runs: Runs) -> None:
    requests = callers.requests(step)
    before = server.process.cpu()
    volley = server.carrier.fire(requests)
    spent = server.process.cpu() - before
    callers.heard(volley.answers)
    runs.rates.append(volley.rate)
    runs.costs.append(spent / len(requests) * 1000)
