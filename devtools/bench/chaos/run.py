"""One run: people call while parts are killed, and then all comes to rest and is counted."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from sqlalchemy import Engine

from carrier.account import build_settings, list_sms_webhooks, list_voice_webhooks
from devtools.bench.chaos import callers, cast, log, witness
from devtools.bench.chaos.people import People
from devtools.bench.chaos.progress import note
from devtools.bench.chaos.verdict import Facts, Span, Verdict, judge
from devtools.phone_company.company import Company
from devtools.phone_company.numbers import point
from devtools.processes.truths import untruths
from service.bootstrap import now
from store.db.engine import open_engine

REST = 90.0
"""Seconds that everything may take to come to rest, once nothing is killed any more."""


@dataclass(frozen=True)
class Wanted:
    """How many calls within how many seconds, from which seed."""

    calls: int
    seconds: float
    seed: int


@dataclass(frozen=True)
class Came:
    """What came of a run; ``untrue`` is what the log says and cannot be."""

    verdict: Verdict
    took: float
    killed: Mapping[str, int]
    untrue: tuple[str, ...]


class Storm(Protocol):
    """What goes wrong while people call: counted by name, and from when until when."""

    killed: Counter[str]
    outages: list[Span]

    async def blow(self, over: asyncio.Event) -> None:
        """Until it is over; then everything is there again."""


def connect(company: Company, public_url: str, spare: str | None) -> None:
    """The carrier's number, set as `provision` sets it."""
    pointers = [*list_voice_webhooks(public_url, spare), *list_sms_webhooks(public_url)]
    point(company.number(cast.LINE), dict(build_settings(pointers)))


async def play(company: Company, database_url: str, given: Wanted, storm: Storm) -> Came:
    """Call while it storms; then wait for all to come to rest, and count."""
    engine = open_engine(database_url)
    began, over = time.monotonic(), asyncio.Event()
    people = People(company, Random(f"{given.seed}/people"))
    attending = asyncio.create_task(people.attend())
    raging = asyncio.create_task(storm.blow(over))
    try:
        left = await _everybody_calls(company, given)
        note("everybody has hung up")
        over.set()
        await raging
        people.reliable = True
        await _rest(engine)
    finally:
        for task in (attending, raging):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    verdict, untrue = (
        judge(replace(_facts(company, engine, people, storm), left=left)),
        tuple(untruths(engine)),
    )
    engine.dispose()
    return Came(verdict, time.monotonic() - began, storm.killed, untrue)


async def _everybody_calls(company: Company, given: Wanted) -> frozenset[str]:
    chance = Random(f"{given.seed}/callers")
    moments = sorted(chance.uniform(0, given.seconds) for _ in range(given.calls))
    tempers = [callers.Temper.drawn(chance) for _ in moments]

    async def one(n: int) -> str | None:
        await asyncio.sleep(moments[n])
        return await callers.call(company, n, tempers[n])

    left = await asyncio.gather(*(one(n) for n in range(given.calls)))
    return frozenset(sid for sid in left if sid is not None)


async def _rest(engine: Engine) -> None:
    """Until every incident has somebody and nothing is due, or patience ends."""
    deadline = time.monotonic() + REST
    while time.monotonic() < deadline:
        busy = log.open_incidents(engine) + log.overdue(engine, now())
        if not busy:
            return
        await asyncio.sleep(0.5)


def _facts(company: Company, engine: Engine, people: People, storm: Storm) -> Facts:
    return Facts(
        delivered=witness.delivered(company),
        kept=log.kept(engine),
        talks=witness.talks(company, people.machines),
        rings=witness.rings(company),
        steps=log.steps(engine),
        outages=storm.outages,
        undone=log.overdue(engine, now()),
    )
