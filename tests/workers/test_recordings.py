"""What was said is fetched for as long as it takes, even while the carrier is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import Command, DeleteRecording, FetchRecording, Job
from routing.recording import Purpose, Recording, RecordingState, Sound
from settings import Settings
from store.db.engine import reading, writing
from store.tables.work import jobs
from store.work.jobs import ClaimedJob
from workers.context import WorkerContext, make_context
from workers.jobs import MAX_ATTEMPTS, run_job

NOWHERE = "http://127.0.0.1:1"
SOUND = Sound(4, "9f86d081", "audio/x-wav", 2.5)


@pytest.fixture
def context(settings: Settings) -> Iterator[WorkerContext]:
    """A worker that reaches neither the carrier nor Redis."""
    away = {"twilio_api_url": NOWHERE, "redis_url": "redis://127.0.0.1:1/0"}
    made = make_context(settings.model_copy(update=away))
    yield made
    made.services.engine.dispose()


def tried_enough(context: WorkerContext, deed: Command) -> ClaimedJob:
    """An errand of a recording that has been tried for most of a day."""
    at = context.clock()
    message = Recording("one", "main", "i", at, Purpose.MESSAGE, f"{NOWHERE}/Recordings/RE1")
    matter = Case(Call("c", "CA1", "main", "", None, "nl", at))
    decision = Decision(matter, jobs=(Job(at, deed),), recordings=(message,))
    context.services.call_service.calls.save(Case(), decision, at)
    with writing(context.services.engine) as connection:
        connection.execute(update(jobs).values(attempt=MAX_ATTEMPTS - 1))
    (job,) = context.queue.claim(at)
    return job


def state(context: WorkerContext) -> str:
    with reading(context.services.engine) as connection:
        return str(connection.scalar(select(jobs.c.state).order_by(jobs.c.created_at)))


def test_a_recording_is_fetched_for_as_long_as_it_takes(context: WorkerContext) -> None:
    run_job(tried_enough(context, FetchRecording("one")), context)
    assert state(context) == "pending"
    (waiting,) = context.services.recordings.recordings.find_all()
    assert waiting.state is RecordingState.WAITING
    assert list(context.services.settings.media_dir.glob("*")) == []


def test_what_is_ours_is_deleted_at_the_carrier_however_long_it_takes(
    context: WorkerContext,
) -> None:
    job = tried_enough(context, DeleteRecording("one"))
    late = context.clock() + dt.timedelta(hours=1)
    context.services.recordings.recordings.keep("one", SOUND, b"RIFF", late)
    run_job(job, context)
    assert state(context) == "pending"
