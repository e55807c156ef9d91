"""Composes the music for those who wait: ``python -m devtools.music ivr_app/media``.

Eight pieces of twelve seconds make one slow walk through related chords. Each ends in a chord that
fades, so that neither a sentence nor the request for the next piece interrupts a phrase, and the
pieces may follow one another in any order. Everything is written here, so it is ours. The tones
are those that a telephone carries, and softer than speech.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

RATE = 8000
BAR = 3.0
SECONDS = 4 * BAR
FADE = 0.8
LOUDNESS = 0.055
"""The root mean square of a piece, of 1: about -25 decibel."""

CHORDS: dict[str, tuple[int, ...]] = {
    "C": (48, 55, 64, 67, 71),
    "Dm": (50, 57, 65, 69, 72),
    "Em": (52, 59, 64, 67, 74),
    "F": (53, 60, 64, 69, 72),
    "G": (55, 59, 62, 65, 74),
    "Am": (57, 60, 64, 67, 72),
    "C/G": (55, 60, 64, 67, 72),
    "F/A": (57, 60, 65, 69, 76),
}
"""The notes of each chord, as MIDI counts them."""

PIECES = (
    ("C", "Am", "F", "C/G"),
    ("Am", "F", "Dm", "G"),
    ("F", "Em", "Dm", "C/G"),
    ("Dm", "G", "Em", "Am"),
    ("C", "F/A", "G", "Am"),
    ("F", "C/G", "Dm", "F"),
    ("Em", "Am", "F/A", "G"),
    ("Am", "Em", "F", "C"),
)
FIGURES = (
    (2, 3, 4, 3, 2, 3),
    (4, 3, 2, 3, 4, 2),
    (2, 4, 3, 4, 2, 3),
    (3, 2, 3, 4, 3, 2),
)
"""The order in which the upper notes of a chord are struck, six in a bar."""


def compose(number: int) -> bytes:
    """One piece as a wav file, as telephones have it."""
    samples = [0.0] * round(SECONDS * RATE)
    for bar, name in enumerate(PIECES[number]):
        chord, begins = CHORDS[name], bar * BAR
        _hold(samples, begins, chord[:3])
        figure = FIGURES[(number + bar) % len(FIGURES)]
        struck = len(figure)
        if bar == len(PIECES[number]) - 1:
            struck = 3  # the last bar rings out
        for beat, voice in enumerate(figure[:struck]):
            _strike(samples, begins + beat * BAR / len(figure), chord[voice])
    _fade(samples)
    return write_wav(_level(samples))


def _frequency(note: int) -> float:
    return 440.0 * 2 ** ((note - 69) / 12)


def _strike(samples: list[float], begins: float, note: int) -> None:
    """A soft tone that dies away, like that of an electric piano."""
    wave = 2 * math.pi * _frequency(note) / RATE
    first = round(begins * RATE)
    for at in range(min(round(2.5 * RATE), len(samples) - first)):
        seconds = at / RATE
        volume = min(1.0, seconds / 0.012) * math.exp(-1.9 * seconds)
        over = 0.22 * math.exp(-4.0 * seconds) * math.sin(2 * wave * at)
        samples[first + at] += volume * (math.sin(wave * at) + over)


def _hold(samples: list[float], begins: float, notes: Sequence[int]) -> None:
    """The chord below, which swells and sinks with the bar and reaches into the next."""
    length, first = round(1.2 * BAR * RATE), round(begins * RATE)
    for note in notes:
        wave = 2 * math.pi * _frequency(note) / RATE
        for at in range(min(length, len(samples) - first)):
            swell = math.sin(math.pi * at / length) ** 2
            tone = math.sin(wave * at) + 0.3 * math.sin(2 * wave * at)
            samples[first + at] += 0.24 * swell * tone


def _fade(samples: list[float]) -> None:
    """Fade out at the end, and in for a moment at the beginning: no click where pieces meet."""
    fade, begin = round(FADE * RATE), round(0.01 * RATE)
    for at in range(fade):
        samples[-1 - at] *= at / fade
    for at in range(begin):
        samples[at] *= at / begin


def _level(samples: Sequence[float]) -> list[float]:
    """The same piece, as loud as the others."""
    loud = math.sqrt(sum(one * one for one in samples) / len(samples))
    return [one * LOUDNESS / loud for one in samples]


def write_wav(samples: Iterable[float]) -> bytes:
    """A wav file in μ-law: eight bits a sample, which a carrier need not convert."""
    data = bytes(_to_mu_law(round(32767 * one)) for one in samples)
    form = struct.pack("<HHIIHHH", 7, 1, RATE, RATE, 1, 8, 0)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def _to_mu_law(sample: int) -> int:
    """A sample of sixteen bits in eight, by ITU-T G.711."""
    sign = 0x80 if sample < 0 else 0
    size = min(abs(sample), 32635) + 132
    exponent = size.bit_length() - 8
    return ~(sign | exponent << 4 | size >> (exponent + 3) & 0x0F) & 0xFF


def main(folder: Path) -> None:
    """Write all pieces into a folder."""
    for number in range(len(PIECES)):
        (folder / f"music-{number + 1}.wav").write_bytes(compose(number))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
