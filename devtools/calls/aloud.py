"""Speaks the main path with espeak-ng, and measures whether it lasts as long as the table claims.

The table counts fifteen characters a second in every language. espeak-ng speaks 175 words a minute
unless it is told otherwise, and does so here: no rate is chosen that would make the figures fit.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from devtools.calls.hearing import seconds_to_speak
from devtools.calls.story import Walked

SYNTHESISER = "espeak-ng"
WORDS_A_MINUTE = 175
VOICES = {"nl": "nl", "en": "en-gb", "de": "de", "fr": "fr"}
AT_MOST_OFF = 0.10


@dataclass(frozen=True)
class ReadAloud:
    """What a caller of one language hears until a telephone rings: claimed, and as spoken."""

    language: str
    sentences: int
    claimed: float
    measured: float

    @property
    def off(self) -> float:
        """By which part the measured time differs; positive where it lasts longer."""
        return self.measured / self.claimed - 1

    @property
    def holds(self) -> bool:
        """True where the claim is within a tenth of what was measured."""
        return abs(self.off) <= AT_MOST_OFF

    def __str__(self) -> str:
        """One line of the report."""
        verdict = "holds" if self.holds else "does NOT hold"
        return (
            f"{self.language}: {self.sentences} sentences, claimed {self.claimed:.1f} s, "
            f"read aloud {self.measured:.1f} s ({self.off:+.0%}): {verdict}"
        )


def find_synthesiser() -> str | None:
    """The program that speaks, or None where it is not installed."""
    return shutil.which(SYNTHESISER)


def read_aloud(walked: Walked, folder: Path | None = None) -> ReadAloud:
    """Speak each sentence until the ring; keep a wav of each where a folder is given."""
    until = walked.rings_at or walked.caller.ends
    texts = [one.text for one in walked.caller.spoken if one.begins < until]
    spoken = list(_speak_all(walked.language, texts))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for number, sound in enumerate(spoken, 1):
            (folder / f"{number:02}.wav").write_bytes(sound)
    claimed = sum(seconds_to_speak(text) for text in texts)
    return ReadAloud(walked.language, len(texts), claimed, sum(map(measure_wav, spoken)))


def _speak_all(language: str, texts: Sequence[str]) -> Iterator[bytes]:
    for text in texts:
        voice = ["-v", VOICES[language], "-s", str(WORDS_A_MINUTE)]
        command = [find_synthesiser() or SYNTHESISER, *voice, "-z", "--stdout", "--", text]
        yield subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - ours


def measure_wav(sound: bytes) -> float:
    """The seconds of a wav; the header of one that was piped does not know its length."""
    with wave.open(io.BytesIO(sound)) as header:
        frame = header.getsampwidth() * header.getnchannels()
        return float((len(sound) - sound.index(b"data") - 8) / frame / header.getframerate())
