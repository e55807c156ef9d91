"""Where sentences come from: our own files, and the operator's folder that overlays them.

The folder is PROMPTS_DIR: ``nl.toml`` with sentences, ``nl/welcome.wav`` with a recording of one,
``music/hold.wav`` with music. A language that we do not have is a complete file.
"""

from __future__ import annotations

import hashlib
import re
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

SPOKEN = ("nl", "en", "de", "fr")
"""The languages that have a file of sentences here."""

Sentences = Mapping[str, Mapping[str, Any]]
"""A whole file: the keys of each section."""

HEARD = ("caller", "engineer")
"""The sections that are spoken, and so can be recorded."""

MUSIC = "music"
LONGEST_PIECE = 20
"""Seconds of a piece of music. Each loop on hold has one, and news comes between two loops."""

LONGEST = 2000
"""Characters of a sentence. The carrier takes 3,000, with the values in it."""

LARGEST = 10 * 1024 * 1024
"""Bytes of a file: each process reads all of them when it starts."""

CONTENT_TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg"}
_MP3_BEGINS = re.compile(rb"ID3|\xff[\xe0-\xff]")
WAV_FORMATS = (1, 6, 7)
"""PCM, A-law and µ-law, as the header of a wav numbers them."""


class PromptsError(Exception):
    """A file of the folder cannot be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class PromptSound:
    """A recording or a piece of music. Its name in an address follows from its content, so that
    nobody guesses it and a cache never plays an old one."""

    path: Path
    name: str
    seconds: float | None  # None for an mp3, which is not measured

    @property
    def content_type(self) -> str:
        """The content type with which it is served."""
        return CONTENT_TYPES[self.path.suffix]


@dataclass(frozen=True, slots=True)
class OwnPrompts:
    """What the folder contains. ``whole`` are the files of sentences with ours below them;
    ``recordings`` are those of sentences without a value, because no other can be played."""

    sentences: Mapping[str, Sentences] = field(default_factory=dict)
    whole: Mapping[str, Sentences] = field(default_factory=dict)
    recorded: Mapping[tuple[str, str], PromptSound] = field(default_factory=dict)
    recordings: Mapping[tuple[str, str], PromptSound] = field(default_factory=dict)
    music: Mapping[str, PromptSound] = field(default_factory=dict)

    def list_sounds(self) -> Iterator[PromptSound]:
        """Everything that can be played."""
        yield from self.recordings.values()
        yield from self.music.values()


NO_PROMPTS = OwnPrompts()


@cache
def read_ours(language: str) -> Sentences:
    """Our own file of one language. A language without a file gets the first one's sentences."""
    if language not in SPOKEN:
        language = SPOKEN[0]
    text = resources.files("carrier.prompts").joinpath(f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


def read_folder(folder: Path) -> OwnPrompts:
    """Read and check the whole folder. Raises PromptsError at the first mistake."""
    try:
        found = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    except OSError as error:
        raise PromptsError(f"{folder}: it cannot be read: {error.strerror}") from None
    sentences = {file.stem: _read_sentences(file) for file in found if file.suffix == ".toml"}
    whole = {language: _overlay(language, own) for language, own in sentences.items()}
    recorded: dict[tuple[str, str], PromptSound] = {}
    music: dict[str, PromptSound] = {}
    for inner in filter(Path.is_dir, found):
        if inner.name == MUSIC:
            music = {f"{MUSIC}/{file.name}": read_sound(file) for file in _list_files(inner)}
        else:
            recorded |= _read_recordings(inner, whole.get(inner.name))
    fixed = {key: sound for key, sound in recorded.items() if not _has_values(whole, *key)}
    return OwnPrompts(sentences, whole, recorded, fixed, music)


def _read_file(file: Path, where: str) -> bytes:
    """The bytes of a file of the folder. Anything else there, such as a pipe, is not waited for."""
    if not file.is_file():
        raise PromptsError(f"{where}: it is no file that can be read")
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise PromptsError(f"{where}: it cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise PromptsError(f"{where}: it is larger than {LARGEST // 1024 // 1024} MB")
    return data


# Sentences.


def _read_sentences(file: Path) -> Sentences:
    data = _read_file(file, file.name)
    try:
        own = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise PromptsError(f"{file.name}: it is not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise PromptsError(f"{file.name}: it is not TOML: {error}") from None
    if not (file.stem.isascii() and file.stem.islower() and 2 <= len(file.stem) <= 3):
        raise PromptsError(f"{file.name}: its name is no language, such as nl.toml")
    if not own:
        raise PromptsError(f"{file.name}: it is empty")
    _compare(file.name, own, read_ours(file.stem), complete=file.stem not in SPOKEN)
    return own


def _compare(where: str, own: Any, ours: Any, *, complete: bool) -> None:
    """Refuse what ours does not have: a key, a value in braces, another kind of entry."""
    if isinstance(ours, Mapping):
        if not isinstance(own, Mapping):
            raise PromptsError(f"{where}: it must be a section with keys")
        _compare_keys(where, own, ours, complete=complete)
        for key, value in own.items():
            _compare(f"{where}: {key}", value, ours[key], complete=complete)
    elif isinstance(ours, list):
        if not isinstance(own, list) or len(own) != len(ours):
            raise PromptsError(f"{where}: it must be a list of {len(ours)} entries")
        for value in own:
            _compare(where, value, " ".join(map(str, ours)), complete=complete)
    else:
        _compare_sentence(where, own, str(ours))


def _compare_keys(
    where: str, own: Mapping[str, Any], ours: Mapping[str, Any], *, complete: bool
) -> None:
    for key in own:
        if key not in ours:
            near = get_close_matches(key, list(ours), n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(ours)}"
            raise PromptsError(f"{where}: {key} is unknown; {hint[:200]}")
    missing = [key for key in ours if key not in own]
    if complete and missing:
        raise PromptsError(f"{where}: {missing[0]} is missing; a new language needs every key")


def _compare_sentence(where: str, own: Any, ours: str) -> None:
    if not isinstance(own, str) or not own.strip():
        raise PromptsError(f"{where}: it must be a sentence in quotes, and is empty")
    if not own.isprintable() or len(own) > LONGEST:
        raise PromptsError(f"{where}: it must be one line of at most {LONGEST} characters")
    try:
        names = find_values(own)
    except ValueError:
        raise PromptsError(f"{where}: its braces do not match; a brace itself is {{{{") from None
    known = find_values(ours)
    for name in sorted(names - known):
        values = ", ".join(f"{{{one}}}" for one in sorted(known)) or "none"
        raise PromptsError(f"{where}: {{{name}}} is no value of this sentence; known: {values}")


def find_values(sentence: str) -> set[str]:
    """The names in braces; one with a form or a conversion is marked, so that no sentence of ours
    has it. Raises ValueError."""
    found = set()
    for _, name, form, conversion in string.Formatter().parse(sentence):
        if name is not None:
            found.add("".join([name, "!" if conversion else "", ":" if form else ""]))
    return found


def _overlay(language: str, own: Sentences) -> Sentences:
    """The whole file of a language: ours, and over it the operator's."""
    ours = read_ours(language)
    return {section: {**ours[section], **own.get(section, {})} for section in ours}


# Sounds.


def _list_files(folder: Path) -> list[Path]:
    try:
        found = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    except OSError as error:
        raise PromptsError(f"{folder.name}: it cannot be read: {error.strerror}") from None
    for file in found:
        if file.suffix not in CONTENT_TYPES:
            raise PromptsError(f"{folder.name}/{file.name}: it must be a .wav or an .mp3 file")
    return found


def _read_recordings(
    folder: Path, whole: Sentences | None
) -> Iterator[tuple[tuple[str, str], PromptSound]]:
    language = folder.name
    if whole is None and language not in SPOKEN:
        raise PromptsError(f"{language}: the folder is no language with sentences, and not {MUSIC}")
    keys = list_heard(whole or read_ours(language))
    taken: set[str] = set()
    for file in _list_files(folder):
        if file.stem not in keys:
            near = get_close_matches(file.stem, list(keys), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise PromptsError(f"{language}/{file.name}: no spoken sentence has this key{hint}")
        if file.stem in taken:
            raise PromptsError(f"{language}/{file.name}: {file.stem} is recorded twice")
        taken.add(file.stem)
        yield (language, file.stem), read_sound(file)


def list_heard(whole: Sentences) -> dict[str, str]:
    """The spoken sentences of a file by their keys."""
    return {key: said for section in HEARD for key, said in whole[section].items()}


def _has_values(whole: Mapping[str, Sentences], language: str, key: str) -> bool:
    sentences = whole.get(language) or read_ours(language)
    return bool(find_values(list_heard(sentences)[key]))


def read_sound(file: Path) -> PromptSound:
    """A file that the carrier can play. Raises PromptsError."""
    where = f"{file.parent.name}/{file.name}"
    data = _read_file(file, where)
    if not data:
        raise PromptsError(f"{where}: it is empty")
    seconds = None
    if file.suffix == ".wav":
        seconds = _measure_wav(data)
        if not seconds:
            raise PromptsError(f"{where}: it is no wav in PCM, A-law or µ-law: it cannot be played")
    if file.suffix == ".mp3" and not _MP3_BEGINS.match(data):
        raise PromptsError(f"{where}: it is no mp3, so it cannot be played")
    return PromptSound(file, hashlib.sha256(data).hexdigest()[:32] + file.suffix, seconds)


def _measure_wav(data: bytes) -> float:
    """The seconds of sound of a file; 0 for one that has none, or in a format that is not played.
    The standard library reads PCM only."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return 0.0
    place, bytes_a_second = 12, 0
    while place + 8 <= len(data):
        name, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        inside = data[place + 8 : place + 8 + size]
        if name == b"fmt " and int.from_bytes(inside[:2], "little") in WAV_FORMATS:
            bytes_a_second = int.from_bytes(inside[8:12], "little")
        if name == b"data" and bytes_a_second:
            return len(inside) / bytes_a_second
        place += 8 + size + size % 2
    return 0.0


# What `check` says about the folder.


KEY_VALUES = ("key", "take", "pass_on")
"""The values of sentences that are keys of the telephone."""


def find_prompt_warnings(own: OwnPrompts) -> Iterator[tuple[str, str]]:
    """Files with keys, and what is hardly meant there."""
    for language, sentences in own.sentences.items():
        ours = list_heard(read_ours(language))
        for section in HEARD:
            for key, said in sentences.get(section, {}).items():
                lost = _find_keys(ours[key]) - _find_keys(said)
                if lost and language in SPOKEN:
                    named = " and ".join(sorted(lost))
                    yield f"{language}.toml: {section}: {key}", f"no longer names key {named}"
    for file, piece in own.music.items():
        if piece.seconds is not None and piece.seconds > LONGEST_PIECE:
            text = f"lasts {round(piece.seconds)} s, in which who waits hears no news; cut it into"
            yield file, f"{text} pieces of at most {LONGEST_PIECE} s"
    for language, key in own.recorded.keys() - own.recordings.keys():
        name = f"{language}/{own.recorded[language, key].path.name}"
        yield name, "is never played: the sentence has values, so it is spoken"


def _find_keys(sentence: str) -> set[str]:
    digits = {sign for sign in sentence if sign.isdigit()}
    return digits | {f"{{{name}}}" for name in find_values(sentence).intersection(KEY_VALUES)}


def summarise_prompts(own: OwnPrompts, languages: Iterable[str]) -> Iterator[str]:
    """For each language how much is the operator's, and how much is ours."""
    for language in languages:
        theirs = own.sentences.get(language, {})
        ours = read_ours(language)
        counts = [
            f"[{section}] {len(ours[section]) - len(theirs.get(section, {}))}" for section in ours
        ]
        recorded = sum(known == language for known, _ in own.recordings)
        whole = own.whole.get(language) or ours
        fixed = sum(not find_values(said) for said in list_heard(whole).values())
        yield (
            f"{language}: sentences that are ours: {', '.join(counts)};"
            f" recordings: {recorded} of the {fixed} sentences without a value"
        )
