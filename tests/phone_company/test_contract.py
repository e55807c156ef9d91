"""Every resource answers as the carrier's description of itself says."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.phone_company.conftest import CALLER, JORIS, OURS, SANNE, sdk_of
from tests.phone_company.openapi import check


@pytest.fixture
def checked(office):
    return sdk_of(office, request_hooks={"response": [check]})


def test_calls_numbers_and_messages_keep_the_contract(office, line, checked):
    line.says("/voice", "<Pause length='60'/>")
    office.dial(CALLER, OURS)
    call = checked.calls.create(to=SANNE, from_=OURS, url=f"{line.url}/voice")
    assert checked.calls(call.sid).fetch().to == SANNE
    checked.calls(call.sid).update(status="completed")
    assert checked.calls(call.sid).fetch().status == "canceled"
    assert len(checked.calls.list(page_size=1)) == 2
    checked.calls(call.sid).delete()
    text = checked.messages.create(to=SANNE, from_=OURS, body="wakker worden")
    office.idle()
    assert checked.messages(text.sid).fetch().status == "delivered"
    assert checked.messages.list(to=SANNE)[0].sid == text.sid
    assert checked.messages(text.sid).update(body="").body == ""
    assert checked.messages(text.sid).delete()
    number = checked.incoming_phone_numbers.list(phone_number=OURS)[0]
    assert number.capabilities["voice"] is True
    changed = checked.incoming_phone_numbers(number.sid).update(voice_url=f"{line.url}/new")
    assert changed.voice_url == f"{line.url}/new"
    assert checked.api.accounts(checked.account_sid).fetch().status == "active"


def test_queues_keep_the_contract(office, line, checked):
    queue = checked.queues.create(friendly_name="inc-1", max_size=5)
    line.says("/voice", "<Enqueue waitUrl='/wait'>inc-1</Enqueue>")
    line.says("/wait", "<Pause length='30'/>")
    line.says("/out", "<Say>u bent aan de beurt</Say>")
    caller = office.dial(CALLER, OURS)
    assert checked.queues(queue.sid).fetch().current_size == 1
    assert checked.queues(queue.sid).members("Front").fetch().call_sid == caller.sid
    assert [m.position for m in checked.queues(queue.sid).members.list()] == [1]
    with pytest.raises(TwilioRestException) as refused:
        checked.queues(queue.sid).delete()
    assert refused.value.code == 20409
    checked.queues(queue.sid).members(caller.sid).update(url=f"{line.url}/out")
    caller.until_hears("aan de beurt")
    assert checked.queues(queue.sid).update(max_size=9).max_size == 9
    assert checked.queues(queue.sid).delete()
    assert checked.queues.list() == []


def test_conferences_keep_the_contract(office, line, checked):
    line.says("/voice", "<Dial><Conference participantLabel='klant'>room</Conference></Dial>")
    caller = office.dial(CALLER, OURS)
    invited = checked.conferences("room").participants.create(from_=OURS, to=JORIS, label="joris")
    office.phone(JORIS).answer()
    [room] = checked.conferences.list(friendly_name="room", status="in-progress")
    people = checked.conferences(room.sid).participants
    assert {person.label for person in people.list()} == {"klant", "joris"}
    assert people(invited.call_sid).update(hold=True).hold
    assert people(caller.sid).fetch().muted is False
    assert people(invited.call_sid).delete()
    ended = checked.conferences(room.sid).update(status="completed")
    assert ended.reason_conference_ended == "conference-ended-via-api"
    caller.until_over()


def test_recordings_keep_the_contract(office, line, checked):
    line.says("/voice", "<Record timeout='3' action='/done'/>")
    handset = office.dial(CALLER, OURS)
    handset.speak(4, "de server rookt")
    office.advance(8)
    [recording] = checked.recordings.list(call_sid=handset.sid)
    assert recording.duration == "4"
    assert checked.recordings(recording.sid).fetch().status == "completed"
    assert checked.calls(handset.sid).recordings.list()[0].sid == recording.sid
    assert checked.recordings(recording.sid).delete()


@pytest.mark.parametrize(
    ("to", "from_", "code"),
    [("+99", OURS, 21211), (SANNE, "+31999", 21212), (SANNE, CALLER, 21210)],
)
def test_numbers_that_cannot_be_are_refused(line, checked, to, from_, code):
    with pytest.raises(TwilioRestException) as refused:
        checked.calls.create(to=to, from_=from_, url=f"{line.url}/voice")
    assert (refused.value.status, refused.value.code) == (400, code)


def test_a_call_that_is_over_cannot_be_redirected(office, line, checked):
    caller = office.dial(CALLER, OURS)
    caller.until_over()
    with pytest.raises(TwilioRestException) as refused:
        checked.calls(caller.sid).update(url=f"{line.url}/voice")
    assert refused.value.code == 21220
