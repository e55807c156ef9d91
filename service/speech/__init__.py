"""Turns recordings into words on this machine. It is off unless SPEECH_ENGINE is set.

The operator installs an engine (an extra of `pyproject.toml`) and names a folder with a model for
each language. The line downloads nothing, and no sound leaves the machine.
"""

from __future__ import annotations

import io
import math
import os
import subprocess
import sys
import time
import wave
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from service.speech import engine as engines
from settings import Settings

LONGEST = 4 * 1024 * 1024
"""Bytes: four minutes of telephone sound. A message is not longer."""

MOST_SECONDS = 300.0
"""Seconds for one recording. An engine that needs more than that for a message hangs."""

CHECK_EVERY = 3.0
"""Seconds between two checks; each extends the lease of the job, which outlasts several."""

PROGRAM = Path(engines.__file__)


class TranscriptionError(Exception):
    """There are no words this time; the message says why, and holds no word."""


class UnreadableError(TranscriptionError):
    """No attempt at this recording would give words."""


def _check_nothing() -> None:
    """Nobody needs to know that the engine still runs."""


class Transcriber(Protocol):
    """Turns sound into words."""

    def transcribe(
        self, sound: bytes, language: str, check: Callable[[], None] = _check_nothing
    ) -> str:
        """The words of a sound, '' for silence. ``check`` is called every few seconds, and ends the
        attempt by raising. Raises TranscriptionError."""


@dataclass(frozen=True, slots=True)
class LocalTranscriber:
    """An engine on this machine, in a process of its own for each recording.

    ``models`` has a folder with the model of each language, such as ``models/nl``.
    """

    engine: str
    models: Path
    program: Path = PROGRAM
    seconds: float = MOST_SECONDS
    check_every: float = CHECK_EVERY

    def transcribe(
        self, sound: bytes, language: str, check: Callable[[], None] = _check_nothing
    ) -> str:
        """The words of a sound. Raises TranscriptionError."""
        model = self.models / language
        if len(sound) > LONGEST:
            raise UnreadableError(f"the recording is longer than {LONGEST} bytes")
        if not model.is_dir():
            raise TranscriptionError(f"there is no folder {model} with a model")
        command = [sys.executable, "-I", str(self.program), self.engine, str(model), language]
        with subprocess.Popen(  # noqa: S603  # the settings and the line say what is run
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_build_environment(),
        ) as process:
            try:
                words = self._wait(process, sound, check)
            finally:
                process.kill()
        _check_exit(process.returncode, self.engine, model)
        return words.decode("utf-8", "replace").strip()

    def _wait(
        self, process: subprocess.Popen[bytes], sound: bytes, check: Callable[[], None]
    ) -> bytes:
        """Feed the engine and wait for its words."""
        until, given = time.monotonic() + self.seconds, sound
        while (left := until - time.monotonic()) > 0:
            try:
                return process.communicate(given, timeout=min(self.check_every, left))[0]
            except subprocess.TimeoutExpired:
                given = b""  # it has begun to write the sound
                check()
        raise TranscriptionError("the engine takes too long")

    def find_fault(self, language: str) -> str | None:
        """Why this machine cannot turn a language into words; None if it can. It loads the
        model."""
        try:
            self.transcribe(_make_tone(), language)
        except TranscriptionError as error:
            return str(error)
        return None


def build_transcriber(settings: Settings) -> LocalTranscriber | None:
    """The engine of this machine; None if there is none."""
    if settings.speech_engine is None or settings.speech_models is None:
        return None
    return LocalTranscriber(settings.speech_engine, settings.speech_models)


def _build_environment() -> dict[str, str]:
    """The environment of an engine: no secret of ours, and no reason to use the network."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def _check_exit(code: int, engine: str, model: Path) -> None:
    """Raise what an exit code of the engine says."""
    if code == engines.NO_ENGINE:
        raise TranscriptionError(f"{engine} is not installed: see docs/configure/speech.md")
    if code == engines.NO_MODEL:
        raise TranscriptionError(f"{engine} cannot use the model in {model}")
    if code == engines.NO_SOUND:
        raise UnreadableError("the recording is no wav file of a telephone")
    if code:
        raise TranscriptionError(f"{engine} crashed with code {code}")


def _make_tone() -> bytes:
    """A second of a telephone's dial tone. Silence starts no engine."""
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = (round(3000 * math.sin(2 * math.pi * 425 * place / 8000)) for place in range(8000))
        file.writeframes(array("h", tone).tobytes())
    return memory.getvalue()
