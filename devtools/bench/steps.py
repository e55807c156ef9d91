"""Step due to step done: jobs written ahead, and the moments at which the table says so."""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from devtools.bench.figures import Figure, percentile
from devtools.bench.site import Site
from routing.jobs import Job, OfferEngineer
from store.db.engine import reading, writing
from store.tables.work import jobs
from store.work.jobs import write_jobs

BEGINS_IN = 0.5
PACES: Mapping[str, float] = {"one a second": 1.0, "10 a second": 0.1, "20 ms apart": 0.02}
"""Seconds between two steps."""

GOALS: Mapping[str, tuple[float | None, float | None]] = {
    "one a second": (60, 500),
    "10 a second": (None, None),
    "20 ms apart": (60, 500),
}
"""Milliseconds: the median, and 99 of 100."""


def measure(site: Site, rounds: int, seconds: float) -> list[Figure]:
    """Rounds of steps that come due one after the other, each pace for so many seconds a round.

    Each step offers somebody who has become free to those who wait for them: nobody, here.
    """
    taken: dict[str, list[Sequence[float]]] = {pace: [] for pace in PACES}
    for _ in range(rounds):
        for pace, apart in PACES.items():
            taken[pace].append(_delays(site, max(1, round(seconds / apart)), apart))
    found = []
    for pace, lists in taken.items():
        for share, goal in zip((0.5, 0.99), GOALS[pace], strict=True):
            values = [percentile(delays, share) * 1000 for delays in lists]
            steps = f"{sum(map(len, lists))} steps"
            found.append(Figure(f"{pace}, p{share * 100:.0f}", values, "ms", goal, note=steps))
    return found


def _delays(site: Site, count: int, apart: float) -> Sequence[float]:
    """Seconds from due to done; a step that is not done within ten seconds took for ever."""
    now = dt.datetime.now(dt.UTC)
    due = [now + dt.timedelta(seconds=BEGINS_IN + place * apart) for place in range(count)]
    wanted = [Job(at, OfferEngineer("main", "sanne0"), secrets.token_hex(16)) for at in due]
    with writing(site.engine) as connection:
        write_jobs(connection, wanted, now)
    done = select(jobs.c.due_at, jobs.c.done_at).where(
        jobs.c.id.in_([job.name for job in wanted]), jobs.c.done_at.is_not(None)
    )
    time.sleep(BEGINS_IN + (count - 1) * apart)  # they come due
    site.rest()
    with reading(site.engine) as connection:
        found = connection.execute(done).all()
    site.clear()  # what was not done is not the next round's
    late = [float("inf")] * (count - len(found))
    return [(row.done_at - row.due_at).total_seconds() for row in found] + late
