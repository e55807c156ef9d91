"""What was said is fetched for as long as it takes, even while the carrier is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select, update

from routing.call import Call
from routing.decision import Case, Decision
from routing.jobs import (
    Command,
    DeleteRecording,
    FetchRecording,
    Job,
    Lane,
    LeaseLostError,
    TranscribeRecording,
)
from routing.recording import Purpose, Recording, RecordingState, Sound, Transcription
from service.counters import COUNTERS
from service.speech import LONGEST, TranscriptionError
from settings import Settings
from store.db.engine import reading, writing
from store.people.lines import apply_line
from store.tables.work import jobs
from store.work.jobs import ClaimedJob
from store.work.metrics import Counters
from tests.store.cast import LINE
from tests.transcriber import KnowingTranscriber, link_english, speak, wav
from workers.context import WorkerContext, make_context
from workers.job_pool import WITHOUT_ENGINE_AFTER, start_transcription
from workers.jobs import MAX_ATTEMPTS, run_job
from workers.recordings import TRANSCRIPTION_TRIES, transcribe_recording

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


# Words.


WAV = b"RIFF the till is down"


class Broken(KnowingTranscriber):
    """An engine that crashes, whatever it is given."""

    def transcribe(self, sound, language, check=int):
        self.asked.append(language)
        raise TranscriptionError("vosk crashed with code -11")


def kept(context: WorkerContext, data: bytes = WAV, **changes: Any) -> Recording:
    """A stored recording of a caller who speaks English, on a line that wants its words."""
    at = context.clock()
    apply_line(context.services.engine, replace(LINE, transcribe=Transcription.LOCAL), [], at)
    said = Recording("one", "main", "i", at, Purpose.MESSAGE, f"{NOWHERE}/RE1", "c", **changes)
    matter = Case(Call("c", "CA1", "main", "", None, "en", at))
    context.services.call_service.calls.save(Case(), Decision(matter, recordings=(said,)), at)
    words = Job(at, TranscribeRecording("one"))
    context.services.recordings.keep(said, [data], "audio/x-wav", at, [words])
    return said


def words_of(context: WorkerContext) -> str | None:
    (found,) = context.services.recordings.recordings.find_all()
    return found.words


def transcribe(context: WorkerContext, engine: KnowingTranscriber | None, attempt: int = 1) -> None:
    services = replace(context.job_context, transcriber=engine)
    transcribe_recording(TranscribeRecording("one"), services, attempt)


def counted() -> dict[str, int]:
    """What was counted since the last look."""
    found: dict[str, int] = {}
    COUNTERS.hand_over(lambda counts: found.update(counts))
    return {name: number for name, number in found.items() if name.startswith("transcriptions")}


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    counted()


def test_a_recording_becomes_words_in_the_callers_language(context: WorkerContext) -> None:
    kept(context)
    engine = KnowingTranscriber({WAV: "the till is down"})
    transcribe(context, engine)
    transcribe(context, engine)
    assert (words_of(context), engine.asked) == ("the till is down", ["en"])
    assert counted() == {"transcriptions written": 1}


def test_silence_is_no_words_and_an_answer(context: WorkerContext) -> None:
    kept(context)
    transcribe(context, KnowingTranscriber())
    assert words_of(context) == ""
    assert counted() == {"transcriptions silent": 1}


def test_an_engineer_speaks_the_engineers_language(context: WorkerContext) -> None:
    kept(context, by="joris")
    engine = KnowingTranscriber()
    transcribe(context, engine)
    assert engine.asked == ["nl"]


def test_an_engine_that_crashes_is_tried_three_times(context: WorkerContext) -> None:
    kept(context)
    engine = Broken()
    for attempt in range(1, TRANSCRIPTION_TRIES):
        with pytest.raises(TranscriptionError):
            transcribe(context, engine, attempt)
    assert counted() == {}
    transcribe(context, engine, TRANSCRIPTION_TRIES)
    assert (words_of(context), counted()) == (None, {"transcriptions given_up": 1})


def test_what_is_no_sound_is_tried_once(context: WorkerContext) -> None:
    kept(context, b"ID3")
    transcribe(context, KnowingTranscriber())
    assert (words_of(context), counted()) == (None, {"transcriptions unreadable": 1})


def test_what_was_deleted_meanwhile_is_not_listened_to(context: WorkerContext) -> None:
    said, engine = kept(context), KnowingTranscriber({WAV: "the till is down"})
    context.services.recordings.forget(said.id, context.clock())
    transcribe(context, engine)
    assert (words_of(context), engine.asked) == (None, [])


def test_whoever_loses_the_job_writes_nothing(context: WorkerContext) -> None:
    def lose() -> None:
        raise LeaseLostError

    kept(context)
    engine = KnowingTranscriber({WAV: "the till is down"})
    services = replace(context.job_context, transcriber=engine, check_lease=lose)
    with pytest.raises(LeaseLostError):
        transcribe_recording(TranscribeRecording("one"), services, 1)
    assert words_of(context) is None


def test_words_that_nobody_wrote_are_not_overdue_work(context: WorkerContext) -> None:
    kept(context)
    later = context.clock() + dt.timedelta(days=2)
    for job in context.queue.claim(later, {Lane.REST: 9}):
        context.queue.done(job.lease, later)
    assert context.queue.find_next() != {}
    assert context.queue.oldest_due(later) is None
    assert Counters(context.services.engine).overdue(later, dt.timedelta(seconds=5)) == 0


def run_until_counted(context: WorkerContext) -> dict[str, int]:
    """Let the thread of the words work until it has made something of a recording."""
    end, found = Event(), dict[str, int]()
    start_transcription(context, end)
    for _ in range(10_000):
        if found := counted():
            break
        end.wait(0.02)
    end.set()
    return found


def test_a_worker_with_an_engine_runs_it_on_a_thread_of_its_own(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    given = {"speech_engine": "vosk", "speech_models": tmp_path / "models"}
    context = make_context(settings.model_copy(update=given))
    kept(context, b"RIFF" + bytes(LONGEST))
    assert run_until_counted(context) == {"transcriptions unreadable": 1}
    context.services.engine.dispose()


def test_a_worker_understands_what_is_said_clearly(settings: Settings, tmp_path: Path) -> None:
    given = {"speech_engine": "pocketsphinx", "speech_models": link_english(tmp_path)}
    context = make_context(settings.model_copy(update=given))
    kept(context, wav(speak("nobody can go on")))
    assert run_until_counted(context) == {"transcriptions written": 1}
    assert {"nobody", "can"} <= set((words_of(context) or "").split())
    context.services.engine.dispose()


def test_a_worker_without_an_engine_leaves_words_to_others_for_a_day(
    context: WorkerContext,
) -> None:
    fresh = Job(context.clock(), TranscribeRecording("another"), "fresh")
    context.services.call_service.calls.plan_jobs([fresh], context.clock())
    kept(context)
    with writing(context.services.engine) as connection:
        aged = update(jobs).where(jobs.c.lane == Lane.WORDS, jobs.c.id != "fresh")
        connection.execute(aged.values(due_at=context.clock() - WITHOUT_ENGINE_AFTER))
    assert run_until_counted(context) == {"transcriptions given_up": 1}
    with reading(context.services.engine) as connection:
        of_words = select(jobs.c.state).where(jobs.c.lane == Lane.WORDS)
        assert set(connection.scalars(of_words.where(jobs.c.id != "fresh"))) == {"done"}
        assert set(connection.scalars(of_words.where(jobs.c.id == "fresh"))) == {"pending"}
