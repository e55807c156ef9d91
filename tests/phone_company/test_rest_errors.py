"""Who may ask, and what goes wrong when a fault is switched on."""

import io
import wave

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.phone_company.conftest import ACCOUNT, CALLER, OURS, SANNE


def test_an_api_key_may_place_calls_but_not_read_the_account(office):
    key = Client(
        ACCOUNT.key,
        ACCOUNT.secret,
        ACCOUNT.sid,
        http_client=TwilioHttpClient(timeout=5),
        environment={"_": ""},
    )
    key.api.base_url = office.url
    assert key.calls.list() == []
    with pytest.raises(TwilioRestException):
        key.api.accounts(ACCOUNT.sid).fetch()


def test_a_wrong_token_is_turned_away(office):
    answer = requests.get(
        f"{office.url}/2010-04-01/Accounts/{ACCOUNT.sid}/Calls.json", auth=("x", "y"), timeout=5
    )
    assert answer.status_code == 401
    assert answer.json()["code"] == 20003


def test_what_does_not_exist_is_not_found(sdk):
    with pytest.raises(TwilioRestException) as missing:
        sdk.calls("CA" + "0" * 32).fetch()
    assert missing.value.code == 20404


def test_a_refusal_comes_as_often_as_asked_for_and_nothing_is_done(office, line, sdk):
    fault = {"method": "POST", "path": "Calls.json", "status": 429, "code": 20429, "count": 1}
    office.faults(requests=[fault])
    with pytest.raises(TwilioRestException) as refused:
        sdk.calls.create(to=SANNE, from_=OURS, url=f"{line.url}/voice")
    assert (refused.value.status, refused.value.code) == (429, 20429)
    assert office.phone(SANNE).handsets == []
    sdk.calls.create(to=SANNE, from_=OURS, url=f"{line.url}/voice")
    office.phone(SANNE).until_rings()
    assert [r["status"] for r in office.requests] == [429, 201]


@pytest.mark.parametrize(("close", "rings"), [("before", False), ("after", True)])
def test_a_cut_connection_leaves_open_whether_anything_was_done(office, line, sdk, close, rings):
    office.faults(requests=[{"path": "Calls.json", "close": close}])
    with pytest.raises((TwilioException, requests.ConnectionError)):
        sdk.calls.create(to=SANNE, from_=OURS, url=f"{line.url}/voice")
    office.idle()
    assert office.phone(SANNE).ringing() is rings


def test_an_answer_may_never_come_although_the_call_was_placed(office, line):
    office.faults(requests=[{"path": "Calls.json", "answer_after": None}])
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{office.url}/2010-04-01/Accounts/{ACCOUNT.sid}/Calls.json",
            {"To": SANNE, "From": OURS, "Url": f"{line.url}/voice"},
            auth=(ACCOUNT.sid, ACCOUNT.token),
            timeout=0.2,
        )
    assert office.phone(SANNE).ringing()


def test_beyond_the_calls_per_second_a_call_is_queued(office, line, sdk):
    office.faults(calls_per_second=1)
    for _ in range(2):
        sdk.calls.create(to=SANNE, from_=OURS, url=f"{line.url}/voice")
    assert [h.status for h in office.phone(SANNE).handsets] == ["ringing", "queued"]
    office.advance(1)
    assert [h.status for h in office.phone(SANNE).handsets] == ["ringing", "ringing"]


def test_a_recording_plays(office, line):
    line.says("/voice", "<Record timeout='2' action='/recorded'/>")
    handset = office.dial(CALLER, OURS)
    handset.speak(3, "help")
    office.advance(6)
    url = line.asked("/recorded")[0]["RecordingUrl"]
    sound = requests.get(url + ".wav", timeout=5).content
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnframes() / file.getframerate() == 3
    office.faults(media_auth=True)
    assert requests.get(url, timeout=5).status_code == 401
