"""Telnyx's REST interface: what we ask, in its words, and what becomes of its answers."""

import datetime as dt

import pytest

from carrier.client import (
    CarrierAccount,
    CarrierClient,
    OutgoingCall,
    RecordingFetcher,
    RecordingNotFoundError,
    RecordingUnavailableError,
    RefusedError,
    UnsureError,
)
from carrier.company import TELNYX
from devtools.phone_company.company import Account
from devtools.phone_company.dialects.telnyx import TELNYX as DIALECT
from devtools.phone_company.driver.office import Office
from routing.events import Heard

OURS, SANNE = "+31201234567", "+31612345601"
CALL = OutgoingCall(SANNE, OURS, "http://a/leg", "http://a/fallback", "http://a/status", 20)
PROJECT, KEY = "f5586561-8ff0-4291-a51b-c7dfe4139ff9", "KEY1"


@pytest.fixture
def office():
    with Office(Account(PROJECT, KEY, dialect=DIALECT), manual=True) as office:
        office.number(OURS)
        yield office


def account_of(office, key=KEY):
    return CarrierAccount(
        PROJECT, key, api_url=office.url, company=TELNYX, application="1234567890"
    )


@pytest.fixture
def client(office):
    client = CarrierClient(account_of(office))
    yield client
    client.close()


def test_a_call_is_placed_for_the_application_and_is_named_later(office, client):
    with pytest.raises(UnsureError, match="no id"):
        client.place(CALL)
    asked = office.requests[-1]
    assert (asked["method"], asked["path"]) == ("POST", f"/v2/texml/Accounts/{PROJECT}/Calls")
    assert asked["params"]["ApplicationSid"] == "1234567890"
    assert asked["params"]["StatusCallbackEvent"] == "initiated ringing answered completed"
    found = client.placed_since(SANNE, OURS, office.now - dt.timedelta(seconds=1))
    assert found == office.legs[-1].sid


def test_a_ringing_call_is_ended_by_the_one_word_that_there_is(office, client):
    with pytest.raises(UnsureError):
        client.place(CALL)
    office.idle()
    leg = office.legs[-1]
    assert client.cancel_call(leg.sid) is Heard.CANCELED
    assert office.requests[-1]["params"]["Status"] == "completed"
    assert client.cancel_call(leg.sid) is Heard.CANCELED, "what it is, as the company knows it"
    assert office.requests[-1]["method"] == "GET"


def test_a_wrong_key_is_refused(office):
    client = CarrierClient(account_of(office, "another"))
    with pytest.raises(RefusedError, match="401"):
        client.account()
    client.close()


def test_what_it_does_not_have_is_not_asked_for(office, client):
    with pytest.raises(UnsureError):
        client.number(OURS)
    assert office.requests == []


def test_a_recording_that_is_not_there_is_not_found(office):
    fetcher = RecordingFetcher(account_of(office))
    with pytest.raises(RecordingNotFoundError), fetcher.fetch("https://x/recordings/1", "1"):
        pass


def test_a_sound_is_fetched_over_https_or_from_the_interface_itself(office, monkeypatch):
    recordings = office._floor.company.recordings
    recording = recordings.begin("v3:1", "RecordVerb")
    monkeypatch.setattr(recordings, "url", lambda recording: "http://elsewhere.example/sound.wav")
    fetcher = RecordingFetcher(account_of(office))
    with (
        pytest.raises(RecordingUnavailableError, match="no address of the sound"),
        fetcher.fetch("https://x/recordings/1", recording.sid),
    ):
        pass
