"""The operator's own sentences, recordings and music: what is read, used, refused and reported."""

import io
import os
import re
import wave
from dataclasses import replace

import pytest

from carrier import prompts, twiml
from carrier.prompts.sources import (
    LARGEST,
    NO_PROMPTS,
    PromptsError,
    find_prompt_warnings,
    read_folder,
    read_ours,
    summarise_prompts,
)
from carrier.urls import WebhookUrls
from routing.voice_document import Document, Music, say
from tests.routing.floor import LINE

URLS = WebhookUrls("http://line.example")
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x00 and frames"


def sound(seconds=1.0, form=1):
    """A wav as people make them; its header says that it is in another form."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(1)
        written.setframerate(8000)
        written.writeframes(bytes(range(256)) * int(seconds * 31.25))
    data = bytearray(file.getvalue())
    data[20] = form
    return bytes(data)


def write(folder, files):
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture
def use(tmp_path):
    """Use these files, until the test ends."""

    def put(files):
        twiml.use_prompts(write(tmp_path, files))
        return tmp_path

    yield put
    twiml.use_prompts(None)


def write_whole(language):
    """Our own file of a language as somebody would translate it into another."""
    lines = []
    for section, keys in read_ours(language).items():
        lines.append(f"[{section}]")
        for key, said in keys.items():
            written = said if isinstance(said, str) else list(said)
            lines.append(f"{key} = {written!r}")
    return "\n".join(lines)


def spoken(document, line=None):
    return twiml.render_twiml(document, URLS, line)


def test_a_sentence_of_the_operator_is_said_instead_of_ours(use):
    ours = prompts.render_sentence("nl", "goodbye")
    said = Document("nl", (say("goodbye"), say("welcome", line="Jansen")))
    assert ours in spoken(said)
    use({"nl.toml": '[caller]\nwelcome = "Met {line}."\ngoodbye = "Dag & tot horens."\n'})
    assert "Dag &amp; tot horens." in spoken(said)
    assert "Met Jansen." in spoken(said)
    assert prompts.render_sentence("nl", "sorry") == read_ours("nl")["caller"]["sorry"]
    assert prompts.render_sentence("en", "goodbye") == read_ours("en")["caller"]["goodbye"]


def test_texts_mails_times_and_the_voice_can_be_overlaid_too(use):
    use({
        "en.toml": '[voice]\nvoice = "Polly.Emma-Neural"\n[text]\nack_button = "Mine"\n'
        '[mail]\nconsole_button = "Look"\n[time]\nsecond = ["1 sec", "{n} secs"]\n'
    })  # fmt: skip
    assert prompts.find_voice("en") == ("en-GB", "Polly.Emma-Neural")
    assert prompts.render_text("en", "ack_button", {}) == "Mine"
    assert prompts.render_mail("en", "console_button", {}) == "Look"


def test_a_recording_is_played_and_its_address_follows_from_its_content(use):
    folder = use({"nl/goodbye.wav": sound(), "en/goodbye.mp3": MP3})
    said = spoken(Document("nl", (say("goodbye"), say("goodbye", "en"), say("sorry"))))
    first, second = re.findall(r"<Play>http://line.example/voice/sounds/([^<]+)</Play>", said)
    assert said.count("<Say") == 1
    assert re.fullmatch(r"[0-9a-f]{32}\.wav", first)
    assert prompts.find_sound(first).path == folder / "nl" / "goodbye.wav"
    assert prompts.find_sound(first).content_type == "audio/wav"
    assert prompts.find_sound(second).content_type == "audio/mpeg"
    use({"nl/goodbye.wav": sound(2)})
    assert first not in spoken(Document("nl", (say("goodbye"),)))
    assert prompts.find_sound(first) is None


def test_only_what_was_read_can_be_asked_for(use):
    use({"nl/goodbye.wav": sound(), "nl.toml": '[caller]\nsorry = "Pardon."\n'})
    for name in ("goodbye.wav", "nl/goodbye.wav", "../nl/goodbye.wav", "nl.toml", ""):
        assert prompts.find_sound(name) is None


def test_a_sentence_with_a_value_is_spoken_even_if_it_is_recorded(use):
    use({"nl/welcome.wav": sound()})
    assert "<Play" not in spoken(Document("nl", (say("welcome", line="Jansen"),)))
    assert list(find_prompt_warnings(prompts.own_prompts())) == [
        ("nl/welcome.wav", "is never played: the sentence has values, so it is spoken")
    ]
    use({"nl.toml": '[caller]\nwelcome = "Hier Bakkerij Jansen."\n'})
    assert "<Play" in spoken(Document("nl", (say("welcome", line="Jansen"),)))


def test_no_fallback_document_depends_on_a_recording(use):
    use({"nl/goodbye.wav": sound()})
    assert "<Say" in twiml.say("nl", "goodbye")


def test_a_language_of_the_operator_is_spoken_with_its_own_voice(use):
    pl = write_whole("en").replace("Polly.Amy-Neural", "Polly.Ola-Neural")
    pl = pl.replace("en-GB", "pl-PL").replace(
        repr(read_ours("en")["caller"]["goodbye"]), '"Czesc."'
    )
    use({"pl.toml": pl, "pl/sorry.wav": sound()})
    assert prompts.list_languages()[-1] == "pl"
    said = spoken(Document("pl", (say("goodbye"), say("sorry"))))
    assert '<Say language="pl-PL" voice="Polly.Ola-Neural">Czesc.</Say><Play>' in said


def test_music_of_the_operator_is_played_in_turn_as_far_as_it_is_there(use):
    use({"music/one.wav": sound(1), "music/two.mp3": MP3})
    names = [prompts.find_music(file) for file in ("music/one.wav", "music/two.mp3")]

    def played(line):
        acts = tuple(Music(piece) for piece in range(3))
        return re.findall(
            r"<Play>http://line.example([^<]+)</Play>", spoken(Document("nl", acts), line)
        )

    def lined(*music):
        return replace(LINE, music=music)

    assert played(lined("music/one.wav", "music/two.mp3")) == [
        f"/voice/sounds/{name}" for name in (*names, names[0])
    ]
    assert played(lined("music/gone.wav", "music/two.mp3")) == [f"/voice/sounds/{names[1]}"] * 3
    ours = [f"/voice/music.wav?piece={piece}" for piece in (1, 2, 3)]
    assert played(lined("music/gone.wav")) == ours
    assert played(LINE) == ours


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("nl.toml", "", "nl.toml: it is empty"),
        ("nl.toml", b"\xff\xfe[\x00", "nl.toml: it is not UTF-8"),
        ("nl.toml", "[caller\n", "nl.toml: it is not TOML: "),
        ("dutch.toml", "[caller]\n", "dutch.toml: its name is no language"),
        ("nl.toml", '[colour]\na = "b"\n', "nl.toml: colour is unknown; known: voice, "),
        ("nl.toml", 'caller = "b"\n', "nl.toml: caller: it must be a section"),
        ("nl.toml", '[caller]\nwelcom = "b"\n', "nl.toml: caller: welcom is unknown; did you mean"),
        ("nl.toml", '[caller]\nwelcome = "Dag {naam}."\n', "nl.toml: caller: welcome: {naam} is"),
        ("nl.toml", '[caller]\ngoodbye = "Dag {line}."\n', "goodbye: {line} is no val"),
        ("nl.toml", '[caller]\nwelcome = "Dag {line.name}."\n', "welcome: {line.name} is no value"),
        ("nl.toml", '[caller]\nwelcome = "Dag {line!r}."\n', "welcome: {line!} is no value"),
        ("nl.toml", '[caller]\nwelcome = "Dag {line:>9}."\n', "welcome: {line:} is no value"),
        ("nl.toml", '[caller]\nwelcome = "Dag {}."\n', "welcome: {} is no value"),
        ("nl.toml", '[caller]\nwelcome = "Dag {line."\n', "welcome: its braces do not match"),
        ("nl.toml", '[caller]\nwelcome = " "\n', "welcome: it must be a sentence in quotes"),
        ("nl.toml", "[caller]\nwelcome = 7\n", "welcome: it must be a sentence in quotes"),
        ("nl.toml", '[caller]\nwelcome = "a\\nb"\n', "welcome: it must be one line"),
        ("nl.toml", f'[caller]\nwelcome = "{"a" * 2001}"\n', "at most 2000 characters"),
        ("nl.toml", '[time]\nweekdays = ["maandag"]\n', "weekdays: it must be a list of 7"),
        ("nl.toml", '[time]\nsecond = ["een", "{m}"]\n', "second: {m} is no value"),
        ("pl.toml", '[caller]\nwelcome = "b"\n', "pl.toml: voice is missing; a new lang"),
        ("nl/welcom.wav", sound(), "nl/welcom.wav: no spoken sentence has this key"),
        ("nl/page.wav", sound(), "nl/page.wav: no spoken sentence has this key"),
        ("nl/goodbye.ogg", b"OggS", "nl/goodbye.ogg: it must be a .wav or an .mp3 file"),
        ("nl/goodbye.wav", b"", "nl/goodbye.wav: it is empty"),
        ("nl/goodbye.wav", b"RIFF but no", "nl/goodbye.wav: it is no wav in PCM"),
        ("nl/goodbye.wav", sound(form=85), "nl/goodbye.wav: it is no wav in PCM"),
        ("nl/goodbye.wav", sound(0), "nl/goodbye.wav: it is no wav in PCM"),
        ("nl/goodbye.mp3", sound(), "nl/goodbye.mp3: it is no mp3"),
        ("music/hold.wav", b"no sound", "music/hold.wav: it is no wav in PCM"),
        ("musik/hold.wav", sound(), "musik: the folder is no language"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_its_file_and_key(tmp_path, file, content, said):
    write(tmp_path, {file: content})
    with pytest.raises(PromptsError) as caught:
        read_folder(tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(PromptsError, match="cannot be read: No such file"):
        read_folder(tmp_path / "gone")
    (tmp_path / "nl.toml").mkdir()
    with pytest.raises(PromptsError, match=r"nl.toml: it is no file"):
        read_folder(tmp_path)


@pytest.mark.parametrize("name", ["nl.toml", "nl/goodbye.wav", "music/hold.mp3"])
def test_a_pipe_or_a_huge_file_does_not_hold_up_the_start(tmp_path, name):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    os.mkfifo(file)
    with pytest.raises(PromptsError, match=f"{name}: it is no file"):
        read_folder(tmp_path)
    file.unlink()
    with file.open("wb") as opened:
        opened.truncate(LARGEST + 1)
    with pytest.raises(PromptsError, match=f"{name}: it is larger than 10 MB"):
        read_folder(tmp_path)


def test_a_sentence_is_recorded_once(tmp_path):
    write(tmp_path, {"nl/goodbye.wav": sound(), "nl/goodbye.mp3": MP3})
    with pytest.raises(PromptsError, match="goodbye is recorded twice"):
        read_folder(tmp_path)


@pytest.mark.parametrize("form", [1, 6, 7])
def test_what_a_telephone_plays_is_read_with_other_files_beside_it(tmp_path, form):
    write(tmp_path, {
        "nl/goodbye.wav": sound(form=form),
        "nl/.DS_Store": b"x",
        "README.md": "ours",
        ".git": "gitdir",
    })  # fmt: skip
    assert set(read_folder(tmp_path).recordings) == {("nl", "goodbye")}


def test_a_language_of_the_operator_lacks_no_key(tmp_path):
    whole = write_whole("nl")
    write(tmp_path, {"pl.toml": whole})
    assert read_folder(tmp_path).whole["pl"] == read_ours("nl")
    for section in ("caller", "engineer", "text", "mail", "time"):
        key = list(read_ours("nl")[section])[-1]
        lacking = re.sub(rf"(?m)^{key} = .*\n?", "", whole, count=0)
        write(tmp_path, {"pl.toml": lacking})
        with pytest.raises(PromptsError, match=r"pl.toml: \w+: \w+ is missing"):
            read_folder(tmp_path)


def test_a_sentence_that_no_longer_names_its_key_is_reported(use):
    ours = read_ours("nl")["engineer"]["whisper_keys"]
    assert "{take}" in ours
    use({"nl.toml": '[engineer]\nwhisper_keys = "Toets {pass_on} voor doorgeven."\n'})
    ((where, what),) = find_prompt_warnings(prompts.own_prompts())
    assert where == "nl.toml: engineer: whisper_keys"
    assert "{take}" in what
    use({"nl.toml": '[caller]\nconfirm_level_1 = "Weet u het zeker?"\n'})
    ((where, what),) = find_prompt_warnings(prompts.own_prompts())
    assert (where, "1 and 2" in what) == ("nl.toml: caller: confirm_level_1", True)
    assert list(find_prompt_warnings(NO_PROMPTS)) == []


def test_music_that_hides_the_news_is_reported(use):
    use({"music/long.wav": sound(21), "music/short.wav": sound(20), "music/any.mp3": MP3})
    ((file, what),) = find_prompt_warnings(prompts.own_prompts())
    assert (file, what[:11]) == ("music/long.wav", "lasts 21 s,")


def test_the_summary_counts_what_is_still_ours(use):
    use({"nl.toml": '[caller]\ngoodbye = "Dag."\n', "nl/sorry.wav": sound()})
    dutch, english = summarise_prompts(prompts.own_prompts(), ("nl", "en"))
    caller = len(read_ours("nl")["caller"])
    assert f"[caller] {caller - 1}," in dutch
    assert "recordings: 1 of the " in dutch
    assert f"[caller] {caller}," in english
    assert "recordings: 0 of the " in english
