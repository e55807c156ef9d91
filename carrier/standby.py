"""The line as documents that never change by themselves, for a host that knows nothing of us.

Nobody can check which key was pressed, so any key takes the call: a mailbox presses none.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.twiml.voice_response import VoiceResponse

from carrier import prompts
from carrier.fallback import FallbackLine

RING_SECONDS = 20
KEY_SECONDS = 5
TAKE = "1"


class Part(StrEnum):
    """What the caller gets, what whoever picks up hears, and what joins the two."""

    MAIN = "main"
    WHISPER = "whisper"
    JOINED = "joined"


def placed(address: str, *names: str) -> str:
    """The address of a document beside the main one: /abc.xml, /abc-whisper.xml."""
    parts = urlsplit(address)
    path = parts.path + "fallback.xml" if parts.path.endswith("/") else parts.path
    file = PurePosixPath(path or "/fallback.xml")
    stem = "-".join((file.stem, *names))
    return urlunsplit(parts._replace(path=str(file.with_name(stem + file.suffix))))


def standby(line: FallbackLine, address: str) -> Mapping[Part, str]:
    """The three documents of a line whose main one is read at this address.

    The main one comes last, so that whoever writes them in order never refers to a missing one.
    """
    return {
        Part.JOINED: str(VoiceResponse()),
        Part.WHISPER: _whisper(line, placed(address, Part.JOINED)),
        Part.MAIN: _main(line, placed(address), placed(address, Part.WHISPER)),
    }


def _main(line: FallbackLine, address: str, whisper: str) -> str:
    """Everybody one after the other, and again, for as long as the caller holds."""
    response: Any = VoiceResponse()
    _say(response, line, "sorry")
    for phone in line.phones:
        dial = response.dial(timeout=RING_SECONDS, caller_id=line.number)
        dial.number(phone, url=whisper, method="GET")
    if line.phones:
        response.redirect(address, method="GET")
    else:
        _say(response, line, "goodbye")
        response.hangup()
    return str(response)


def _whisper(line: FallbackLine, joined: str) -> str:
    """Three times the question, and the end of the call for whoever presses nothing."""
    response: Any = VoiceResponse()
    for _ in range(3):
        gather = response.gather(num_digits=1, timeout=KEY_SECONDS, action=joined, method="GET")
        _say(gather, line, "rescue_whisper", line=line.name, take=TAKE)
    response.hangup()
    return str(response)


def _say(into: Any, by: FallbackLine, prompt: str, **values: str) -> None:
    language, voice = prompts.voice(by.language)
    into.say(prompts.sentence(by.language, prompt, values), language=language, voice=voice)
