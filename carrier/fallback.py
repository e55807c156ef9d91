"""The fallback file with the phones to dial, and the same as static TwiML documents."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.twiml.voice_response import VoiceResponse

from carrier import prompts


@dataclass(frozen=True, slots=True)
class FallbackLine:
    """One line in the file: the phones in dialling order, and the language."""

    number: str
    name: str
    language: str
    phones: tuple[str, ...]


UNKNOWN_LINE = FallbackLine("", "", "nl", ())
"""The line of a missing file: it has no phones, so the caller hears only a sentence."""


def read_fallback(path: Path) -> Sequence[FallbackLine]:
    """The lines of the file; ``UNKNOWN_LINE`` for a missing, broken or empty file."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["lines"]
        lines = [
            FallbackLine(row["number"], row["name"], row["language"], tuple(row["phones"]))
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return [UNKNOWN_LINE]
    return lines or [UNKNOWN_LINE]


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o660)


def write_fallback(path: Path, lines: Sequence[FallbackLine]) -> None:
    """Replace the file atomically, so that no reader sees half of it.

    Raises OSError, for example on a full disk; the old file then stays as it is.
    """
    path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    text = json.dumps({"lines": [asdict(line) for line in lines]}, indent=1)
    try:
        with open(fresh, "w", encoding="utf-8", opener=_open_private) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # or a power cut may leave the new name with nothing in it
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


# The static documents, for another host. No program checks the key, so any key takes the call:
# a mailbox presses none.


RING_SECONDS = 20
KEY_SECONDS = 5
TAKE = "1"


class FallbackPart(StrEnum):
    """The documents for the caller, for the engineer who picks up, and for the bridge."""

    MAIN = "main"
    WHISPER = "whisper"
    JOINED = "joined"


def part_url(address: str, *names: str) -> str:
    """The URL of a document next to the main one: /abc.xml, /abc-whisper.xml."""
    parts = urlsplit(address)
    path = parts.path + "fallback.xml" if parts.path.endswith("/") else parts.path
    file = PurePosixPath(path or "/fallback.xml")
    stem = "-".join((file.stem, *names))
    return urlunsplit(parts._replace(path=str(file.with_name(stem + file.suffix))))


def render_documents(line: FallbackLine, address: str) -> Mapping[FallbackPart, str]:
    """The three documents of a line whose main one is read at this address.

    The main one comes last, so that an upload in this order never refers to a missing document.
    """
    return {
        FallbackPart.JOINED: str(VoiceResponse()),
        FallbackPart.WHISPER: _render_whisper(line, part_url(address, FallbackPart.JOINED)),
        FallbackPart.MAIN: _render_main(
            line, part_url(address), part_url(address, FallbackPart.WHISPER)
        ),
    }


def _render_main(line: FallbackLine, address: str, whisper: str) -> str:
    """Dial each phone in turn, and start over for as long as the caller holds."""
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


def _render_whisper(line: FallbackLine, joined: str) -> str:
    """Ask three times for a key; hang up if none is pressed."""
    response: Any = VoiceResponse()
    for _ in range(3):
        gather = response.gather(num_digits=1, timeout=KEY_SECONDS, action=joined, method="GET")
        _say(gather, line, "rescue_whisper", line=line.name, take=TAKE)
    response.hangup()
    return str(response)


def _say(into: Any, by: FallbackLine, prompt: str, **values: str) -> None:
    language, voice = prompts.voice(by.language)
    into.say(prompts.sentence(by.language, prompt, values), language=language, voice=voice)
