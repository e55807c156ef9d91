"""Two workers and two clocks, with the real errands, the real sweep and a carrier that fails."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import cast

from sqlalchemy.exc import SQLAlchemyError

from devtools.simulation.machines import Machine, Machines
from devtools.simulation.office import UnreliableBell, UnreliableDue
from devtools.simulation.world import Process, Story
from routing.jobs import Lane, Lease
from workers.clock import sweep
from workers.context import JobContext, WorkerContext
from workers.job_pool import CLOCK_THREADS, JobPool
from workers.jobs import run_job
from workers.maintenance import LOOK_EVERY

TICK = 0.05
LONGEST_LOOK = 1.0
QUICKLY = 0.05
BEAT = dt.timedelta(seconds=3)


@dataclass(frozen=True)
class Tools:
    """What ``workers.context.Context`` has at hand, with nothing real behind it."""

    machines: Machines
    queue: UnreliableDue
    notifier: UnreliableBell
    job_context: JobContext

    @property
    def heartbeats(self) -> Tools:
        """Signs of life."""
        return self

    def last(self, kind: str) -> dt.datetime:
        """When a process of this kind last gave a sign of life."""
        if self.machines.up(kind):
            self.machines.beat = self.machines.world.shown
        return self.machines.beat - BEAT

    def clock(self) -> dt.datetime:
        """The moment, as the process that is at work sees it."""
        return self.machines.world.clock()


class Fists:
    """The threads of a clock process."""

    def __init__(self, crew: Crew, machine: Machine) -> None:
        """None of them busy."""
        self._crew, self._machine = crew, machine
        self._busy: Counter[Lane] = Counter()

    def free(self, lane: Lane) -> int:
        """How many more errands of this lane can be begun now."""
        return max(CLOCK_THREADS[lane] - self._busy[lane], 0)

    def look(self) -> None:
        """None of them is ever held."""

    def do(self, lane: Lane, lease: Lease) -> None:
        """Begin this errand."""
        if self.free(lane):
            self._busy[lane] += 1
            self._crew.tools.machines.world.later(0.002, lambda: self._do(lane, lease))

    def _do(self, lane: Lane, lease: Lease) -> None:
        try:
            if self._machine.up:
                self._crew.act(self._machine, lease)
        finally:
            self._busy[lane] -= 1


class Crew:
    """Everybody who does errands."""

    def __init__(self, tools: Tools) -> None:
        """They begin at once."""
        self.tools = tools
        self.context = cast("WorkerContext", tools)
        tools.notifier.rung = self._soon  # type: ignore[method-assign]
        for machine in tools.machines.all:
            if machine.kind == "clock":
                Process(tools.machines.world, self._look(machine))
                Process(tools.machines.world, self._upkeep(machine))

    def act(self, machine: Machine, lease: Lease) -> None:
        """Do one errand, by this machine's clock."""
        self.tools.machines.at_work(machine, lambda: run_job(lease, self.context))

    def _soon(self) -> None:
        world = self.tools.machines.world
        world.later(QUICKLY * world.chance.random(), self._work)

    def _work(self) -> None:
        machines, jobs = self.tools.machines, self.tools.notifier.jobs
        up = machines.up("worker")
        if not jobs or machines.redis_away:
            return
        if up:
            self.act(machines.world.chance.choice(up), jobs.popleft())
        else:
            machines.world.later(1, self._work)

    def _look(self, machine: Machine) -> Story:
        machines, fists = self.tools.machines, Fists(self, machine)

        def look() -> None:
            try:
                sweep(self.context, cast("JobPool", fists))
            except SQLAlchemyError:
                return

        while True:
            if machine.up:
                machines.at_work(machine, look)
            yield max(TICK, min(LONGEST_LOOK, self._next_due(machine)))

    def _upkeep(self, machine: Machine) -> Story:
        machines, due = self.tools.machines, self.tools.queue

        def mind_the_clock() -> None:
            try:
                due.set_right(self.tools.clock())
            except SQLAlchemyError:
                return

        while True:
            yield LOOK_EVERY
            if machine.up:
                machines.at_work(machine, mind_the_clock)

    def _next_due(self, machine: Machine) -> float:
        first = self.tools.queue.rows.pending.first_wakes_at()
        now = self.tools.machines.world.shown + machine.skew
        return (first - now).total_seconds() if first is not None else LONGEST_LOOK
