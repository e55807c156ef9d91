"""Sound becomes words in a process that may crash, hang or not exist: only the words are lost."""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

import pytest

from devtools.processes.tied import tied_to_us
from service.speech import (
    LONGEST,
    PROGRAM,
    LocalTranscriber,
    Transcriber,
    TranscriptionError,
    UnreadableError,
    build_transcriber,
)
from service.speech.engine import (
    LOW_PRIORITY,
    SoundError,
    expand_a_law,
    expand_mu_law,
    read_wav,
    resample,
)
from tests.transcriber import TELEPHONE, KnowingTranscriber, link_english, speak, wav

SILENCE = wav(array("h", bytes(2 * TELEPHONE)))


@dataclass
class Spoken:
    """A transcriber, and a sentence that it should understand."""

    transcriber: Transcriber
    sound: bytes


def as_mu_law(samples: array[int]) -> bytes:
    """The same sound as a file in mu-law, the largest size of its data unknown, as in a stream."""
    nearest = sorted((expand_mu_law(byte), byte) for byte in range(256))
    sizes = [size for size, _ in nearest]
    data = bytes(nearest[min(range(256), key=lambda i: abs(sizes[i] - one))][1] for one in samples)
    form = b"fmt " + (18).to_bytes(4, "little")
    for number, size in ((7, 2), (1, 2), (TELEPHONE, 4), (TELEPHONE, 4), (1, 2), (8, 2), (0, 2)):
        form += number.to_bytes(size, "little")
    return b"RIFF\xff\xff\xff\xffWAVE" + form + b"data\xff\xff\xff\xff" + data


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of models with the English one that PocketSphinx ships."""
    return link_english(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module", params=["fake", "real"])
def spoken(request: pytest.FixtureRequest) -> Spoken:
    if request.param == "fake":
        sound = wav(array("h", [1, 2, 3]))
        return Spoken(KnowingTranscriber({sound: "nobody can go on"}), sound)
    models = request.getfixturevalue("english")
    sound = as_mu_law(speak("nobody can go on"))
    return Spoken(LocalTranscriber("pocketsphinx", models), sound)


# The contract of every transcriber.


def test_clear_words_are_found(spoken: Spoken) -> None:
    assert {"nobody", "can"} <= set(spoken.transcriber.transcribe(spoken.sound, "en").split())


def test_silence_has_no_words(spoken: Spoken) -> None:
    assert spoken.transcriber.transcribe(SILENCE, "en") == ""


def test_a_language_without_a_model_may_have_one_later(spoken: Spoken) -> None:
    with pytest.raises(TranscriptionError) as raised:
        spoken.transcriber.transcribe(spoken.sound, "fr")
    assert not isinstance(raised.value, UnreadableError)


@pytest.mark.parametrize("data", [b"", b"ID3 an mp3", SILENCE[:30]])
def test_what_is_no_sound_is_not_tried_again(spoken: Spoken, data: bytes) -> None:
    if isinstance(spoken.transcriber, KnowingTranscriber) and data.startswith(b"RIFF"):
        pytest.skip("the fake looks at the first letters only")
    with pytest.raises(UnreadableError):
        spoken.transcriber.transcribe(data, "en")


# An engine of its own kind: a program that does what engines do on bad days.


def misbehaving(folder: Path, program: str, **limits: float) -> LocalTranscriber:
    """A transcriber whose engine is this program."""
    (folder / "en").mkdir(exist_ok=True)
    script = folder / "engine.py"
    script.write_text(f"import os, signal, sys, time\n{program}\n")
    return LocalTranscriber("vosk", folder, script, **limits)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed with code -11"),
        ("sys.stdin.buffer.read(); os.abort()", "crashed with code -6"),
        ("sys.exit(3)", "vosk is not installed"),
        ("sys.exit(4)", "cannot use the model in"),
    ],
)
def test_a_crash_costs_the_words_and_says_why(tmp_path: Path, program: str, why: str) -> None:
    with pytest.raises(TranscriptionError, match=why):
        misbehaving(tmp_path, program).transcribe(SILENCE * 20, "en")


def test_an_engine_that_hangs_is_ended(tmp_path: Path) -> None:
    wrote = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))"
    hangs = misbehaving(tmp_path, f"{wrote}; time.sleep(600)", seconds=1.0)
    with pytest.raises(TranscriptionError, match="takes too long"):
        hangs.transcribe(SILENCE * 20, "en")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_whoever_waits_can_end_it(tmp_path: Path) -> None:
    def lose() -> None:
        raise InterruptedError

    hangs = misbehaving(tmp_path, "time.sleep(600)", check_every=0.01)
    with pytest.raises(InterruptedError):
        hangs.transcribe(SILENCE, "en", lose)


def test_an_engine_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "t0ken")
    monkeypatch.setenv("SECRET_KEY", "a secret")
    curious = misbehaving(tmp_path, "print(' '.join(os.environ))")
    names = curious.transcribe(SILENCE, "en").split()
    assert set(names) <= {"PATH", "TMPDIR", "LANG", "LC_CTYPE", "HF_HUB_OFFLINE", "OMP_NUM_THREADS"}


STARTS = """
import sys
from pathlib import Path
from service.speech import LocalTranscriber
LocalTranscriber("vosk", Path(sys.argv[1]), Path(sys.argv[2])).transcribe(b"", "en")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends it with its parent")
def test_an_engine_ends_with_its_worker_and_yields_to_everybody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    hangs = misbehaving(
        tmp_path,
        f"sys.path.insert(0, {str(PROGRAM.parent)!r}); import engine; engine.be_small()\n"
        f"pipe = open({str(tmp_path / 'pipe')!r}, 'w'); print(os.nice(0), file=pipe, flush=True)\n"
        "time.sleep(600)",
    )
    command = [sys.executable, "-c", STARTS, str(hangs.models), str(hangs.program)]
    with (
        subprocess.Popen(command, preexec_fn=tied_to_us()) as worker,
        open(tmp_path / "pipe") as pipe,
    ):
        assert int(pipe.readline()) >= LOW_PRIORITY
        worker.kill()
        assert pipe.read() == "", "nobody can write any more"


def test_a_recording_that_is_too_long_starts_no_engine(tmp_path: Path) -> None:
    engine = misbehaving(tmp_path, "print('words')")
    assert engine.transcribe(bytes(LONGEST), "en") == "words"
    with pytest.raises(UnreadableError):
        engine.transcribe(bytes(LONGEST + 1), "en")


@pytest.mark.parametrize("engine", ["vosk", "faster-whisper", "pocketsphinx"])
def test_an_empty_model_is_told(tmp_path: Path, engine: str) -> None:
    (tmp_path / "nl").mkdir()
    fault = LocalTranscriber(engine, tmp_path).find_fault("nl")
    assert fault is not None
    assert "not installed" in fault or f"{engine} cannot use the model" in fault


def test_a_good_model_is_told(english: Path) -> None:
    assert LocalTranscriber("pocketsphinx", english).find_fault("en") is None


def test_without_a_setting_there_is_no_engine(settings) -> None:
    assert build_transcriber(settings) is None
    given = settings.model_copy(update={"speech_engine": "vosk", "speech_models": Path("models")})
    assert build_transcriber(given) == LocalTranscriber("vosk", Path("models"))


# Reading sound.


def test_the_laws_of_telephones_are_those_of_the_standard() -> None:
    assert [expand_mu_law(byte) for byte in (0x00, 0x80, 0x7F, 0xFF, 0xF0)] == [
        -32124,
        32124,
        0,
        0,
        120,
    ]
    assert [expand_a_law(byte) for byte in (0x55, 0xD5, 0x2A, 0xAA, 0x80)] == [
        -8,
        8,
        -32256,
        32256,
        5504,
    ]


def test_a_file_of_two_channels_is_read_by_its_first(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "two.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(TELEPHONE)
        file.writeframes(array("h", [1, -1, 2, -2]).tobytes())
    assert read_wav((tmp_path / "two.wav").read_bytes()) == (array("h", [1, 2]), TELEPHONE)


def test_sound_is_drawn_out_on_straight_lines() -> None:
    assert resample(array("h", [0, 100, -100]), 8000, 16000).tolist() == [0, 50, 100, 0, -100, -100]
    assert resample(array("h", [0, 1, 2, 3]), 16000, 8000).tolist() == [0, 2]
    assert resample(array("h"), 8000, 16000).tolist() == []


@pytest.mark.parametrize("rate", [0, 1, 3999, 192_001, 2**32 - 1])
def test_a_sound_at_a_rate_of_no_telephone_is_none(rate: int) -> None:
    with pytest.raises(SoundError):
        resample(array("h", [1]), rate, 16000)
