"""Speech for tests: what a synthesiser says, and a transcriber that knows what it is given."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import pytest

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


def link_english(folder: Path) -> Path:
    """Put the English model that PocketSphinx ships into a folder of models. A test is skipped
    where nothing can understand, or nobody can speak."""
    if find_spec("pocketsphinx") is None:
        pytest.skip("there is no pocketsphinx: pip install -e '.[pocketsphinx]'")
    if shutil.which("espeak-ng") is None:
        pytest.skip("there is no espeak-ng here, so nobody speaks")
    from pocketsphinx import get_model_path

    (folder / "en").symlink_to(get_model_path("en-us"))
    return folder


def speak(text: str) -> array[int]:
    """The samples of a sentence, as a telephone brings them."""
    command = ["espeak-ng", "-v", "en-us", "-s", "140", "--stdout", text]
    spoken = subprocess.run(command, capture_output=True, check=True).stdout
    samples, rate = read_wav(spoken)
    return resample(samples, rate, TELEPHONE)
