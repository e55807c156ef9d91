"""The line as a contact: phones let through at night whom they know."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from carrier import prompts
from routing.line import Line

LONGEST = 75
"""Octets on a line of a card, as RFC 6350 has it."""


def card(line: Line, language: str) -> str:
    """A vCard with the numbers that ring and text engineers.

    Version 3, which every telephone reads; RFC 6350 writes and escapes it the same way.
    """
    name = _escaped(line.name)
    fields = (
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:{uuid.uuid5(uuid.NAMESPACE_URL, f'tel:{line.number}')}",
        f"FN:{name}",
        f"N:{name};;;;",
        f"ORG:{name}",
        *_numbers(line),
        f"NOTE:{_escaped(prompts.text(language, 'card_note', {}))}",
        "END:VCARD",
    )
    return "".join(f"{_folded(field)}\r\n" for field in fields)


def _numbers(line: Line) -> Iterator[str]:
    yield f"TEL;TYPE=WORK,VOICE,PREF:{line.number}"
    if line.texts_from.startswith("+") and line.texts_from != line.number:
        yield f"TEL;TYPE=WORK,MSG:{line.texts_from}"


def _escaped(text: str) -> str:
    for sign in ("\\", ",", ";"):
        text = text.replace(sign, f"\\{sign}")
    return "\\n".join(text.splitlines())


def _folded(field: str) -> str:
    """Long lines go on after a blank, and no letter is cut in two."""
    rows, row = [], ""
    for letter in field:
        if len(f"{row}{letter}".encode()) > LONGEST:
            rows.append(row)
            row = " "
        row += letter
    return "\r\n".join((*rows, row))
