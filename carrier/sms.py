"""Counts the segments of a text, and shortens a name so that a text fits in one segment, or two.

A text is carried in segments: 160 characters of the GSM 7-bit alphabet (3GPP TS 23.038), or 153
each of several; a single character outside it makes them 70, or 67 each.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

MAX_SEGMENTS = 2
"""Segments of a text at most."""

SHORTEST_NAME = 8
"""So many characters of a name are kept for the sake of one segment."""

_TWO_STOPS = re.compile(r"(?<!\.)(\.|\.{3})\.(?!\.)")

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
_ACCENTS = range(0x300, 0x370)

TYPOGRAPHIC = str.maketrans("‘’‚“”„–—‑\u00a0", "'''\"\"\"--- ")
"""Typographic characters and their plain equivalents."""


def count_segments(text: str) -> int:
    """The number of segments of a text; no character is split between two."""
    if all(c in GSM_BASIC or c in GSM_EXTENDED for c in text):
        alone, each = 160, 153
        widths = [1 + (c in GSM_EXTENDED) for c in text]
    else:
        alone, each = 70, 67
        widths = [1 + (ord(c) > 0xFFFF) for c in text]
    if sum(widths) <= alone:
        return 1
    count, room = 1, each
    for width in widths:
        if width > room:
            count, room = count + 1, each
        room -= width
    return count


def simplify(text: str) -> str:
    """The text with accents left out that the short alphabet does not have, and ligatures written
    out; the rest as it is. An accent that was typed as a character of its own is no other letter,
    and characters that nobody sees are left out."""
    composed = unicodedata.normalize("NFC", text.translate(TYPOGRAPHIC))
    return "".join(_simplify_character(c) for c in composed if not _is_invisible(c))


def _is_invisible(character: str) -> bool:
    """True for an invisible character, and for an accent that could not be composed."""
    return unicodedata.category(character) == "Cf" or ord(character) in _ACCENTS


def _simplify_character(character: str) -> str:
    if character in GSM_BASIC or character in GSM_EXTENDED:
        return character
    parts = unicodedata.normalize("NFKD", character)
    bases = "".join(part for part in parts if not unicodedata.combining(part))
    if not bases or not GSM_BASIC.issuperset(bases):
        return character
    return bases


def fit_name(write: Callable[[str], str], name: str, most: int = MAX_SEGMENTS) -> str:
    """The text that ``write`` makes of a name, shortened until it fits in one segment; in ``most``
    segments if too little of the name would be left."""
    name = unicodedata.normalize("NFC", name)
    text = _shorten_name(write, name, 1)
    if text is not None:
        return text
    return _shorten_name(write, name, most, shortest=0) or simplify(write("..."))


def _shorten_name(
    write: Callable[[str], str], name: str, most: int, shortest: int = SHORTEST_NAME
) -> str | None:
    """The text with as much of the name as fits. None when that is less than ``shortest``."""
    text = _end_once(simplify(write(name)))
    length = min(len(name), 153 * most)
    while count_segments(text) > most:
        length -= 1
        if length < shortest:
            return None
        text = _end_once(simplify(write(f"{name[:length].rstrip(' .,')}...")))
    return text


def _end_once(text: str) -> str:
    """The text without the second full stop after a name that ends with one, such as B.V."""
    return _TWO_STOPS.sub(r"\1", text)
