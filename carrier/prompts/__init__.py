"""The sentences of each language, and the values in them as they are spoken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
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
from routing.message import LocalMoment, Phrase, SentenceValue
from routing.voice_document import Value


@dataclass
class _PromptsInUse:
    """What the operator has of their own, in this process."""

    own: OwnPrompts = NO_PROMPTS
    sounds: Mapping[str, PromptSound] = field(default_factory=dict)


_IN_USE = _PromptsInUse()


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


def render_sentence(language: str, prompt: str, values: Mapping[str, Value] | None = None) -> str:
    """The sentence of this prompt with its values. Raises KeyError for an unknown prompt."""
    return _fill(language, read_spoken(language)[prompt], values or {})


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


def _fill(language: str, template: str, values: Mapping[str, Value | SentenceValue]) -> str:
    spoken = {name: _speak(language, value) for name, value in values.items()}
    return template.format_map(spoken)


def _speak(language: str, value: Value | SentenceValue) -> str:
    if isinstance(value, dt.timedelta):
        return format_duration(language, value)
    if isinstance(value, LocalMoment):
        return format_moment(language, value.at, value.zone)
    if isinstance(value, tuple):
        return ", ".join(render_phrase(language, part) for part in value)
    if isinstance(value, dt.datetime):
        return format_spoken_moment(language, value)
    text = str(value)
    if not text.isprintable():
        text = "".join([one if one.isprintable() else " " for one in text])
    return text


def render_phrase(language: str, part: Phrase) -> str:
    """The words of a part of a text message."""
    return render_text(language, part.words, dict(part.values))


def format_moment(language: str, at: dt.datetime, zone: str) -> str:
    """A moment as clocks and calendars of the zone show it: maandag 9 maart 09:00."""
    here, said = at.astimezone(ZoneInfo(zone)), read_sentences(language)["time"]
    day, month = said["weekdays"][here.weekday()], said["months"][here.month - 1]
    return f"{day} {here.day} {month} {here:%H:%M}"


def format_duration(language: str, length: dt.timedelta) -> str:
    """A length of time as people say it: seconds below a minute, else minutes, else hours."""
    seconds = max(0, round(length.total_seconds()))
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return _count(language, unit, seconds // size)
    return _count(language, "second", seconds)


def format_spoken_moment(language: str, at: dt.datetime) -> str:
    """A local moment as people say it, with the day of the week and the date."""
    said = read_sentences(language)["time"]
    template = said["clock"]
    if at.minute == 0:
        template = said["hour_sharp"]
    clock = template.format(hour=at.hour, minute=f"{at:%M}")
    day, month = said["weekdays"][at.weekday()], said["months"][at.month - 1]
    return str(said["moment"].format(day=day, date=at.day, month=month, clock=clock))


def _count(language: str, unit: str, count: int) -> str:
    one, many = read_sentences(language)["time"][unit]
    if count == 1:
        return str(one)
    return str(many.format(n=count))
