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
    (waiting.left_at_last, "or not unheard(draft, recording)", ""),
    (waiting.left_at_last, "or not unheard(draft, recording)", "or call.message is not None"),
    (waiting.message_left, "keep_late(draft, Purpose.MESSAGE, event.recording)", "draft"),
    (urgency.introduced, "keep_late(draft, Purpose.INTRODUCTION, event.recording)", "draft"),
    (customer.keep_late, "not unheard(draft, url)", "url is None"),
    (customer.unheard, "url is None or", ""),
    (urgency.introduced, "or (event.recording is not None and named_at_last(call))", ""),
    (
        urgency.introduced,
        "event.recording is not None and named_at_last(call)",
        "named_at_last(call)",
    ),
    (urgency.named_at_last, "and call.urgency is None", ""),
    (opening.call_out, "park(draft) if draft.the_call.live else draft", "park(draft)"),
    (opening.open_incident, "if introduction else draft", "if False else draft"),
    (customer.keep, "if purpose is Purpose.INTRODUCTION:", "if False:"),
    (customer.keep, "if purpose is Purpose.MESSAGE:", "if False:"),
    (customer.keep, "and by is None", ""),
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
