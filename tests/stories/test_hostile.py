"""Forged, doubled, late, strange: nothing that the carrier or a stranger sends breaks the line."""

import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.stories.stage import ACCOUNT, CONTRACT, JORIS, LINE, PIN, SANNE


def post(stage, path, signed=True, **form):
    url = stage.settings.public_url + path
    signature = RequestValidator(ACCOUNT.token).compute_signature(url, form) if signed else "x"
    return requests.post(url, form, headers={"X-Twilio-Signature": signature}, timeout=60)


@pytest.mark.parametrize("signature", [None, "", "x", "L/OH5YylLD5NRKLltdqwSvS0BnU="])
def test_a_request_that_is_not_signed_does_nothing(stage, signature):
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    form = {"CallSid": "CA1", "To": LINE, "From": "+31612345678"}
    url = f"{stage.settings.public_url}/voice/incoming"
    assert requests.post(url, form, headers=headers, timeout=60).status_code == 403
    assert stage.desk.calls.find_by_sid("CA1") is None


def test_a_request_too_large_to_be_the_carriers_is_refused(stage):
    url = f"{stage.settings.public_url}/voice/incoming"
    answer = requests.post(url, {"From": "1" * 300_000}, timeout=60)
    assert answer.status_code == 403


STRANGE = [
    {"From": "1" * 4000},
    {"From": "🤖\x00\x1b[31m"},
    {"From": "+31612345678", "Neues": "🤖" * 500},
    {},
]


@pytest.mark.parametrize("more", STRANGE)
def test_strange_but_signed_gets_sensible_twiml(stage, more):
    answer = post(stage, "/voice/incoming", CallSid="CA2", To=LINE, **more)
    assert answer.status_code == 200
    assert "<Gather" in answer.text


@pytest.mark.parametrize(
    "digits", ["9" * 4000, "🤖", "\x00\x07", "''; drop table calls", "-1", "٣"]
)
@pytest.mark.parametrize("what", ["contract", "pin", "key", "wait_key"])
def test_strange_digits_leave_the_state_right(stage, digits, what):
    caller = stage.dial("anonymous")
    call = stage.call(caller)
    for turn in range(3):
        answer = post(stage, f"/voice/call/{call.id}/{what}/{turn}", Digits=digits)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/xml")
    assert stage.call(caller).live


@pytest.mark.parametrize(
    "path",
    [
        "/voice/call/nobody/key/3",
        "/voice/call/nobody/wait/3",
        "/voice/call/nobody/left/3",
        "/voice/leg/nobody",
        "/voice/leg/nobody/key/1",
        "/voice/leg/nobody/parted/1",
        "/voice/incoming",
        "/voice/fallback",
        "/voice/fallback/next/3",
        "/voice/fallback/whisper",
        "/sms/incoming",
    ],
)
def test_events_for_calls_that_never_were_get_a_document(stage, path):
    answer = post(stage, path, CallSid="CA404", ErrorCode="11200")
    assert answer.status_code == 200
    assert answer.text.startswith("<?xml")


@pytest.mark.parametrize("path", ["/voice/status", "/voice/leg/nobody/status", "/sms/no/status"])
def test_status_callbacks_for_nothing_get_204(stage, path):
    answer = post(stage, path, CallSid="CA404", CallStatus="completed", MessageStatus="sent")
    assert answer.status_code == 204


@pytest.mark.parametrize("duplicate", ["status", "all"])
def test_every_webhook_twice_and_late_ends_the_same(stage, duplicate):
    stage.office.faults(duplicate=duplicate, reorder=True, reorder_by=2)
    caller = stage.call_level_1()
    stage.advance(31)
    stage.take(stage.office.phone("+31208881101").number)
    stage.advance(10)
    assert caller.bridged_with
    stage.hang_up(caller)
    stage.advance(30)
    call = stage.call(caller)
    assert (call.outcome, call.answered_by) == ("connected", "sanne")
    assert [p.result for p in stage.pages() if p.channel == "call"] == ["no_answer", "accepted"]
    assert stage.rings(JORIS) == 0


def test_an_old_answer_sent_again_changes_nothing(stage):
    caller = stage.call_level_1()
    before = stage.call(caller)
    for turn in range(before.turn):
        for what in ("key", "pin", "contract", "message", "introduced", "stayed"):
            path = f"/voice/call/{before.id}/{what}/{turn}"
            assert post(stage, path, Digits="2", RecordingDuration="9").status_code == 200
    assert stage.call(caller) == before


def test_digits_of_contract_and_pin_are_nowhere(stage, capfd, caplog):
    caller = stage.dial("anonymous")
    stage.press(caller, "1")
    for keys in ("777888999#", "135790#", f"{CONTRACT}#", f"{PIN}#", "1", "1"):
        stage.press(caller, keys)
        stage.advance(6)
    engineer = stage.take(SANNE)
    stage.hang_up(engineer)
    written = "".join(stage.written())
    addresses = "".join(w["url"] for w in stage.office.webhooks)
    printed = "".join([*capfd.readouterr(), caplog.text])
    for digits in ("777888999", "135790", PIN):
        assert digits not in written + addresses + printed
