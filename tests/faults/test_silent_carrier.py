"""A carrier whose REST interface takes every request and never answers.

What its caller hears then, and that the last resort is rung: ``tests/stories/test_faults.py``.
"""

from __future__ import annotations

import datetime as dt
import time

import pytest
from sqlalchemy import select

from carrier.client import TIMEOUT
from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import CheckCall, Command, Job, Lane, OfferEngineer
from service.counters import COUNTERS
from settings import Settings
from store.db.engine import reading
from store.tables.work import jobs
from store.work.jobs import RUNNING_FOR
from store.work.metrics import Counters
from tests.faults.conftest import FaultyLine
from workers.job_pool import CLOCK_THREADS, LATE_ONLY, Dispatcher, start_pool
from workers.jobs import ERROR_FROM_ATTEMPT, run_job

SECOND = dt.timedelta(seconds=1)
UNSURE = ("priority_line_carrier_requests_total", "unsure")


@pytest.fixture
def line_settings(line_settings: Settings, silent_port: int) -> Settings:
    changes = {"twilio_api_url": f"http://127.0.0.1:{silent_port}"}
    return line_settings.model_copy(update=changes)


def to_do(line: FaultyLine, name: str, deed: Command) -> None:
    """Something that has been due for a moment, of a call of this name."""
    at = line.context.clock() - LATE_ONLY.patience - SECOND
    call = Call(name, name, "main", "", None, "nl", at)
    due = (Job(at + SECOND / 1000, deed, f"{deed.lane}-{name}"),)
    line.services.call_service.calls.save(Case(), Decision(Case(call), (), due), at)


def test_a_request_is_given_up_while_its_lease_holds_and_counted(line: FaultyLine) -> None:
    to_do(line, "CA1", CheckCall("CA1"))
    (job,) = line.context.queue.claim(line.context.clock())
    before = line.figures()[UNSURE]
    run_job(job, line.context)
    assert RUNNING_FOR.total_seconds() > TIMEOUT
    COUNTERS.hand_over(Counters(line.services.engine).add)
    assert line.figures()[UNSURE] == before + 1


def test_what_fails_for_the_third_time_is_an_error_in_the_log(line: FaultyLine, errors) -> None:
    to_do(line, "CA1", CheckCall("no such call"))
    for attempt in range(1, ERROR_FROM_ATTEMPT + 1):
        (job,) = line.context.queue.claim(line.context.clock() + attempt * 60 * SECOND)
        run_job(job, line.context)
        assert bool(errors()) == (attempt == ERROR_FROM_ATTEMPT)


def test_what_needs_no_carrier_does_not_wait_for_it(line: FaultyLine) -> None:
    for number in range(6):
        to_do(line, f"CA{number}", CheckCall(f"CA{number}"))
    with start_pool(line.context, CLOCK_THREADS, lambda lane: None) as hands:
        dispatcher = Dispatcher(line.context, hands)
        dispatcher.look()
        assert hands.free(Lane.TELEPHONES) == 0
        to_do(line, "inside", OfferEngineer("main", "sanne"))
        while not done(line, f"{OfferEngineer.lane}-inside"):
            dispatcher.look()
            time.sleep(0.02)


def done(line: FaultyLine, errand: str) -> bool:
    with reading(line.services.engine) as connection:
        state = select(jobs.c.state).where(jobs.c.id == errand)
        return connection.scalar(state) == "done"
