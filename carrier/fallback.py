"""The file that answers when nothing else can: people on call and the last resort, by number."""

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
    """One line as the file knows it: whom to dial in which order, and in which language."""

    number: str
    name: str
    language: str
    phones: tuple[str, ...]


UNKNOWN_LINE = FallbackLine("", "", "nl", ())
"""Stands in when there is no file: all that is left is a sentence."""


def read_fallback(path: Path) -> Sequence[FallbackLine]:
    """The lines of the file, at least one: a missing or broken file has the unknown one."""
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
    """Put a new file in place of the old one at once, so that no reader sees half of it.

    Raises OSError, on a full disk for one; the old file is as it was then, and nothing is left.
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


# The line as documents that never change by themselves, for a host that knows nothing of us.
# Nobody can check which key was pressed, so any key takes the call: a mailbox presses none.


RING_SECONDS = 20
KEY_SECONDS = 5
TAKE = "1"


class FallbackPart(StrEnum):
    """What the caller gets, what whoever picks up hears, and what joins the two."""

    MAIN = "main"
    WHISPER = "whisper"
    JOINED = "joined"


def part_url(address: str, *names: str) -> str:
    """The address of a document beside the main one: /abc.xml, /abc-whisper.xml."""
    parts = urlsplit(address)
    path = parts.path + "fallback.xml" if parts.path.endswith("/") else parts.path
    file = PurePosixPath(path or "/fallback.xml")
    stem = "-".join((file.stem, *names))
    return urlunsplit(parts._replace(path=str(file.with_name(stem + file.suffix))))


def render_documents(line: FallbackLine, address: str) -> Mapping[FallbackPart, str]:
    """The three documents of a line whose main one is read at this address.

    The main one comes last, so that whoever writes them in order never refers to a missing one.
    """
    return {
        FallbackPart.JOINED: str(VoiceResponse()),
        FallbackPart.WHISPER: _render_whisper(line, part_url(address, FallbackPart.JOINED)),
        FallbackPart.MAIN: _render_main(
            line, part_url(address), part_url(address, FallbackPart.WHISPER)
        ),
    }


def _render_main(line: FallbackLine, address: str, whisper: str) -> str:
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


def _render_whisper(line: FallbackLine, joined: str) -> str:
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
