"""Would the tests of recordings notice? Each small mistake is made on purpose."""

import pytest

from routing import recording
from routing.caller import opening, urgency, waiting
from routing.notify import customer
from tests.mistakes import mistaken
from tests.routing import test_recordings
from tests.routing.test_mutations import holds, those_of
from workers import recordings

pytestmark = pytest.mark.mistakes

MISTAKES = [
    (waiting.take_late_message, "or not is_new_recording(draft, recording)", ""),
    (
        waiting.take_late_message,
        "or not is_new_recording(draft, recording)",
        "or draft.the_call.message is not None",
    ),
    (waiting.take_message, "keep_late_recording(draft, Purpose.MESSAGE, event.recording)", "draft"),
    (
        urgency.take_name,
        "keep_late_recording(draft, recording.Purpose.INTRODUCTION, event.recording)",
        "draft",
    ),
    (customer.keep_late_recording, "not is_new_recording(draft, url)", "url is None"),
    (customer.is_new_recording, "url is None or", ""),
    (urgency.take_name, "(asked or late)", "asked"),
    (
        urgency.take_name,
        "event.recording is not None and hung_up_while_speaking(call)",
        "hung_up_while_speaking(call)",
    ),
    (urgency.hung_up_while_speaking, "and call.urgency is None", ""),
    (opening.open_critical, "if draft.the_call.live:", "if True:"),
    (opening.open_incident, "if introduction:", "if False:"),
    (customer.keep_recording, "if purpose is Purpose.INTRODUCTION:", "if False:"),
    (customer.keep_recording, "if purpose is Purpose.MESSAGE:", "if False:"),
    (customer.keep_recording, "and by is None", ""),
    (recording._spoken, 'say("recording_arrives"), act', "act,"),
    (recording._spoken, "case RecordingState.WAITING:", "case _:"),
    (recording._act, "Menu | AskDigits", "AskDigits"),
    (recordings.keep_recording, "recording.state is not RecordingState.WAITING", "False"),
    (recordings.keep_recording, "now - recording.made_at < READY_WITHIN", "True"),
    (recordings.keep_recording, "or attempt < MIN_TRIES", ""),
    (recordings.keep_recording, "archive.recordings.mark_missing(recording.id)", "pass"),
    (recordings.delete_recording, "or recording.deleted_at is not None", ""),
    (
        recordings.delete_recording,
        "(RecordingState.WAITING, RecordingState.MISSING)",
        "(RecordingState.MISSING,)",
    ),
    (recordings.delete_recording, "refusal.code not in _NOT_FOUND", "True"),
]


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    MISTAKES,
    ids=[f"{f.__qualname__}: {right[:40]}" for f, right, _ in MISTAKES],
)
def test_a_mistake_is_noticed(monkeypatch, function, right, wrong):
    monkeypatch.setattr(function, "__code__", mistaken(function, right, wrong))
    assert not all(holds(test) for test in those_of(test_recordings))


def test_without_a_mistake_all_is_well():
    assert [test.__name__ for test in those_of(test_recordings) if not holds(test)] == []
