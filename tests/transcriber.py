"""Speech for tests: what a synthesiser says, and a transcriber that knows what it is given."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from service.speech import TranscriptionError, UnreadableError
from service.speech.engine import read_wav, resample

TELEPHONE = 8000


@dataclass
class KnowingTranscriber:
    """It has been told the words of some sounds, and hears nothing in the others."""

    words: Mapping[bytes, str] = field(default_factory=dict)
    languages: Sequence[str] = ("nl", "en")
    asked: list[str] = field(default_factory=list)

    def transcribe(self, sound: bytes, language: str, check: Callable[[], None] = int) -> str:
        self.asked.append(language)
        if language not in self.languages:
            raise TranscriptionError("there is no model")
        if not sound.startswith(b"RIFF"):
            raise UnreadableError("this is no sound")
        check()
        return self.words.get(sound, "")


def wav(samples: array[int], rate: int = TELEPHONE) -> bytes:
    """The samples as a file."""
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return memory.getvalue()


def can_speak() -> bool:
    """Whether there is a synthesiser on this machine."""
    return shutil.which("espeak-ng") is not None


def speak(text: str) -> array[int]:
    """The samples of a sentence, as a telephone brings them."""
    command = ["espeak-ng", "-v", "en-us", "-s", "140", "--stdout", text]
    spoken = subprocess.run(command, capture_output=True, check=True).stdout
    samples, rate = read_wav(spoken)
    return resample(samples, rate, TELEPHONE)
