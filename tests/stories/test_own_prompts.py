"""A call to a line with sentences, recordings, music and a language of its own."""

from typing import ClassVar

import pytest
import requests

from carrier import prompts, twiml
from carrier.prompts.sources import find_values, list_heard, read_ours
from tests.carrier.test_own_prompts import sound, write, write_whole
from tests.stories.conftest import PAPER
from tests.stories.stage import SANNE, STRANGER, Stage, on_stage

FIXED = [key for key, said in list_heard(read_ours("nl")).items() if not find_values(said)]
MUSIC = "music: [music/one.wav, music/two.wav]\n"


@pytest.fixture
def stage(tmp_path):
    """A line that has recorded every Dutch sentence that can be, and speaks Polish."""
    files = {f"nl/{key}.wav": sound(1 + place / 100) for place, key in enumerate(FIXED)}
    files |= {"music/one.wav": sound(7), "music/two.wav": sound(9)}
    files["nl.toml"] = '[caller]\nwelcome = "Hier is de {line}, goedendag."\n'
    files["pl.toml"] = write_whole("en").replace("Polly.Amy-Neural", "Polly.Ola-Neural")

    class OwnStage(Stage):
        more: ClassVar = {"PROMPTS_DIR": str(write(tmp_path / "prompts", files))}

    spoken = PAPER.replace("languages: [nl, en]", "languages: [nl, en, pl]")
    (tmp_path / "line").mkdir()
    with on_stage(tmp_path / "line", f"{spoken}{MUSIC}", OwnStage) as stage:
        yield stage
    twiml.use_prompts(None)


def played(handset):
    urls = [entry.get("url") or "" for entry in handset.transcript if entry["what"] == "play"]
    return [url for url in urls if "/voice/sounds/" in url]


def test_recordings_are_played_and_sentences_with_a_value_are_spoken(stage):
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    fixed = {said for key, said in list_heard(read_ours("nl")).items() if key in FIXED}
    for handset in (caller, engineer):
        assert len(played(handset)) >= 2
        assert fixed.isdisjoint(handset.hears)
    assert caller.hears[0] == "Hier is de MSA Plus prioriteitslijn, goedendag."
    assert caller.bridged_with == engineer.sid


def test_who_waits_hears_the_music_of_the_line(stage):
    caller = stage.call_level_1()
    stage.advance(60)
    names = map(prompts.find_music, ("music/one.wav", "music/two.wav"))
    music = {stage.services.urls.sound_url(name) for name in names}
    assert music.intersection(played(caller))
    assert not [e for e in caller.transcript if "/voice/music.wav" in (e.get("url") or "")]


def test_the_carrier_fetches_a_sound_once_and_may_keep_it(stage):
    caller = stage.call_level_1()
    (url, *_) = played(caller)
    answer = requests.get(url, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "audio/wav")
    assert {"public", "immutable", "max-age=31536000"} <= set(
        answer.headers["Cache-Control"].split(", ")
    )
    again = requests.get(url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=60)
    assert again.status_code == 304
    assert requests.head(url, timeout=60).status_code == 200
    part = requests.get(url, headers={"Range": "bytes=0-3"}, timeout=60)
    assert (part.status_code, part.content) == (206, b"RIFF")


@pytest.mark.parametrize(
    "name", ["", "nl/goodbye.wav", "..%2fnl.toml", "../prompts/nl.toml", "0" * 32 + ".wav"]
)
def test_nothing_else_is_told_to_who_proves_nothing(stage, name):
    with requests.Session() as session:
        asked = requests.Request("GET", f"{stage.settings.public_url}/voice/sounds/")
        prepared = session.prepare_request(asked)
        prepared.url += name
        answer = session.send(prepared)
    assert (answer.status_code, answer.text) == (403, "the signature does not hold\n")


def test_a_caller_chooses_the_language_of_the_operator(stage):
    caller = stage.dial(STRANGER)
    stage.advance(9)
    offered = [entry for entry in caller.transcript if entry.get("voice") == "Polly.Ola-Neural"]
    assert [entry["text"][-2:] for entry in offered] == ["3."]
    stage.press(caller, "3")
    stage.advance(3)
    spoken = [entry for entry in caller.transcript if entry["what"] == "say"]
    assert (spoken[-1]["voice"], spoken[-1]["text"]) != (offered[0]["voice"], offered[0]["text"])
    assert spoken[-1]["voice"] == "Polly.Ola-Neural"
