"""Gather and Record: what a person is asked for, and what the line is told."""

import io
import struct
import wave

from werkzeug.wrappers import Response

from tests.phone_company.conftest import CALLER, OURS


def test_the_prompt_is_said_while_keys_are_already_counted(office, line):
    prompt = "x" * 150  # ten seconds
    line.says("/voice", f"<Gather action='/done' numDigits='2'><Say>{prompt}</Say></Gather>")
    handset = office.dial(CALLER, OURS)
    office.advance(4)
    handset.press("42")
    office.idle()
    assert line.asked("/done")[0]["Digits"] == "42"


def test_keys_typed_ahead_answer_the_next_question(office, line):
    line.says("/voice", "<Gather action='/second' numDigits='2'><Say>contract</Say></Gather>")
    line.says("/second", "<Gather action='/done' finishOnKey='#'><Say>pin</Say></Gather>")
    handset = office.dial(CALLER, OURS)
    handset.press("12345#")
    office.idle()
    assert line.asked("/second")[0]["Digits"] == "12"
    assert line.asked("/done")[0]["Digits"] == "345"


def test_keys_typed_ahead_are_dropped_where_the_company_does_so(office, line):
    office.faults(type_ahead=False)
    line.says("/voice", "<Say>welkom</Say><Gather action='/done' numDigits='1'/>")
    handset = office.dial(CALLER, OURS)
    handset.press("1")
    office.advance(4)
    assert handset.asking is not None
    assert line.asked("/done") == []


def test_the_pause_between_keys_ends_the_input(office, line):
    line.says("/voice", "<Gather action='/done' timeout='3'/>")
    handset = office.dial(CALLER, OURS)
    handset.press("7")
    office.advance(2)
    handset.press("8")
    office.advance(2)
    assert line.asked("/done") == []
    office.advance(1)
    assert line.asked("/done")[0]["Digits"] == "78"


def test_silence_can_be_an_answer(office, line):
    line.says("/voice", "<Gather action='/done' actionOnEmptyResult='true' timeout='1'/>")
    office.dial(CALLER, OURS)
    office.advance(1)
    assert line.asked("/done")[0]["Digits"] == ""


def test_the_finish_key_alone_counts_as_no_input(office, line):
    line.says("/voice", "<Gather action='/done'/><Say>niets gehoord</Say>")
    handset = office.dial(CALLER, OURS)
    handset.press("#")
    handset.until_hears("niets gehoord")


def test_without_an_action_the_same_page_is_asked(office, line):
    line.says("/voice", "<Gather numDigits='1'/>")
    handset = office.dial(CALLER, OURS)
    handset.press("5")
    office.idle()
    assert [form.get("Digits") for form in line.asked("/voice")] == [None, "5"]


def test_spoken_words_answer_where_speech_is_wanted(office, line):
    line.says("/voice", "<Gather input='speech dtmf' action='/done'/>")
    handset = office.dial(CALLER, OURS)
    handset.speak(1, "de kassa ligt plat")
    office.advance(1)
    assert line.asked("/done")[0]["SpeechResult"] == "de kassa ligt plat"


def test_a_key_ends_a_recording(office, line):
    line.says("/voice", "<Record action='/done' finishOnKey='#'/>")
    handset = office.dial(CALLER, OURS)
    handset.until_asked("Record")
    handset.speak(10, "lang verhaal")
    office.advance(4)
    handset.press("#")
    office.idle()
    done = line.asked("/done")[0]
    assert (done["RecordingDuration"], done["Digits"]) == ("4", "#")


def test_hanging_up_during_a_recording_still_asks_the_action(office, line):
    line.says("/voice", "<Record action='/done' recordingStatusCallback='/stored'/>")
    handset = office.dial(CALLER, OURS)
    handset.speak(3, "help")
    office.advance(3)
    handset.hang_up()
    office.idle()
    done = line.asked("/done")[0]
    assert (done["Digits"], done["RecordingDuration"]) == ("hangup", "3")
    assert done["CallStatus"] == "completed"
    stored = line.asked("/stored")[0]
    assert (stored["RecordingStatus"], stored["RecordingSource"]) == ("completed", "RecordVerb")


def test_a_silent_recording_asks_the_action_or_falls_through(office, line):
    line.says("/voice", "<Record action='/done' timeout='5'/><Say>verder</Say>")
    office.dial(CALLER, OURS)
    office.advance(5)
    assert line.asked("/done")[0]["RecordingDuration"] == "0"
    office.faults(silent_record="next")
    handset = office.dial(CALLER, OURS)
    office.advance(5)
    handset.until_hears("verder")


def test_the_limit_ends_a_recording(office, line):
    line.says("/voice", "<Record action='/done' maxLength='6'/>")
    handset = office.dial(CALLER, OURS)
    handset.speak(60, "eindeloos")
    office.advance(6)
    assert line.asked("/done")[0]["RecordingDuration"] == "6"


def test_music_lasts_as_long_as_its_sound(office, line):
    for number, (audio, seconds) in enumerate(
        ((telephone_sound(3), 3), (studio_sound(4), 4), (telephone_sound(3)[:-8000], 2))
    ):
        line.pages["/music"] = lambda _, audio=audio: Response(audio, mimetype="audio/wav")
        line.says("/voice", "<Play>/music</Play>", f"<Redirect>/over/{number}</Redirect>")
        office.dial(CALLER, OURS)
        office.advance(seconds - 0.1)
        assert line.asked(f"/over/{number}") == []
        office.advance(0.2)
        assert len(line.asked(f"/over/{number}")) == 1


def telephone_sound(seconds):
    """A wav file as telephones have it: μ-law, a byte a sample."""
    form = struct.pack("<HHIIHHH", 7, 1, 8000, 8000, 1, 8, 0)
    data = b"\xff" * 8000 * seconds
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"LIST" + struct.pack("<I", 3) + b"abc\0"
    chunks += b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def studio_sound(seconds):
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setparams((2, 2, 16000, 0, "NONE", ""))
        file.writeframes(bytes(64000 * seconds))
    return memory.getvalue()
