"""Writes documents of the line as TwiML, in the form of the carrier's library."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from carrier import prompts
from carrier.prompts import speech
from carrier.urls import WORDS, WebhookUrls
from routing import voice_document
from routing.line import PLAIN_VOICE, Line, Voice
from routing.recording import CARRIER_LANGUAGE, Transcription
from routing.voice_document import Value

EMPTY_DOCUMENT = "<Response/>"
"""An answer that asks for nothing."""

BRIDGE_SECONDS = 5
SLOWER = 80
"""The rate for a listener who asks for it, in percent of the voice's own."""

MAX_TRANSCRIBED_SECONDS = 119
"""The carrier turns no longer recording into words."""

MAX_DIGITS = 64
"""The digits of one answer at most: a key that is stuck ends the question."""

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES_OF_ATTRIBUTES = {"\t": "&#09;", "\n": "&#10;", "\r": "&#13;"}


def document(*elements: str) -> str:
    """A whole document of these elements."""
    return f'<?xml version="1.0" encoding="UTF-8"?>{element("Response", "".join(elements))}'


def element(name: str, inside: str = "", **attributes: str | int | None) -> str:
    """One element with its attributes, in their order. None leaves an attribute out."""
    start = name
    for key, value in attributes.items():
        if value is not None:
            start += f' {key}="{_quote(str(value))}"'
    if not inside:
        return f"<{start} />"
    return f"<{start}>{inside}</{name}>"


def write_text(text: str) -> str:
    """The text of an element. A character that XML cannot hold becomes a space."""
    if not text.isprintable():
        text = _NOT_IN_XML.sub(" ", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quote(value: str) -> str:
    text = write_text(value).replace('"', "&quot;")
    if not text.isprintable():
        for space, written in _SPACES_OF_ATTRIBUTES.items():
            text = text.replace(space, written)
    return text


def say(
    language: str,
    prompt: str,
    values: Mapping[str, Value] | None = None,
    voice: Voice = PLAIN_VOICE,
    now: dt.datetime | None = None,
) -> str:
    """A sentence, spoken now by this voice; what it does not say is said by the language."""
    spoken, speaker = prompts.find_voice(language)
    words = write_text(prompts.render_sentence(language, prompt, values, now))
    if voice.rate != PLAIN_VOICE.rate:
        words = element("prosody", words, rate=f"{voice.rate}%")
    return element("Say", words, language=voice.language or spoken, voice=voice.voice or speaker)


@cache
def _say_without_values(language: str, prompt: str, *voice: Any) -> str:
    """The sentences without a value in them are the same each time, and most are. The fields of the
    voice are found faster than the voice."""
    return say(language, prompt, voice=Voice(*voice))


def use_prompts(folder: Path | None) -> None:
    """Use the operator's own prompts from now on. Raises PromptsError."""
    prompts.use_folder(folder)
    _say_without_values.cache_clear()


@dataclass(frozen=True, slots=True)
class TwimlWriter:
    """Writes one document."""

    addresses: WebhookUrls
    language: str
    line: Line | None = None
    slow: bool = False
    now: dt.datetime | None = None

    def write(self, acts: Iterable[voice_document.Act]) -> str:
        """Write acts in their order."""
        return "".join([WRITERS[type(act)](self, act) for act in acts])

    def write_say(self, act: voice_document.Say) -> str:
        """Write a sentence, or the operator's recording of it."""
        language = act.language or self.language
        recording = prompts.find_recording(language, act.prompt)
        if recording is not None:
            return element("Play", write_text(self.addresses.sound_url(recording)))
        voice = self._find_voice(language)
        if act.values:
            return say(language, act.prompt, dict(act.values), voice, self.now)
        return _say_without_values(language, act.prompt, voice.voice, voice.rate, voice.language)

    def _find_voice(self, language: str) -> Voice:
        voice = PLAIN_VOICE
        if self.line is not None:
            voice = self.line.voice_in(language)
        if self.slow:
            voice = replace(voice, rate=voice.rate * SLOWER // 100)
        return voice

    def write_play(self, act: voice_document.Play) -> str:
        """Write a recording to play."""
        return element("Play", write_text(self.addresses.recording_url(act.recording)))

    def write_music(self, act: voice_document.Music) -> str:
        """Write the hold music: that of the line, as far as it is there, or ours."""
        files = self.line.music if self.line is not None else ()
        pieces = [name for name in map(prompts.find_music, files) if name is not None]
        url = self.addresses.music_url(act.piece)
        if pieces:
            url = self.addresses.sound_url(pieces[act.piece % len(pieces)])
        return element("Play", write_text(url))

    def write_pause(self, act: voice_document.Pause) -> str:
        """Write a silence."""
        return element("Pause", length=act.seconds)

    def write_menu(self, act: voice_document.Menu) -> str:
        """Write a question for one key. The hash key is a key here, too: else the carrier calls it
        silence."""
        if not self._takes_speech(act):
            return self._gather(act, finish_on_key="", digits=1)
        question = act.hears or ""
        spoken = self._find_voice(self.language).language or prompts.find_voice(self.language)[0]
        return self._gather(
            act,
            finish_on_key="",
            digits=1,
            action=self.addresses.of_speech(act.then, question, self.language),
            input="dtmf speech",
            hints=speech.list_hints(self.language, question),
            language=spoken,
            speechTimeout="auto",
        )

    def _takes_speech(self, act: voice_document.Menu) -> bool:
        """True if words count as keys here: the line allows it, and the question has words."""
        if self.line is None or not self.line.speech.menus or act.hears is None:
            return False
        return speech.can_hear(self.language, act.hears)

    def write_ask_digits(self, act: voice_document.AskDigits) -> str:
        """Write a question for digits that end with the hash key, or by their number. The carrier
        asks without digits, too, and names the key: a hash key alone is not taken for silence."""
        digits = act.digits or MAX_DIGITS
        return self._gather(act, finish_on_key="#", digits=digits, actionOnEmptyResult="true")

    def _gather(
        self,
        act: voice_document.Menu | voice_document.AskDigits,
        *,
        finish_on_key: str,
        digits: int,
        **more: str,
    ) -> str:
        attributes: dict[str, str | int | None] = {
            "action": self.addresses.of(act.then),
            "actionOnEmptyResult": None,
            "finishOnKey": finish_on_key,
            "method": "POST",
            "numDigits": digits,
            "timeout": act.seconds,
        }
        return element("Gather", self.write(act.spoken), **(attributes | more))

    def write_record(self, act: voice_document.Record) -> str:
        """Write a recording to make."""
        seconds, words = act.seconds, {}
        if self._has_words_of_carrier():
            seconds = min(seconds, MAX_TRANSCRIBED_SECONDS)
            words = {"transcribe": "true", "transcribeCallback": self.addresses.at(WORDS)}
        return element(
            "Record",
            action=self.addresses.of(act.then),
            finishOnKey="#",
            maxLength=seconds,
            method="POST",
            playBeep="true",
            recordingStatusCallback=self.addresses.status_url(act.then),
            recordingStatusCallbackEvent="completed",
            recordingStatusCallbackMethod="POST",
            timeout=act.silence,
            **words,
        )

    def _has_words_of_carrier(self) -> bool:
        """True if the carrier is to turn what is said now into words."""
        if self.line is None or self.line.transcribe is not Transcription.CARRIER:
            return False
        return self.language == CARRIER_LANGUAGE

    def write_redirect(self, act: voice_document.Redirect) -> str:
        """Write the address of the next document."""
        return element("Redirect", write_text(self.addresses.of(act.to)), method="POST")

    def write_enqueue(self, act: voice_document.Enqueue) -> str:
        """Write the queue that the caller waits in."""
        return element(
            "Enqueue",
            write_text(act.queue),
            action=self.addresses.of(act.then),
            method="POST",
            waitUrl=self.addresses.of(act.wait),
            waitUrlMethod="POST",
        )

    def write_bridge_queue(self, act: voice_document.BridgeQueue) -> str:
        """Write the connection with the caller of a queue."""
        joined = self.addresses.of(act.joined)
        return element(
            "Dial",
            element("Queue", write_text(act.queue), method="POST", url=joined),
            action=self.addresses.of(act.then),
            hangupOnStar="true",
            method="POST",
            timeout=BRIDGE_SECONDS,
        )

    def write_dial(self, act: voice_document.Dial) -> str:
        """Write a telephone to dial."""
        number = element("Number", write_text(act.number))
        if act.whisper is not None:
            whisper = self.addresses.of(act.whisper)
            number = element("Number", write_text(act.number), method="POST", url=whisper)
        ends_with_star = None
        if act.star:
            ends_with_star = "true"
        return element(
            "Dial",
            number,
            action=self.addresses.of(act.then),
            callerId=act.caller_id,
            hangupOnStar=ends_with_star,
            method="POST",
            timeout=act.seconds,
        )

    def write_leave_queue(self, act: voice_document.LeaveQueue) -> str:
        """Write the end of the caller's wait."""
        return element("Leave")

    def write_hang_up(self, act: voice_document.HangUp) -> str:
        """Write the end of the call."""
        return element("Hangup")


WRITERS: Mapping[type, Callable[[TwimlWriter, Any], str]] = {
    voice_document.Say: TwimlWriter.write_say,
    voice_document.Play: TwimlWriter.write_play,
    voice_document.Music: TwimlWriter.write_music,
    voice_document.Pause: TwimlWriter.write_pause,
    voice_document.Menu: TwimlWriter.write_menu,
    voice_document.AskDigits: TwimlWriter.write_ask_digits,
    voice_document.Record: TwimlWriter.write_record,
    voice_document.Redirect: TwimlWriter.write_redirect,
    voice_document.Enqueue: TwimlWriter.write_enqueue,
    voice_document.BridgeQueue: TwimlWriter.write_bridge_queue,
    voice_document.Dial: TwimlWriter.write_dial,
    voice_document.LeaveQueue: TwimlWriter.write_leave_queue,
    voice_document.HangUp: TwimlWriter.write_hang_up,
}
"""How each act is written."""


def render_twiml(
    spoken: voice_document.Document,
    addresses: WebhookUrls,
    line: Line | None = None,
    now: dt.datetime | None = None,
) -> str:
    """The TwiML of a document that is said now, with the voices and the music of the line."""
    writer = TwimlWriter(addresses, spoken.language, line, spoken.slow, now)
    return document(writer.write(spoken.acts))


def render_text_reply(body: str | None) -> str:
    """The TwiML that answers a text; without a body the text gets no answer."""
    if body is None:
        return document()
    return document(element("Message", write_text(body)))
