"""Two workers and two clocks, with the real errands and dispatcher, and a carrier that fails."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy.exc import SQLAlchemyError

from devtools.simulation.machines import Machine, Machines
from devtools.simulation.office import UnreliableBell, UnreliableDue
from devtools.simulation.world import Process, Story
from routing.jobs import Lane
from store.work.jobs import ClaimedJob
from workers.clock import choose_rule
from workers.context import JobContext, WorkerContext
from workers.job_pool import CLOCK_THREADS, WORKER_THREADS, Dispatcher
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
    """The threads of a process."""

    def __init__(self, crew: Crew, machine: Machine, counts: Mapping[Lane, int]) -> None:
        """None of them busy."""
        self._crew, self._machine, self._counts = crew, machine, counts
        self._busy: Counter[Lane] = Counter()
        self.on_free: Callable[[Lane], None] = lambda lane: None

    def free(self, lane: Lane) -> int:
        """How many more errands of this lane can be begun now."""
        return max(self._counts.get(lane, 0) - self._busy[lane], 0)

    def do(self, job: ClaimedJob) -> None:
        """Begin this errand."""
        self._busy[job.lane] += 1
        self._crew.tools.machines.world.later(0.002, lambda: self._do(job))

    def _do(self, job: ClaimedJob) -> None:
        try:
            if self._machine.up:
                self._crew.act(self._machine, job)
        finally:
            self._busy[job.lane] -= 1


class Crew:
    """Everybody who does errands."""

    def __init__(self, tools: Tools) -> None:
        """They begin at once."""
        self.tools = tools
        self.context = cast("WorkerContext", tools)
        tools.notifier.rung = self._soon  # type: ignore[method-assign]
        self._workers: dict[Machine, Dispatcher] = {}
        for machine in tools.machines.all:
            if machine.kind == "worker":
                fists = Fists(self, machine, WORKER_THREADS)
                self._workers[machine] = Dispatcher(self.context, fists)
                Process(tools.machines.world, self._work(machine))
            if machine.kind == "clock":
                Process(tools.machines.world, self._watch(machine))
                Process(tools.machines.world, self._upkeep(machine))

    def act(self, machine: Machine, job: ClaimedJob) -> None:
        """Do one errand, by this machine's clock."""
        self.tools.machines.at_work(machine, lambda: run_job(job, self.context))

    def _soon(self) -> None:
        world = self.tools.machines.world
        world.later(QUICKLY * world.chance.random(), self._hear)

    def _hear(self) -> None:
        """A worker hears the bell."""
        machines, bell = self.tools.machines, self.tools.notifier
        up = machines.up("worker")
        if not bell.rings or machines.redis_away or not up:
            return
        bell.rings -= 1
        machine = machines.world.chance.choice(up)
        self._look(machine, self._workers[machine].look)

    def _look(self, machine: Machine, look: Callable[[], object]) -> None:
        def look_if_there_is_a_database() -> None:
            try:
                look()
            except SQLAlchemyError:
                return

        self.tools.machines.at_work(machine, look_if_there_is_a_database)

    def _work(self, machine: Machine) -> Story:
        """A worker looks by itself, too."""
        while True:
            if machine.up:
                self._look(machine, self._workers[machine].look)
            yield max(TICK, min(LONGEST_LOOK, self._next_due(machine)))

    def _watch(self, machine: Machine) -> Story:
        dispatcher = Dispatcher(self.context, Fists(self, machine, CLOCK_THREADS))

        def look() -> None:
            dispatcher.look(choose_rule(self.context).patience)

        while True:
            if machine.up:
                self._look(machine, look)
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
