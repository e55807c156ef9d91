"""The fallback file with the phones to dial, and the documents that need nothing else.

They are rendered for each request by web, and in advance for a static host elsewhere.
"""

from __future__ import annotations

import json
import math
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from carrier.twiml import document, element, say, write_text
from routing.line import PLAIN_VOICE, Voice
from routing.voice_document import Value


@dataclass(frozen=True, slots=True)
class FallbackLine:
    """One line in the file: the phones in dialling order, the language and its voice."""

    number: str
    name: str
    language: str
    phones: tuple[str, ...]
    voice: Voice = PLAIN_VOICE


UNKNOWN_LINE = FallbackLine("", "", "nl", ())
"""The line of a missing file: it has no phones, so the caller hears only a sentence."""


def read_fallback(path: Path) -> Sequence[FallbackLine]:
    """The lines of the file; ``UNKNOWN_LINE`` for a missing, broken or empty file."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["lines"]
        lines = [
            FallbackLine(
                row["number"],
                row["name"],
                row["language"],
                tuple(row["phones"]),
                Voice(**row.get("voice", {})),  # a file of yesterday must still ring people
            )
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


# The documents that web renders when it cannot answer as usual.


RING_SECONDS = 20
KEY_SECONDS = 5
SAID_AFTER = 16
"""The telephones that are dialled, about 24 seconds each, before a sentence is said again."""

TAKE_DIGITS = "23456789"
"""The keys that can take a call: a mailbox is unlikely to send the one that was asked for."""


def _say(line: FallbackLine, prompt: str, values: Mapping[str, Value] | None = None) -> str:
    """A sentence, always spoken: a recording would have to be fetched from here."""
    return say(line.language, prompt, values, line.voice)


def render_next_dial(line: FallbackLine, number: int, then: str, whisper: str) -> str:
    """Dial the phones of the line one after the other, round and round. ``number`` counts them."""
    if not line.phones:
        return render_last_sentence(line, "cannot_connect")
    phone = line.phones[number % len(line.phones)]
    dial = element(
        "Dial",
        element("Number", write_text(phone), method="POST", url=whisper),
        action=then,
        callerId=line.number or None,
        method="POST",
        timeout=RING_SECONDS,
    )
    if number == 0:
        return document(_say(line, "sorry"), dial)
    if number == len(line.phones) or number % SAID_AFTER == 0:
        return document(_say(line, "rescue_on"), dial)
    return document(dial)  # the telephone is heard to ring


def render_whisper(line: FallbackLine, take: str, action: str, method: str = "POST") -> str:
    """Ask the person who picks up three times for a key; hang up if none is pressed."""
    question = _say(line, "rescue_whisper", {"line": line.name, "take": take})
    return document(*[_ask_for_key(question, action, method)] * 3, element("Hangup"))


def render_key_answer(*, taken: bool) -> str:
    """Connect the two after the right key; hang up after any other."""
    if taken:
        return document()
    return document(element("Hangup"))


def render_own_number(line: FallbackLine, action: str) -> str:
    """Ask a call that comes from our own number for a key; hang up if none is pressed."""
    question = _ask_for_key(_say(line, "own_number"), action, "POST")
    return document(question, question, _say(line, "goodbye"), element("Hangup"))


def _ask_for_key(question: str, action: str, method: str) -> str:
    return element(
        "Gather", question, action=action, method=method, numDigits=1, timeout=KEY_SECONDS
    )


def render_last_sentence(line: FallbackLine, *sentences: str) -> str:
    """Say these sentences, then hang up."""
    return document(*[_say(line, one) for one in sentences], element("Hangup"))


def render_hold(line: FallbackLine, music: str, again: str) -> str:
    """Apologise to a waiting caller, play music, and ask again."""
    return document(
        _say(line, "sorry_wait"),
        element("Play", write_text(music)),
        element("Redirect", write_text(again), method="POST"),
    )


def render_leave_queue() -> str:
    """Lead a waiting caller out of the queue."""
    return document(element("Leave"))


# The static documents, for another host. No program checks the key, so any key takes the call:
# a mailbox presses none.


STATIC_TAKE = "1"


class FallbackPart(StrEnum):
    """The documents for the caller, for the engineer who picks up, and for the bridge."""

    MAIN = "main"
    WHISPER = "whisper"
    JOINED = "joined"


def part_url(address: str, *names: str) -> str:
    """The URL of a document next to the main one: /abc.xml, /abc-whisper.xml."""
    parts = urlsplit(address)
    path = parts.path
    if path.endswith("/"):
        path += "fallback.xml"
    file = PurePosixPath(path or "/fallback.xml")
    stem = "-".join((file.stem, *names))
    return urlunsplit(parts._replace(path=str(file.with_name(stem + file.suffix))))


def render_documents(line: FallbackLine, address: str) -> Mapping[FallbackPart, str]:
    """The three documents of a line whose main one is read at this address.

    The main one comes last, so that an upload in this order never refers to a missing document.
    """
    joined, whisper = (
        part_url(address, FallbackPart.JOINED),
        part_url(address, FallbackPart.WHISPER),
    )
    return {
        FallbackPart.JOINED: render_key_answer(taken=True),
        FallbackPart.WHISPER: render_whisper(line, STATIC_TAKE, joined, "GET"),
        FallbackPart.MAIN: _render_main(line, part_url(address), whisper),
    }


def _render_main(line: FallbackLine, address: str, whisper: str) -> str:
    """Dial each phone in turn, round after round, for as long as the caller holds. The document is
    read again after some minutes only: what it says is not heard time and again."""
    if not line.phones:
        return render_last_sentence(line, "cannot_connect")
    dials = [
        element(
            "Dial",
            element("Number", write_text(phone), method="GET", url=whisper),
            callerId=line.number,
            timeout=RING_SECONDS,
        )
        for phone in line.phones
    ]
    again = element("Redirect", write_text(address), method="GET")
    others = dials * math.ceil(SAID_AFTER / len(dials) - 1)
    sentences = _say(line, "sorry"), _say(line, "rescue_on")
    return document(sentences[0], *dials, sentences[1], *others, again)
