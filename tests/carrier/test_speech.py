"""Words that mean a key: data, the same questions in each language, and never a key by accident."""

import itertools
from dataclasses import replace

import pytest

from carrier import prompts, twiml
from carrier.prompts import speech
from carrier.urls import WebhookUrls
from routing.call import OfferedIncident, Stage
from routing.caller.menus import MENUS
from routing.caller.questions import CallerView
from routing.recording import Transcription
from routing.voice_document import Document, Menu, Next, Record, SpeechRules, say
from tests.store.cast import LINE, call

LANGUAGES = prompts.SPOKEN
EVERYWHERE = ("any", "digit")


CALLER = CallerView(replace(call(), offers=(OfferedIncident("i", 1042, 1),)), None, LINE)
"""Somebody who may call about an incident."""


def phrases(language):
    """Every phrase, by the question and the key that it means."""
    found = {}
    for name, listed in prompts.read_sentences(language)["speech"].items():
        question, _, key = name.partition("_")
        if key:
            found[question, speech.KEYS.get(key, key)] = [
                phrase.strip() for phrase in listed.split(",")
            ]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_phrase_means_a_key_that_its_question_has(language):
    for question, key in phrases(language):
        if question not in EVERYWHERE:
            menu = MENUS[Stage(question)]
            digits = {each.digit for each in (*menu.choices(CALLER), *menu.keys)}
            assert key in digits, (question, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_phrase_alone_means_its_key_and_no_other(language):
    questions = {question for question, _ in phrases(language)} - set(EVERYWHERE)
    for (question, key), listed in phrases(language).items():
        for phrase, asked in itertools.product(listed, questions):
            if question in (asked, *EVERYWHERE):
                assert speech.find_key(language, asked, phrase) == key, (asked, phrase)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_carrier_takes_the_hints(language):
    for stage in filter(lambda one: speech.can_hear(language, one.value), Stage):
        hints = speech.list_hints(language, stage.value).split(",")
        assert len(hints) == len(set(hints)) <= speech.MOST_HINTS
        assert all(0 < len(hint) <= 100 for hint in hints)


@pytest.mark.parametrize(
    ("language", "question", "said", "key"),
    [
        ("nl", "urgency", "Kritiek.", "1"),
        ("nl", "urgency", "Ons hele bedrijf ligt stil!", "1"),
        ("nl", "urgency", "niveau drie", "3"),
        ("nl", "urgency", "Eén", "1"),
        ("nl", "urgency", "toets 4 alstublieft", "4"),
        ("nl", "urgency", "herhalen", "*"),
        ("nl", "urgency", "Mag ik iemand spreken?", "0"),
        ("nl", "urgency", "het is niet kritiek", None),
        ("nl", "urgency", "ik wil een boodschap", None),
        ("nl", "urgency", "ja", None),
        ("nl", "urgency", "kritiek, of nee, iets kleins", None),
        ("nl", "confirm", "Ja.", "1"),
        ("nl", "confirm", "ja graag", "1"),
        ("nl", "confirm", "bevestigen", "1"),
        ("nl", "confirm", "nee", "2"),
        ("nl", "confirm", "ja nee", None),
        ("nl", "verdict", "hij wordt niet herkend", "2"),
        ("nl", "confirm", "", None),
        ("en", "urgency", "Everything is down.", "1"),
        ("en", "urgency", "Help, our shop is down!", "1"),
        ("en", "confirm", "say again", "*"),
        ("en", "urgency", "one", "1"),
        ("en", "urgency", "it is not critical", None),
        ("en", "confirm", "Yes, please.", "1"),
        ("en", "confirm", "no", "2"),
        ("en", "confirm", "one moment", None),
        ("en", "language", "English", None),
        ("nl", "urgency", "niets ligt plat", None),
        ("en", "urgency", "nothing is down", None),
        ("de", "urgency", "nichts steht still", None),
        ("fr", "urgency", "rien n'est bloqué", None),
    ],
)
def test_words_mean_a_key_or_nothing(language, question, said, key):
    assert speech.find_key(language, question, said) == key


SPEAKING = replace(LINE, speech=SpeechRules(menus=True))
URLS = WebhookUrls("https://line.example.org")


def written(menu, line=SPEAKING):
    return twiml.render_twiml(Document("nl", (menu,)), URLS, line)


def test_a_question_with_words_listens_in_the_language_of_its_voice():
    menu = Menu((say("urgency_menu"),), Next("call.key", "c1", 3), hears="urgency")
    text = written(menu)
    assert 'input="dtmf speech"' in text
    assert 'language="nl-NL"' in text
    assert 'speechTimeout="auto"' in text
    assert "kritiek," in text
    assert "/voice/call/c1/key/3?hears=urgency.nl#" in text


@pytest.mark.parametrize("hears", [None, "language", "waiting"])
def test_a_question_without_words_takes_keys_only(hears):
    menu = Menu((say("urgency_menu"),), Next("call.key", "c1", 3), hears=hears)
    assert "speech" not in written(menu)


@pytest.mark.parametrize(
    ("language", "asked", "seconds", "words"),
    [("en", 180, 119, True), ("en", 15, 15, True), ("nl", 180, 180, False)],
)
def test_the_carrier_writes_down_two_minutes_of_english(language, asked, seconds, words):
    line = replace(LINE, transcribe=Transcription.CARRIER)
    record = Record(Next("call.message", "c1", 3), asked)
    text = twiml.render_twiml(Document(language, (record,)), URLS, line)
    assert f'maxLength="{seconds}"' in text
    assert ('transcribe="true"' in text) is words
    assert ("https://line.example.org/voice/words#" in text) is words


def test_a_line_without_speech_takes_keys_only():
    menu = Menu((say("urgency_menu"),), Next("call.key", "c1", 3), hears="urgency")
    assert "speech" not in written(menu, LINE)
    assert "?" not in written(menu, LINE).partition("<Gather")[2]
