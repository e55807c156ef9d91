"""Every field that the webhooks read: missing, empty and odd values; no 500, and nothing lost."""

import re
from pathlib import Path

import pytest
from werkzeug.routing import IntegerConverter

import ivr_app
from ivr_app.context import read_recording_url
from tests.stories.stage import LINE, SANNE
from tests.stories.test_hostile import post

SOURCES = [*Path(ivr_app.__file__).parent.glob("*.py")]
READ = {name for path in SOURCES for name in re.findall(r'given\("(\w+)"\)', path.read_text())}
READ |= {"To", "From", "Called", "Caller", "Digits"}
ODD = ["", " ", "\x00", "🤖", "None", "-1", "9.8", "NaN", "9" * 4000, "true", "failed", "٣"]
SOUND = "http://carrier/RE1"


@pytest.mark.parametrize("value", [None, *ODD])
def test_no_odd_field_is_an_error_or_silence(stage, value):
    stage.write_fallback()
    caller = stage.call_level_1()
    leg = stage.leg(stage.answer(SANNE))
    about = {"call_id": stage.call(caller).id, "leg_id": leg.id, "page_id": leg.id, "take": "3"}
    form = {} if value is None else dict.fromkeys(READ, value)
    for rule in stage.app.url_map.iter_rules():
        if not rule.rule.startswith(("/voice/", "/sms/")) or "POST" not in rule.methods:
            continue
        ids = {
            name: 1 if isinstance(kind, IntegerConverter) else about.get(name, "1")
            for name, kind in rule._converters.items()
        }
        adapter = stage.app.url_map.bind("")
        answer = post(stage, adapter.build(rule.endpoint, ids, method="POST"), **form)
        assert answer.status_code in (200, 204), rule.rule
        silent = ("/status", "/voice/words", "/connected", "/rescue_key", "/key/")
        if rule.rule.startswith("/voice/") and not any(part in rule.rule for part in silent):
            assert "<Response" in answer.text, rule.rule
            assert "<Response/>" not in answer.text, rule.rule
            assert "<Response />" not in answer.text, rule.rule


@pytest.mark.parametrize("seconds", [None, "", " ", "9.8", "9,8", "0.4", "-1", "NaN", "7", "٣"])
def test_a_recording_of_whatever_length_is_not_lost(stage, seconds):
    form = {"RecordingUrl": SOUND} | ({} if seconds is None else {"RecordingDuration": seconds})
    with stage.app.test_request_context("/", method="POST", data=form):
        assert read_recording_url() == SOUND


@pytest.mark.parametrize("form", [{"RecordingDuration": "0"}, {"RecordingDuration": "0.0"}])
@pytest.mark.parametrize("url", ["", SOUND])
def test_silence_is_no_recording(stage, form, url):
    with stage.app.test_request_context("/", method="POST", data=form | {"RecordingUrl": url}):
        assert read_recording_url() is None


@pytest.mark.parametrize("seconds", [None, "9.8"])
@pytest.mark.parametrize("ending", ["", "/status"])
def test_a_message_of_an_odd_length_is_kept(stage, seconds, ending):
    caller = stage.call_level_1()
    stage.press(caller, "7")
    call = stage.call(caller)
    form = {"CallSid": caller.sid, "RecordingUrl": SOUND}
    form |= {"RecordingDuration": seconds} if seconds else {}
    post(stage, f"/voice/call/{call.id}/message/{call.turn}{ending}", **form)
    assert SOUND in [each.url for each in stage.services.recordings.recordings.find_all()]


def test_two_calls_without_an_id_are_not_taken_for_one(stage):
    stage.write_fallback()
    for _ in range(2):
        assert SANNE in post(stage, "/voice/incoming", To=LINE, From="+31612345678").text
    assert stage.desk.calls.find_by_sid("") is None


@pytest.mark.parametrize("path", ["//voice/incoming", "/voice//incoming"])
def test_a_doubled_slash_in_the_carriers_setting_is_read_as_one(stage, path):
    answer = post(stage, path, CallSid="CA8", To=LINE, From="+31612345678")
    assert "<Gather" in answer.text
    assert stage.desk.calls.find_by_sid("CA8").call.line == "main"
    assert post(stage, path, signed=False, CallSid="CA9", To=LINE).status_code == 403
