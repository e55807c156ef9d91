"""TwiML is what the carrier's library writes, character by character, for any document."""

import re
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import get_args
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from carrier import fallback, prompts, twiml
from carrier.urls import WebhookUrls
from routing import voice_document as spoken
from routing.line import Voice
from tests.routing.floor import LINE as LINE_OF_TESTS
from tests.stories.conformance import faults_of

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text):
    """The library writes characters that no XML reader accepts. Ours are spaces."""
    return NOT_IN_XML.sub(" ", text)


ODD = st.text(
    st.one_of(
        st.sampled_from("&<>\"' a\t\n\r\x00\x1b\x7f\x85\u2028☎📞🧑🏽‍🚒\ufffe\ud83d]]>"),
        st.characters(exclude_categories=()),
    ),
    max_size=12,
)
NEXT = st.builds(
    spoken.Next, st.sampled_from(("call.key", "leg.joined", "call.wait")), ODD, st.integers(0, 99)
)
SECONDS = st.integers(0, 600)
SAY = st.one_of(
    st.builds(spoken.say, st.just("welcome"), st.sampled_from((None, "en", "nl")), line=ODD),
    st.builds(spoken.say, st.just("goodbye"), st.sampled_from((None, "en", "nl"))),
)
SPOKEN = st.one_of(
    SAY,
    st.builds(spoken.Play, ODD),
    st.builds(spoken.Music, st.integers(0, 99)),
    st.builds(spoken.Pause, SECONDS),
)
SEVERAL = st.lists(SPOKEN, max_size=3).map(tuple)
ACT = st.one_of(
    SPOKEN,
    st.builds(spoken.Menu, SEVERAL, NEXT, SECONDS),
    st.builds(spoken.AskDigits, SEVERAL, NEXT, st.none() | st.integers(1, 64), SECONDS),
    st.builds(spoken.Record, NEXT, SECONDS),
    st.builds(spoken.Redirect, NEXT),
    st.builds(spoken.Enqueue, ODD, NEXT, NEXT),
    st.builds(spoken.BridgeQueue, ODD, NEXT, NEXT),
    st.builds(spoken.Dial, ODD, ODD, NEXT, SECONDS, st.none() | NEXT, st.booleans()),
    st.just(spoken.LeaveQueue()),
    st.just(spoken.HangUp()),
)
DOCUMENTS = st.builds(
    spoken.Document,
    st.sampled_from(("nl", "en")),
    st.lists(ACT, max_size=4).map(tuple),
    st.booleans(),
)
VOICES = (("nl", Voice("Polly.Lisa-Neural", 90, "nl-BE")), ("en", Voice(rate=120)))
LINES = (None, replace(LINE_OF_TESTS, voices=VOICES[:1]), replace(LINE_OF_TESTS, voices=VOICES))
RATES = {True: {100: "80%", 90: "72%", 120: "96%"}, False: {90: "90%", 120: "120%"}}
"""The rate of a voice as it is written, to a listener who asked for slow speech and to others."""
URLS = WebhookUrls("https://line.example/a&b")


@singledispatch
def write(act, into, heard):
    """Let the carrier's library write one act."""
    raise TypeError(act)


@write.register
def _(act: spoken.Say, into, heard):
    language = act.language or heard.language
    name, speaker = prompts.find_voice(language)
    voice = dict(heard.voices).get(language, Voice())
    words = clean(prompts.render_sentence(language, act.prompt, dict(act.values)))
    rate = RATES[heard.slow].get(voice.rate)
    said = into.say(
        None if rate else words, language=voice.language or name, voice=voice.voice or speaker
    )
    if rate:
        said.prosody(words, rate=rate)


@write.register
def _(act: spoken.Play, into, heard):
    into.play(clean(URLS.recording_url(act.recording)))


@write.register
def _(act: spoken.Music, into, heard):
    into.play(URLS.music_url(act.piece))


@write.register
def _(act: spoken.Pause, into, heard):
    into.pause(length=act.seconds)


@write.register
def _(act: spoken.Menu, into, heard):
    asked = {"num_digits": 1, "finish_on_key": "", "timeout": act.seconds}
    write_all(act.spoken, into.gather(**asked, **posted(act.then)), heard)


@write.register
def _(act: spoken.AskDigits, into, heard):
    asked = {"num_digits": act.digits or 64, "finish_on_key": "#", "timeout": act.seconds}
    asked["action_on_empty_result"] = True
    write_all(act.spoken, into.gather(**asked, **posted(act.then)), heard)


@write.register
def _(act: spoken.Record, into, heard):
    into.record(
        max_length=act.seconds,
        timeout=5,
        finish_on_key="#",
        play_beep=True,
        recording_status_callback=clean(URLS.status_url(act.then)),
        recording_status_callback_method="POST",
        recording_status_callback_event="completed",
        **posted(act.then),
    )


@write.register
def _(act: spoken.Redirect, into, heard):
    into.redirect(clean(URLS.of(act.to)), method="POST")


@write.register
def _(act: spoken.Enqueue, into, heard):
    wait = {"wait_url": clean(URLS.of(act.wait)), "wait_url_method": "POST"}
    into.enqueue(clean(act.queue), **wait, **posted(act.then))


@write.register
def _(act: spoken.BridgeQueue, into, heard):
    dial = into.dial(timeout=5, hangup_on_star=True, **posted(act.then))
    dial.queue(clean(act.queue), url=clean(URLS.of(act.joined)), method="POST")


@write.register
def _(act: spoken.Dial, into, heard):
    dial = into.dial(
        timeout=act.seconds,
        caller_id=clean(act.caller_id),
        hangup_on_star=act.star or None,
        **posted(act.then),
    )
    if act.whisper is None:
        dial.number(clean(act.number))
    else:
        dial.number(clean(act.number), url=clean(URLS.of(act.whisper)), method="POST")


@write.register
def _(act: spoken.LeaveQueue, into, heard):
    into.leave()


@write.register
def _(act: spoken.HangUp, into, heard):
    into.hangup()


def posted(then):
    return {"action": clean(URLS.of(then)), "method": "POST"}


def write_all(acts, into, heard):
    for act in acts:
        write(act, into, heard)


@dataclass
class Heard:
    """What the writing of a sentence depends on."""

    language: str
    voices: tuple
    slow: bool


@settings(max_examples=300)
@given(DOCUMENTS, st.sampled_from(LINES))
def test_any_document_is_what_the_library_writes(document, line):
    response = VoiceResponse()
    heard = Heard(document.language, line.voices if line else (), document.slow)
    write_all(document.acts, response, heard)
    written = twiml.render_twiml(document, URLS, line)
    assert written == str(response)
    assert list(faults_of(written)) == []


@given(st.none() | ODD)
def test_any_answer_to_a_text_is_what_the_library_writes(body):
    response = MessagingResponse()
    if body is not None:
        response.message(clean(body))
    written = twiml.render_text_reply(body)
    assert written == str(response)
    assert list(faults_of(written, "messaging")) == []


def test_each_act_is_written():
    assert set(twiml.WRITERS) == set(get_args(spoken.Act))


SLOW = Voice("Polly.Lisa-Neural", 90, "nl-BE")
LINE = fallback.FallbackLine('+3120&"1', "Jansen & <zonen>", "nl", ("+31<1", "+312"), SLOW)
NOBODY = fallback.FallbackLine("", "", "en", ())


@pytest.mark.parametrize(
    "written",
    [
        fallback.render_next_dial(LINE, 0, "https://h/a?b&c", "https://h/w"),
        fallback.render_next_dial(NOBODY, 3, "https://h/a", "https://h/w"),
        fallback.render_whisper(LINE, "3", "https://h/a?b&c"),
        fallback.render_key_answer(taken=True),
        fallback.render_key_answer(taken=False),
        fallback.render_own_number(LINE, "https://h/a"),
        fallback.render_last_sentence(LINE, "sorry", "goodbye"),
        fallback.render_hold(LINE, "https://h/m.wav", "https://h/a?failed=1#rc=2&rt=1"),
        fallback.render_leave_queue(),
        *fallback.render_documents(LINE, "https://h/f.xml?a&b").values(),
        *fallback.render_documents(NOBODY, "https://h/f.xml").values(),
    ],
)
def test_each_answer_to_a_failure_is_as_an_xml_library_writes_it(written):
    declaration, _, rest = written.partition("?>")
    root = ElementTree.fromstring(written)  # noqa: S314 - we wrote it
    assert declaration == '<?xml version="1.0" encoding="UTF-8"'
    assert rest == ElementTree.tostring(root, encoding="unicode")
    assert all(list(one.attrib) == sorted(one.attrib) for one in root.iter())
    assert list(faults_of(written)) == []


def test_the_fallback_speaks_with_the_voice_of_the_line(tmp_path):
    file = tmp_path / "fallback.json"
    fallback.write_fallback(file, [LINE, NOBODY])
    assert list(fallback.read_fallback(file)) == [LINE, NOBODY]
    spoken = fallback.render_next_dial(fallback.read_fallback(file)[0], 0, "https://h", "https://h")
    assert '<Say language="nl-BE" voice="Polly.Lisa-Neural"><prosody rate="90%">' in spoken
    file.write_text(file.read_text().replace('"voice"', '"was"'))
    assert [line.voice for line in fallback.read_fallback(file)] == [Voice(), Voice()]
