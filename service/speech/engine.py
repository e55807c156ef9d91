"""Turns the sound on standard input into words on standard output, with a local engine.

    python engine.py ENGINE MODEL LANGUAGE < sound.wav

`service/speech/` starts this file for each recording, because an engine is a large C++
program that reads sound from strangers: if it crashes, hangs or takes all memory, only the words
are lost. The file imports nothing of the line, knows no secret, and yields to every other process.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import signal
import sys
from array import array
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

NO_ENGINE, NO_MODEL, NO_SOUND = 3, 4, 5
"""Exit codes: the engine is not installed, it cannot use the model, the sound is no speech."""

RATE = 16000
"""Samples a second that every engine takes."""

LOWEST_RATE, HIGHEST_RATE = 4000, 192_000
"""No telephone makes another. A file that says one sample a second would fill all memory."""

PCM, A_LAW, MU_LAW, EXTENSIBLE = 1, 6, 7, 0xFFFE
PR_SET_PDEATHSIG = 1
LOW_PRIORITY = 10
"""Nobody waits for words, but they should come while a machine is busy."""

MOST_CHARACTERS = 4000
QUIETEST = 100
"""A sound in which no sample is larger is silence. Engines find words in it: one heard a dog."""

Engine = Callable[[Path, str, "array[int]"], str]


class SoundError(Exception):
    """These bytes are no sound that a telephone makes."""


# The sound: a wav file as 16-bit samples of one channel.


def read_wav(data: bytes) -> tuple[array[int], int]:
    """The samples of a wav file, and how many there are in a second. Raises SoundError.

    The module `wave` reads no mu-law, which is what telephone networks speak.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise SoundError
    form, place = b"", 12
    while place + 8 <= len(data):
        name, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        body = data[place + 8 : place + 8 + size]  # a stream says a size larger than it has
        if name == b"fmt ":
            form = body
        elif name == b"data" and len(form) >= 16:
            return _decode(form, body), int.from_bytes(form[4:8], "little")
        place += 8 + size + size % 2
    raise SoundError


def _decode(form: bytes, body: bytes) -> array[int]:
    kind, channels, bits = (int.from_bytes(form[at : at + 2], "little") for at in (0, 2, 14))
    if kind == EXTENSIBLE and len(form) >= 26:
        kind = int.from_bytes(form[24:26], "little")
    samples: array[int]
    if kind == PCM and bits == 16:
        samples = array("h", body[: len(body) // 2 * 2])
        if sys.byteorder == "big":
            samples.byteswap()
    elif kind == MU_LAW and bits == 8:
        table = [expand_mu_law(byte) for byte in range(256)]
        samples = array("h", [table[byte] for byte in body])
    elif kind == A_LAW and bits == 8:
        table = [expand_a_law(byte) for byte in range(256)]
        samples = array("h", [table[byte] for byte in body])
    else:
        raise SoundError
    if channels < 1:
        raise SoundError
    return samples[::channels]


def expand_mu_law(byte: int) -> int:
    """The sample of a mu-law byte (ITU-T G.711)."""
    byte = ~byte & 0xFF
    size = (((byte & 0x0F) << 3) + 0x84 << (byte >> 4 & 7)) - 0x84
    return -size if byte & 0x80 else size


def expand_a_law(byte: int) -> int:
    """The sample of an A-law byte (ITU-T G.711)."""
    byte ^= 0x55
    size, segment = (byte & 0x0F) << 4, byte >> 4 & 7
    size += 8 if segment == 0 else 0x108
    if segment > 1:
        size <<= segment - 1
    return size if byte & 0x80 else -size


def resample(samples: array[int], rate: int, wanted: int) -> array[int]:
    """The same sound with another number of samples a second, on straight lines between them."""
    if rate == wanted or not samples:
        return samples
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise SoundError
    last, found = len(samples) - 1, array("h")
    for number in range(len(samples) * wanted // rate):
        place, part = divmod(number * rate, wanted)
        after = samples[min(place + 1, last)]
        found.append(samples[place] + (after - samples[place]) * part // wanted)
    return found


# The engines. Each import is inside its function: only one of them is installed.


def hear_with_vosk(model: Path, language: str, samples: array[int]) -> str:
    """The words that Vosk finds. Some of its models are made for the telephone's own rate."""
    import vosk

    vosk.SetLogLevel(-1)
    conf = next(model.rglob("mfcc.conf"), None)
    given = conf and re.search(r"--sample-frequency=(\d+)", conf.read_text())
    rate = int(given[1]) if given else RATE
    recognizer = vosk.KaldiRecognizer(vosk.Model(str(model)), rate)
    sound = resample(samples, RATE, rate).tobytes()
    blocks = (sound[start : start + rate] for start in range(0, len(sound), rate))
    found = [recognizer.Result() for block in blocks if recognizer.AcceptWaveform(block)]
    return " ".join(json.loads(part)["text"] for part in (*found, recognizer.FinalResult()))


def hear_with_whisper(model: Path, language: str, samples: array[int]) -> str:
    """The words that Whisper finds. Pauses are cut out: it invents words for them."""
    import numpy
    from faster_whisper import WhisperModel

    loaded = WhisperModel(
        str(model), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
    )
    sound = numpy.frombuffer(samples.tobytes(), numpy.int16).astype(numpy.float32) / 32768
    parts, _ = loaded.transcribe(
        sound, language=language, beam_size=1, vad_filter=True, condition_on_previous_text=False
    )
    return " ".join(part.text.strip() for part in parts)


def hear_with_pocketsphinx(model: Path, language: str, samples: array[int]) -> str:
    """The words that PocketSphinx finds. A model is a folder with `mdef`, a language model and a
    dictionary, as its package has them."""
    from pocketsphinx import Decoder

    grammars = [one for one in model.glob("*.lm*") if "phone" not in one.name]
    decoder = Decoder(
        hmm=str(next(model.rglob("mdef")).parent),
        lm=str(grammars[0]),
        dict=str(next(model.glob("*.dict"))),
        samprate=float(RATE),
        loglevel="FATAL",
    )
    decoder.start_utt()
    decoder.process_raw(samples.tobytes(), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return found.hypstr if found else ""


ENGINES: dict[str, Engine] = {
    "vosk": hear_with_vosk,
    "faster-whisper": hear_with_whisper,
    "pocketsphinx": hear_with_pocketsphinx,
}


def hear(engine: str, model: Path, language: str, samples: array[int]) -> str:
    """The words of a sound, '' for silence."""
    if max(map(abs, samples), default=0) <= QUIETEST:
        return ""
    return ENGINES[engine](model, language, samples)


def be_small() -> None:
    """Yield to every other process, end with the one that started this and before any other where
    memory is short, and leave no copy of the sound on the disk after a crash."""
    os.nice(LOW_PRIORITY)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(AttributeError, OSError):  # only Linux has it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        Path("/proc/self/oom_score_adj").write_text("1000")


def main(engine: str, model: str, language: str) -> int:
    """Print the words; return the exit code."""
    be_small()
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # engines print what they do
    try:
        samples, rate = read_wav(sys.stdin.buffer.read())
        words = hear(engine, Path(model), language, resample(samples, rate, RATE))
    except SoundError:
        return NO_SOUND
    except ImportError:
        return NO_ENGINE
    except Exception:  # each engine has its own; a model that it cannot use is the usual cause
        return NO_MODEL
    line = " ".join(words.split())[:MOST_CHARACTERS]
    answer.write(line.encode())
    answer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
