"""The sentences of each language, and the values in them as they are spoken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from carrier.prompts.sources import (
    NO_PROMPTS,
    SPOKEN,
    OwnPrompts,
    PromptSound,
    Sentences,
    read_folder,
    read_ours,
)
from routing.message import Phrase, SentenceValue
from routing.oncall.local_time import LocalMoment, wall
from routing.voice_document import Value


@dataclass
class _PromptsInUse:
    """What the operator has of their own, in this process."""

    own: OwnPrompts = NO_PROMPTS
    sounds: Mapping[str, PromptSound] = field(default_factory=dict)


_IN_USE = _PromptsInUse()

SPELLED = ("number", "contract")
"""The values of spoken sentences that are said digit by digit, as they are keyed and written."""


def use_folder(folder: Path | None) -> None:
    """Read the operator's own prompts, when a process starts. Raises PromptsError."""
    _IN_USE.own = NO_PROMPTS
    if folder is not None:
        _IN_USE.own = read_folder(folder)
    _IN_USE.sounds = {sound.name: sound for sound in _IN_USE.own.list_sounds()}
    read_sentences.cache_clear()
    read_spoken.cache_clear()


def list_languages() -> tuple[str, ...]:
    """The languages that have sentences: ours, and those of the operator."""
    return tuple(dict.fromkeys((*SPOKEN, *_IN_USE.own.whole)))


def find_recording(language: str, prompt: str) -> str | None:
    """The name of the recording that is played instead of this sentence."""
    found = _IN_USE.own.recordings.get((language, prompt))
    if found is None:
        return None
    return found.name


def find_music(file: str) -> str | None:
    """The name of a piece of music of the operator, as ``music`` of line.yaml has its file."""
    found = _IN_USE.own.music.get(file)
    if found is None:
        return None
    return found.name


def find_sound(name: str) -> PromptSound | None:
    """The sound of this name. Nothing else of the folder can be asked for."""
    return _IN_USE.sounds.get(name)


def own_prompts() -> OwnPrompts:
    """What the operator has of their own."""
    return _IN_USE.own


@cache
def read_sentences(language: str) -> Sentences:
    """The whole file of one language, with what the operator put over it. A language without a file
    gets the first one's sentences."""
    return _IN_USE.own.whole.get(language) or read_ours(language)


@cache
def read_spoken(language: str) -> Mapping[str, str]:
    """The sentences that a caller or an engineer hears."""
    sentences = read_sentences(language)
    return {**sentences["engineer"], **sentences["caller"]}


def find_voice(language: str) -> tuple[str, str]:
    """The carrier's names for the language and for the voice that speaks it."""
    said = read_sentences(language)["voice"]
    return said["language"], said["voice"]


def render_sentence(
    language: str,
    prompt: str,
    values: Mapping[str, Value] | None = None,
    now: dt.datetime | None = None,
) -> str:
    """The sentence of this prompt with its values as they are spoken at a moment, without which a
    day is named by its date. Raises KeyError for an unknown prompt."""
    template, spoken = read_spoken(language)[prompt], {}
    for name, value in (values or {}).items():
        if name in SPELLED:
            spoken[name] = " ".join(str(value))
        elif isinstance(value, LocalMoment):
            spoken[name] = speak_moment(language, value, now)
        else:
            spoken[name] = _write(language, value)
    return template.format_map(spoken)


def render_text(language: str, prompt: str, values: Mapping[str, SentenceValue]) -> str:
    """The words of a text message or of the subject of a mail."""
    return _fill(language, read_sentences(language)["text"][prompt], values)


def render_mail(language: str, prompt: str, values: Mapping[str, SentenceValue]) -> str:
    """The words of a mail; those of a text message where a mail has none of its own."""
    written = {**read_sentences(language)["text"], **read_sentences(language)["mail"]}
    return _fill(language, written[prompt], values)


def choose_by_level(prompt: str, level: int) -> str:
    """The prompt for an incident of this level. Levels 2 to 4 are the desk's, and not urgent."""
    if level == 1:
        return prompt
    return f"{prompt}_desk"


def _fill(language: str, template: str, values: Mapping[str, SentenceValue]) -> str:
    written = {name: _write(language, value) for name, value in values.items()}
    return template.format_map(written)


def _write(language: str, value: Value | SentenceValue) -> str:
    if isinstance(value, dt.timedelta):
        return format_duration(language, value)
    if isinstance(value, LocalMoment):
        return format_moment(language, value.at, value.zone)
    if isinstance(value, tuple):
        return ", ".join(render_phrase(language, part) for part in value)
    text = str(value)
    if not text.isprintable():
        text = "".join([one if one.isprintable() else " " for one in text])
    return text


def render_phrase(language: str, part: Phrase) -> str:
    """The words of a part of a text message."""
    return render_text(language, part.words, dict(part.values))


def format_moment(language: str, at: dt.datetime, zone: str) -> str:
    """A moment as clocks and calendars of the zone show it: ma 9 mrt 09:00."""
    here, said = at.astimezone(ZoneInfo(zone)), read_sentences(language)["time"]
    day, month = said["short_weekdays"][here.weekday()], said["short_months"][here.month - 1]
    return f"{day} {here.day} {month} {here:%H:%M}"


def format_duration(language: str, length: dt.timedelta) -> str:
    """A length of time as people say it, to the nearest minute from a minute on."""
    seconds = max(1, round(length.total_seconds()))
    if seconds < 60:
        return _count(language, "second", seconds)
    hours, minutes = divmod(round(seconds / 60), 60)
    days, hours = divmod(hours, 24)
    if days:
        return _join_units(language, ("day", days), ("hour", hours))
    return _join_units(language, ("hour", hours), ("minute", minutes))


def _join_units(language: str, *units: tuple[str, int]) -> str:
    """The counts that are not zero, of which there is one at least."""
    first, *second = [_count(language, unit, count) for unit, count in units if count]
    if not second:
        return first
    said = read_sentences(language)["time"]
    return str(said["both"].format(first=first, second=second[0]))


def speak_moment(language: str, moment: LocalMoment, now: dt.datetime | None = None) -> str:
    """A moment as people say it: the hour, today, tomorrow, on a day of this week or on a date."""
    said, here = read_sentences(language)["time"], wall(moment.at, moment.zone)
    template = said["on_date"]
    if now is not None:
        days = (here.date() - wall(now, moment.zone).date()).days
        near = (said["today"], said["tomorrow"], *[said["this_week"]] * 5)
        if 0 <= days < len(near):
            template = near[days]
    return str(
        template.format(
            clock=_speak_clock(said, here),
            weekday=said["weekdays"][here.weekday()],
            date=here.day,
            month=said["months"][here.month - 1],
        )
    )


def _speak_clock(said: Mapping[str, Any], at: dt.datetime) -> str:
    """The hour; ``hour_sharp`` and ``clock`` are said before noon and after it."""
    if (at.hour, at.minute) == (12, 0):
        return str(said["noon"])
    form = "hour_sharp" if at.minute == 0 else "clock"
    template = said[form][at.hour // 12]
    return str(template.format(hour=said["hours"][at.hour], minute=f"{at:%M}"))


def _count(language: str, unit: str, count: int) -> str:
    one, many = read_sentences(language)["time"][unit]
    if count == 1:
        return str(one)
    return str(many.format(n=count))
