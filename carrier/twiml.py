"""Renders documents of the line as TwiML."""

from __future__ import annotations

from functools import singledispatchmethod
from typing import Any

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from carrier import prompts
from carrier.urls import WebhookUrls
from routing import voice_document

EMPTY_DOCUMENT = "<Response/>"
"""An answer that asks for nothing."""

BRIDGE_SECONDS = 5
SILENCE_SECONDS = 5
MAX_DIGITS = 64
"""The digits of one answer at most: a key that is stuck ends the question."""


class TwimlWriter:
    """Writes one document."""

    def __init__(self, addresses: WebhookUrls, language: str) -> None:
        self.addresses = addresses
        self.language = language
        self.response: Any = VoiceResponse()

    @singledispatchmethod
    def write(self, act: Any, into: Any) -> None:
        """Write one act into a verb that may hold it."""
        raise TypeError(f"no TwiML for {type(act).__name__}")

    @write.register
    def _(self, act: voice_document.Say, into: Any) -> None:
        spoken = act.language or self.language
        language, voice = prompts.find_voice(spoken)
        into.say(
            prompts.render_sentence(spoken, act.prompt, dict(act.values)),
            language=language,
            voice=voice,
        )

    @write.register
    def _(self, act: voice_document.Play, into: Any) -> None:
        into.play(self.addresses.recording_url(act.recording))

    @write.register
    def _(self, act: voice_document.Music, into: Any) -> None:
        into.play(self.addresses.music_url)

    @write.register
    def _(self, act: voice_document.Pause, into: Any) -> None:
        into.pause(length=act.seconds)

    @write.register
    def _(self, act: voice_document.Menu, into: Any) -> None:
        gather = into.gather(
            num_digits=1,
            finish_on_key="",  # the hash key is a key here, too: else the carrier calls it silence
            timeout=act.seconds,
            action=self.addresses.of(act.then),
            method="POST",
        )
        self.write_all(act.spoken, gather)

    @write.register
    def _(self, act: voice_document.AskDigits, into: Any) -> None:
        gather = into.gather(
            finish_on_key="#",
            num_digits=MAX_DIGITS,
            timeout=act.seconds,
            action=self.addresses.of(act.then),
            method="POST",
        )
        self.write_all(act.spoken, gather)

    @write.register
    def _(self, act: voice_document.Record, into: Any) -> None:
        into.record(
            action=self.addresses.of(act.then),
            method="POST",
            max_length=act.seconds,
            timeout=SILENCE_SECONDS,
            finish_on_key="#",
            play_beep=True,
            recording_status_callback=self.addresses.status_url(act.then),
            recording_status_callback_method="POST",
            recording_status_callback_event="completed",
        )

    @write.register
    def _(self, act: voice_document.Redirect, into: Any) -> None:
        into.redirect(self.addresses.of(act.to), method="POST")

    @write.register
    def _(self, act: voice_document.Enqueue, into: Any) -> None:
        into.enqueue(
            act.queue,
            action=self.addresses.of(act.then),
            method="POST",
            wait_url=self.addresses.of(act.wait),
            wait_url_method="POST",
        )

    @write.register
    def _(self, act: voice_document.BridgeQueue, into: Any) -> None:
        dial = into.dial(
            timeout=BRIDGE_SECONDS,
            hangup_on_star=True,
            action=self.addresses.of(act.then),
            method="POST",
        )
        dial.queue(act.queue, url=self.addresses.of(act.joined), method="POST")

    @write.register
    def _(self, act: voice_document.Dial, into: Any) -> None:
        dial = into.dial(
            timeout=act.seconds,
            caller_id=act.caller_id,
            hangup_on_star=act.star or None,
            action=self.addresses.of(act.then),
            method="POST",
        )
        if act.whisper is None:
            dial.number(act.number)
        else:
            dial.number(act.number, url=self.addresses.of(act.whisper), method="POST")

    @write.register
    def _(self, act: voice_document.LeaveQueue, into: Any) -> None:
        into.leave()

    @write.register
    def _(self, act: voice_document.HangUp, into: Any) -> None:
        into.hangup()

    def write_all(self, acts: tuple[Any, ...], into: Any) -> None:
        """Write acts in their order."""
        for act in acts:
            self.write(act, into)


def render_twiml(document: voice_document.Document, addresses: WebhookUrls) -> str:
    """The TwiML of a document."""
    writer = TwimlWriter(addresses, document.language)
    writer.write_all(document.acts, writer.response)
    return str(writer.response)


def render_text_reply(body: str | None) -> str:
    """The TwiML that answers a text; without a body the text gets no answer."""
    response = MessagingResponse()
    if body is not None:
        response.message(body)
    return str(response)
