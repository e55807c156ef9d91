"""What callers say becomes words some time later: shown to staff, told to nobody by text, and
deleted with the sound."""

from dataclasses import replace

import pytest
import requests

from service.speech import TranscriptionError
from store.log.reports import Reports
from tests.stories.conftest import PAPER
from tests.stories.stage import SANNE
from tests.stories.test_acknowledge_link import find_link
from tests.stories.test_recordings import kept, leave_a_message
from tests.transcriber import KnowingTranscriber

WORDS = "De kassa <ligt> plat"


class Understanding(KnowingTranscriber):
    """Whatever is said, it is about the till."""

    def transcribe(self, sound, language, check=int):
        super().transcribe(sound, language, check)
        return WORDS


class Crashing(KnowingTranscriber):
    """An engine that no model suits."""

    def transcribe(self, sound, language, check=int):
        super().transcribe(sound, language, check)
        raise TranscriptionError("vosk crashed with code -11")


@pytest.fixture
def paper():
    return f"{PAPER}transcribe: local\n"


@pytest.fixture
def engine(stage):
    """Turn recordings into words by this engine."""

    def choose(engine):
        stage.job_context = replace(stage.job_context, transcriber=engine)
        return engine

    return choose


def test_the_words_of_a_message_stand_wherever_staff_look(stage, engine):
    used = engine(Understanding())
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    stage.hang_up(caller)
    (message,) = kept(stage)
    assert (message.words, used.asked) == (WORDS, ["nl"])
    number = stage.incident().number
    link = find_link(stage)
    assert "kassa" not in requests.get(link, timeout=60).text
    page = requests.post(link, timeout=60).text
    assert "Wat de beller zei (automatisch opgeschreven): De kassa &lt;ligt&gt; plat" in page
    assert "kassa" not in requests.get(link, timeout=60).text
    shown = Reports(stage.services.engine).show(str(number))
    (step,) = [row for row in shown if row["event"] == "recording"]
    assert step["reason"].endswith(f"; heard by a program: {WORDS}")
    assert not any("kassa" in text.body for text in stage.office.texts)


def test_words_that_come_after_the_take_are_one_press_away(stage, engine):
    leave_a_message(stage, stage.call_level_1())
    link = find_link(stage)
    assert "Ververs deze pagina" in requests.post(link, timeout=60).text
    (message,) = kept(stage)
    stage.services.recordings.recordings.write_words(message.id, WORDS)
    page = requests.post(link, timeout=60).text
    assert "De kassa &lt;ligt&gt; plat" in page
    assert "Ververs deze pagina" not in page


def test_words_go_when_the_sound_goes(stage, engine):
    engine(Understanding())
    leave_a_message(stage, stage.call_level_1())
    (message,) = kept(stage)
    stage.services.recordings.forget(message.id, stage.now())
    assert not any("kassa" in value for value in stage.written())


def test_an_engine_that_crashes_costs_the_words_and_no_time(stage, engine):
    used = engine(Crashing())
    caller = stage.call_level_1()
    leave_a_message(stage, caller)
    assert stage.office.phone(SANNE).ringing()
    stage.take(SANNE)
    stage.advance(60)
    (message,) = kept(stage)
    assert (message.words, len(used.asked)) == (None, 3)
    assert message.deleted_at is not None
