"""Step due to step done: errands written ahead, and the moments at which the book says so."""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Sequence

from sqlalchemy import select

from devtools.bench.site import Site
from routing.jobs import Job, OfferEngineer
from service.bootstrap import Services
from store.db.engine import reading, writing
from store.tables.work import jobs
from store.work.jobs import write_jobs

STEPS = 200
APART = dt.timedelta(milliseconds=20)
BEGINS_IN = dt.timedelta(seconds=1)
PATIENCE = 30.0


def delays(site: Site) -> Sequence[float]:
    """Seconds from due to done, of steps that come due one after the other.

    Each step offers somebody who has become free to whoever is hunted for: nobody, here.
    """
    with site.services() as board:
        _done(board, 1)  # as soon as worker and clock have begun
        return _done(board, STEPS)


def _done(board: Services, count: int) -> Sequence[float]:
    now = board.call_service.clock()
    wanted = [
        Job(now + BEGINS_IN + k * APART, OfferEngineer("main", "sanne0"), secrets.token_hex(16))
        for k in range(count)
    ]
    with writing(board.engine) as connection:
        write_jobs(connection, wanted, now)
    done = select(jobs.c.due_at, jobs.c.done_at).where(
        jobs.c.id.in_([errand.name for errand in wanted]), jobs.c.done_at.is_not(None)
    )
    deadline = time.monotonic() + PATIENCE
    while True:
        time.sleep(0.5)
        with reading(board.engine) as connection:
            found = connection.execute(done).all()
        if len(found) == count or time.monotonic() > deadline:
            return [(row.done_at - row.due_at).total_seconds() for row in found]
