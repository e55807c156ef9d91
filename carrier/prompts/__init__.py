"""Words are data: the sentences of each language, and how values are spoken in them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from routing.message import LocalMoment, Phrase, Told
from routing.voice_document import Value

SPOKEN = ("nl", "en")
"""The languages that have a file of sentences here."""


@cache
def words(language: str) -> dict[str, Any]:
    """The file of one language, whole; a language without a file speaks the first one's words."""
    name = language if language in SPOKEN else SPOKEN[0]
    text = resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def voice(language: str) -> tuple[str, str]:
    """The carrier's names for the language and for the voice that speaks it."""
    said = words(language)["voice"]
    return said["language"], said["voice"]


def sentence(language: str, prompt: str, values: Mapping[str, Value] | None = None) -> str:
    """The sentence of this prompt with its values; raises KeyError when no language has it."""
    said = words(language)
    template = next(said[room][prompt] for room in ("caller", "engineer") if prompt in said[room])
    return _filled(language, template, values or {})


def text(language: str, prompt: str, values: Mapping[str, Told]) -> str:
    """The words of a text message or of the subject of a mail."""
    return _filled(language, words(language)["text"][prompt], values)


def for_level(prompt: str, level: int) -> str:
    """Level 1 is announced as a priority incident; what the desk handles, plainly."""
    return prompt if level == 1 else f"{prompt}_desk"


def _filled(language: str, template: str, values: Mapping[str, Value | Told]) -> str:
    spoken = {name: _spoken(language, value) for name, value in values.items()}
    return template.format_map(spoken)


def _spoken(language: str, value: Value | Told) -> str:
    if isinstance(value, dt.timedelta):
        return duration(language, value)
    if isinstance(value, LocalMoment):
        return moment(language, value.at, value.zone)
    if isinstance(value, tuple):
        return ", ".join(phrase(language, part) for part in value)
    if isinstance(value, dt.datetime):
        return spoken_moment(language, value)
    return "".join(c if c.isprintable() else " " for c in str(value))


def phrase(language: str, part: Phrase) -> str:
    """The words of a part of a text message."""
    return text(language, part.words, dict(part.values))


def moment(language: str, at: dt.datetime, zone: str) -> str:
    """A moment as clocks and calendars of the zone show it: maandag 9 maart 09:00."""
    here, said = at.astimezone(ZoneInfo(zone)), words(language)["time"]
    day, month = said["weekdays"][here.weekday()], said["months"][here.month - 1]
    return f"{day} {here.day} {month} {here:%H:%M}"


def duration(language: str, length: dt.timedelta) -> str:
    """A length of time as one says it: seconds below a minute, else minutes, else hours."""
    seconds = max(0, round(length.total_seconds()))
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return _counted(language, unit, seconds // size)
    return _counted(language, "second", seconds)


def spoken_moment(language: str, at: dt.datetime) -> str:
    """A local moment as one says it, with the day of the week and the date."""
    said = words(language)["time"]
    clock = said["clock" if at.minute else "hour_sharp"].format(hour=at.hour, minute=f"{at:%M}")
    day, month = said["weekdays"][at.weekday()], said["months"][at.month - 1]
    return str(said["moment"].format(day=day, date=at.day, month=month, clock=clock))


def _counted(language: str, unit: str, count: int) -> str:
    one, many = words(language)["time"][unit]
    return str(one) if count == 1 else str(many.format(n=count))
