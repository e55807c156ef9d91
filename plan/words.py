"""Single words: names, numbers that are rung or keyed, languages, and names of other things."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers

from plan.forms import closest
from plan.reading import Reader, Reading, Terms, Wrong, then, word
from plan.sheet import Entry
from routing.line import LAST_RESORT
from routing.numbers import normalise, why_not_called

E = TypeVar("E", bound=StrEnum)

PIN_LENGTHS = range(4, 13)
_LONGEST_NAME = 200


def fitting(pattern: str, what: str) -> Reader[str]:
    """A word of a certain form, which the message names when it does not fit."""
    form = re.compile(pattern, re.ASCII)

    def read(entry: Entry, reading: Reading) -> str:
        text = word(entry, reading)
        if not form.fullmatch(text):
            raise Wrong(f"must be {what}")
        return text

    return read


def among(*choices: str) -> Reader[str]:
    """One of a few words."""
    return fitting("|".join(map(re.escape, choices)), f"one of {', '.join(choices)}")


def choice(kind: type[E]) -> Reader[E]:
    """One of the words of an enumeration."""
    return then(among(*kind), kind)


def whole(lowest: int, highest: int) -> Reader[int]:
    """A whole number between two, both included."""
    what = f"a whole number from {lowest} to {highest}"

    def make(text: str) -> int:
        if not lowest <= int(text) <= highest:
            raise Wrong(f"must be {what}")
        return int(text)

    return then(fitting(r"\d{1,9}", what), make)


def reference(kind: str, known: Callable[[Terms], frozenset[str]]) -> Reader[str]:
    """The id of something that stands elsewhere in the file."""

    def read(entry: Entry, reading: Reading) -> str:
        text, ids = word(entry, reading), known(reading.terms)
        if text not in ids:
            raise Wrong(f"is no {kind} of this file; {closest(text, ids)}")
        return text

    return read


def name(entry: Entry, reading: Reading) -> str:
    """What a person or a thing is called, on one line."""
    text = word(entry, reading)
    if not text.isprintable() or len(text) > _LONGEST_NAME:
        raise Wrong(f"must be one line of at most {_LONGEST_NAME} characters")
    return text


def identifier(entry: Entry, reading: Reading) -> str:
    """An id that a person can type; the last resort's is taken."""
    text = _identifier(entry, reading)
    if text == LAST_RESORT:
        raise Wrong("is the name of the last resort; take another")
    return text


def phone(entry: Entry, reading: Reading) -> str:
    """A phone number in E.164, read in the country of the line."""
    country = reading.terms.country
    number = normalise(word(entry, reading), country)
    if number is None:
        raise Wrong(f"is no phone number of {country} or the world; write it as +31612345678")
    return number


def contact_phone(entry: Entry, reading: Reading) -> str:
    """A number of a contact; outside the file of the line an ordinary one that the line dials."""
    number, countries = phone(entry, reading), reading.terms.dialled
    why = why_not_called(number, countries) if countries else None
    if why is not None:
        raise Wrong(f"is not dialled: it is {why}; only the file of the line may have it")
    return number


def other_phone(entry: Entry, reading: Reading) -> str:
    """A phone number that is not the line's own."""
    number = phone(entry, reading)
    if number == reading.terms.number:
        raise Wrong("is the number of the line itself, which would ring in a circle")
    return number


def sender(entry: Entry, reading: Reading) -> str:
    """Who texts come from: a phone number, or a name of at most eleven characters."""
    named = any(map(str.isalpha, word(entry, reading)))
    return (_sender if named else phone)(entry, reading)


def spoken(entry: Entry, reading: Reading) -> str:
    """A language that the line has sentences for."""
    return among(*reading.terms.spoken)(entry, reading)


def country(entry: Entry, reading: Reading) -> str:
    """A country whose phone numbers are known, as two capitals."""
    text = word(entry, reading)
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise Wrong("must be a country as two capitals, such as NL")
    return text


def zone(entry: Entry, reading: Reading) -> str:
    """A time zone of the IANA database."""
    text = word(entry, reading)
    if known_zone(text) is None:
        near = get_close_matches(text, available_timezones(), n=1) or ["Europe/Amsterdam"]
        raise Wrong(f"is no time zone; write it as {near[0]}")
    return text


def known_zone(text: str | None) -> str | None:
    """The name, where it is that of a time zone."""
    try:
        return ZoneInfo(text).key if text else None
    except (OSError, ValueError, KeyError):
        return None


_identifier = fitting(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "letters, digits, dots and dashes, at most 64"
)
_sender = fitting(r"[A-Za-z0-9 &+_-]{1,11}", "a phone number, or a name of at most 11 characters")
keyed = fitting(r"\d{1,20}", "digits only, at most 20: callers key it")
email = fitting(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", "an e-mail address such as sanne@example.org")
language = fitting("[a-z]{2,3}", "a language such as nl or en")
engineer = reference("engineer", lambda terms: terms.engineers)
ringable = reference("schedule or engineer", lambda terms: terms.schedules | terms.engineers)
