"""Nothing a customer says to the line is lost, and no message is ever without its incident."""

import datetime as dt
from contextlib import nullcontext, suppress

import pytest

from carrier.client import RecordingNotFoundError, RefusedError
from routing.call import CallOutcome, Stage
from routing.draft import DecisionDraft
from routing.events import CallEnded, Introduced, MessageLeft
from routing.jobs import DeleteRecording, FetchRecording
from routing.notify.customer import keep_recording
from routing.recording import Purpose, Recording, RecordingState, make_playable
from routing.voice_document import Document, Menu, Next, Play, say
from tests.routing.floor import NOW, SANNE, prompts
from workers import recordings
from workers.recordings import MIN_TRIES

ONE, TWO = "http://carrier/Recordings/RE1", "http://carrier/Recordings/RE2"
READY = dt.timedelta(hours=1)


def silent_caller(floor):
    """A stranger who presses nothing at all, and is asked for a name."""
    call = floor.dial("anonymous")
    floor.press(call, None)
    floor.contract(call, None)
    floor.contract(call, None)
    floor.press(call, None)
    floor.press(call, None)
    assert floor.call(call).stage is Stage.INTRODUCE
    return call


def leave(floor, call, url=ONE):
    """The carrier tells of a message."""
    event = MessageLeft(call, floor.call(call).turn, url)
    floor.desk.happen(event)
    return event


def test_a_message_is_fetched_kept_and_only_then_deleted_at_the_carrier(floor):
    call = floor.critical()
    floor.wait_key(call, "7")
    floor.exchange.unready = {"RE1"}
    leave(floor, call)
    with pytest.raises(RecordingNotFoundError):
        floor.work()
    assert (floor.spoken(call)[0].state, floor.exchange.dropped) == (RecordingState.WAITING, [])
    floor.exchange.unready = set()
    errand = next(k for k, e in floor.book.rows.jobs.items() if e.command.kind == "fetch_recording")
    floor.do(errand)
    floor.work()
    (spoken,) = floor.spoken(call)
    assert (spoken.state, spoken.kept_at, spoken.deleted_at) == (RecordingState.KEPT, NOW, NOW)
    assert (floor.archive.read_sound(spoken), floor.exchange.dropped) == (ONE.encode(), ["RE1"])


def test_fetched_twice_it_is_one_recording_and_deleted_once(floor):
    call = floor.critical()
    floor.wait_key(call, "7")
    leave(floor, call)
    floor.work()
    errands = floor.book.rows.jobs
    for key in [k for k, e in errands.items() if e.command.kind.endswith("_recording")]:
        floor.do(key)
    assert floor.exchange.dropped == ["RE1"]
    assert len(floor.spoken(call)) == 1


def test_a_second_message_overwrites_nothing(floor):
    call = floor.critical()
    for url in (ONE, TWO):
        floor.wait_key(call, "7")
        leave(floor, call, url)
        floor.advance(1)
    first, second = floor.spoken(call)
    assert (first.url, second.url) == (ONE, TWO)
    assert floor.incident(call).message == second.id


def test_a_second_message_that_ends_by_hanging_up_is_kept_too(floor):
    call = floor.critical()
    floor.wait_key(call, "7")
    leave(floor, call)
    floor.wait_key(call, "7")
    floor.hang_up(call)
    event = leave(floor, call, TWO)
    floor.desk.happen(event)
    assert sorted(r.url for r in floor.spoken(call)) == [ONE, TWO]
    assert floor.call(call).outcome is CallOutcome.MESSAGE


def test_a_message_whose_word_was_lost_is_kept_when_it_is_told_late(floor):
    call = floor.critical()
    floor.wait_key(call, "7")
    lost = MessageLeft(call, floor.call(call).turn, ONE)
    leave(floor, call, TWO)
    waits = floor.call(call)
    for _ in range(2):
        floor.desk.happen(lost)
        floor.desk.happen(MessageLeft(call, lost.turn, None))
    assert floor.call(call) == waits
    assert sorted(r.url for r in floor.spoken(call)) == [ONE, TWO]
    assert "recorded" in floor.notes()


def test_a_name_whose_word_was_lost_is_kept_when_it_is_told_late(floor):
    call = silent_caller(floor)
    turn = floor.call(call).turn
    floor.desk.happen(Introduced(call, turn, ONE))
    floor.desk.happen(Introduced(call, turn, TWO))
    assert sorted(r.url for r in floor.spoken(call)) == [ONE, TWO]
    assert len(floor.book.rows.incidents) == 1


@pytest.mark.parametrize("end_first", [True, False])
def test_a_name_that_ends_by_hanging_up_opens_one_incident_in_either_order(floor, end_first):
    call = silent_caller(floor)
    said = Introduced(call, floor.call(call).turn, ONE)
    events = [CallEnded(call), said] if end_first else [said, CallEnded(call)]
    for event in events:
        floor.desk.happen(event)
    assert (floor.call(call).stage, floor.call(call).outcome) == (
        Stage.ENDED,
        CallOutcome.ABANDONED,
    )
    for event in events:
        floor.desk.happen(event)
    floor.work()
    (spoken,) = floor.spoken(call)
    assert (spoken.purpose, spoken.id) == (
        Purpose.INTRODUCTION,
        floor.incident(call).introduction,
    )
    assert len(floor.book.rows.incidents) == 1
    assert floor.ringing() == [SANNE]


def test_a_silence_that_is_told_after_the_end_opens_nothing(floor):
    call = silent_caller(floor)
    said = Introduced(call, floor.call(call).turn, None)
    floor.desk.happen(CallEnded(call))
    over = floor.call(call)
    floor.desk.happen(said)
    assert floor.call(call) == over
    assert over.incident is None


def test_an_engineers_note_stands_beside_the_message(floor):
    call = floor.critical()
    floor.wait_key(call, "7")
    leave(floor, call)
    before = floor.desk.call(call)
    draft = DecisionDraft(floor.desk.facts(floor.line), before.call, before.incident)
    floor.book.save(
        before, keep_recording(draft, Purpose.NOTE, TWO, by="sanne").decision, floor.now
    )
    floor.work()
    message, note = sorted(floor.spoken(call), key=lambda r: r.url)
    assert (note.by, note.call, note.state) == ("sanne", None, RecordingState.KEPT)
    assert (message.by, message.call) == (None, call)
    assert floor.incident(call).message == message.id


@pytest.mark.parametrize(("code", "deleted"), [("20404", NOW), ("20003", None)])
def test_what_the_carrier_has_not_any_more_counts_as_deleted(floor, code, deleted):
    call = floor.critical()
    floor.wait_key(call, "7")
    leave(floor, call)
    floor.exchange.refuses_to_drop = code
    with nullcontext() if deleted else pytest.raises(RefusedError):
        floor.work()
    assert floor.spoken(call)[0].deleted_at == deleted


def test_nothing_is_deleted_at_the_carrier_before_it_is_ours(floor):
    call = floor.critical()
    floor.wait_key(call, "7")
    leave(floor, call)
    recordings.delete_recording(DeleteRecording(floor.spoken(call)[0].id), floor.job_context, 1)
    assert floor.exchange.dropped == []


def test_what_is_forgotten_is_deleted_here_and_at_the_carrier(floor):
    call = floor.critical()
    floor.wait_key(call, "7")
    floor.exchange.unready = {"RE1"}
    leave(floor, call)
    (spoken,) = floor.spoken(call)
    floor.archive.forget(spoken.id, floor.now)
    floor.work()
    (spoken,) = floor.spoken(call)
    assert (spoken.state, spoken.deleted_at) == (RecordingState.FORGOTTEN, NOW)
    assert floor.exchange.dropped == ["RE1"]
    assert floor.archive.read_sound(spoken) is None


def not_there_after_an_hour(floor):
    """The message of a call that the carrier has not; gives back the errand that fetches it."""
    call = floor.critical()
    floor.wait_key(call, "7")
    leave(floor, call)
    floor.exchange.unready = {"RE1"}
    floor.now += READY
    pending = floor.pending().items()
    return call, next(key for key, errand in pending if isinstance(errand.command, FetchRecording))


def test_what_the_carrier_has_not_after_an_hour_is_missing_and_no_longer_asked_for(floor):
    call, fetching = not_there_after_an_hour(floor)
    floor.do(fetching, attempt=MIN_TRIES)
    assert floor.spoken(call)[0].state is RecordingState.MISSING
    assert floor.exchange.dropped == []


def test_a_clock_that_is_set_ahead_by_an_hour_gives_no_recording_up(floor):
    call, fetching = not_there_after_an_hour(floor)
    with suppress(RecordingNotFoundError):
        floor.do(fetching, attempt=1)
    assert floor.spoken(call)[0].state is RecordingState.WAITING


@pytest.mark.parametrize(
    ("state", "heard"),
    [
        (RecordingState.KEPT, (Play("r"),)),
        (RecordingState.WAITING, (say("recording_arrives"), Play("r"))),
        (RecordingState.MISSING, (say("recording_missing"),)),
        (RecordingState.FORGOTTEN, (say("recording_missing"),)),
        (None, (say("recording_missing"),)),
    ],
)
def test_what_cannot_be_played_is_said_instead(state, heard):
    menu = Menu((say("over"), Play("r")), Next("leg.key", "x"))
    document = make_playable(Document("nl", (Play("r"), menu)), lambda _: state)
    assert document.acts[:-1] == heard
    assert document.acts[-1].spoken == (say("over"), *heard)


def test_the_engineer_is_offered_the_message(floor):
    call = floor.critical()
    floor.wait_key(call, "7")
    leave(floor, call)
    floor.hang_up(call)
    floor.take(SANNE)
    floor.part(SANNE, bridged=False)
    document = floor.whisper(SANNE)
    assert "message_follows" in prompts(document)
    assert Play(floor.spoken(call)[0].id) in document.acts[0].spoken


@pytest.mark.parametrize(
    "url",
    [
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1",
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1.wav",
        "https://api.twilio.com/Recordings/RE1.mp3?Download=true",
        "https://api.twilio.com/Recordings/RE1/",
    ],
)
def test_the_carriers_id_is_the_last_part_of_its_address(url):
    assert Recording("r", "main", "i", NOW, Purpose.MESSAGE, url).sid == "RE1"
