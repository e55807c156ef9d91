"""The carrier turns English recordings into words; afterwards it has neither words nor sound."""

from dataclasses import replace

import pytest
import requests
from twilio.request_validator import RequestValidator

from routing.recording import RecordingState
from tests.stories.conftest import PAPER
from tests.stories.stage import ACCOUNT
from tests.stories.test_recordings import kept, leave_a_message
from tests.transcriber import KnowingTranscriber

ENGLISH = PAPER.replace("languages: [nl, en]", "languages: [en, nl]").replace(
    'pin: "482913", language: nl', 'pin: "482913", language: en'
)


@pytest.fixture
def paper():
    return f"{ENGLISH}transcribe: carrier\n"


def recorded(stage):
    """The webhooks that brought words."""
    return [w for w in stage.office.webhooks if "/voice/words" in w["url"]]


def test_words_come_after_the_sound_and_nothing_stays_at_the_carrier(stage):
    leave_a_message(stage, stage.call_level_1())
    (message,) = kept(stage)
    assert (message.state, message.words) == (RecordingState.KEPT, None)
    assert len(stage.office.recordings) == 1, "the carrier still listens"
    stage.advance(20)
    (message,) = kept(stage)
    assert message.words == "De kassa ligt plat"
    assert [webhook["status"] for webhook in recorded(stage)] == [204]
    assert stage.office.transcriptions == []
    stage.advance(600)
    assert stage.office.recordings == []


def test_words_that_do_not_come_cost_no_more_than_ten_minutes_at_the_carrier(stage):
    stage.office.faults(drop=[{"pattern": "/voice/words", "count": 9}])
    leave_a_message(stage, stage.call_level_1())
    stage.advance(590)
    assert len(stage.office.recordings) == 1
    stage.advance(30)
    assert (kept(stage)[0].words, stage.office.recordings) == (None, [])


def test_words_of_what_was_forgotten_are_not_stored(stage):
    leave_a_message(stage, stage.call_level_1())
    (message,) = kept(stage)
    stage.services.recordings.forget(message.id, stage.now())
    stage.advance(60)
    assert not any("kassa" in value for value in stage.written())
    assert (stage.office.transcriptions, stage.office.recordings) == ([], [])


def test_words_of_what_nobody_knows_change_nothing(stage):
    form = {"TranscriptionStatus": "completed", "TranscriptionText": "kassa", "RecordingSid": "RE1"}
    for sent in (form, {}):
        url = f"{stage.settings.public_url}/voice/words"
        assert requests.post(url, data=sent, timeout=60).status_code == 403
        signature = RequestValidator(ACCOUNT.token).compute_signature(url, sent)
        headers = {"X-Twilio-Signature": signature}
        assert requests.post(url, data=sent, headers=headers, timeout=60).status_code == 204
    assert not any("kassa" in value for value in stage.written())


def test_what_the_carrier_did_not_understand_has_no_words(stage):
    leave_a_message(stage, stage.call_level_1(), seconds=1)
    stage.advance(60)
    assert kept(stage)[0].words is None
    assert stage.office.transcriptions == []


class TestNobodyListens:
    """The line wants no words of its English callers."""

    @pytest.fixture
    def paper(self):
        return ENGLISH

    def test_the_sound_is_deleted_at_the_carrier_at_once_and_no_engine_hears_it(self, stage):
        engine = KnowingTranscriber()
        stage.job_context = replace(stage.job_context, transcriber=engine)
        leave_a_message(stage, stage.call_level_1())
        assert (kept(stage)[0].words, stage.office.recordings) == (None, [])
        assert engine.asked == []


class TestInDutch:
    """The carrier understands no Dutch, and is not asked to."""

    @pytest.fixture
    def paper(self):
        return f"{PAPER}transcribe: carrier\n"

    def test_a_dutch_caller_is_not_sent_to_an_american_ear(self, stage):
        leave_a_message(stage, stage.call_level_1())
        stage.advance(60)
        assert (kept(stage)[0].words, recorded(stage)) == (None, [])
        assert stage.office.recordings == [], "nobody waits for words"
