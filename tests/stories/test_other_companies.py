"""The important stories once more, at a company that speaks TwiML in its own way.

Tried against our reading of their documents: nobody here can call the real ones.
"""

from dataclasses import replace
from typing import ClassVar

import pytest
import requests

from carrier.signature import encode_form
from devtools.phone_company.dialects import Letter
from devtools.phone_company.dialects.signalwire import SIGNALWIRE
from devtools.phone_company.dialects.telnyx import TELNYX
from devtools.processes.truths import untruths
from tests.stories import (
    test_abandoned,
    test_call_me_now,
    test_endings,
    test_escalation,
    test_faults,
    test_hold,
    test_recordings,
    test_several_callers,
    test_texts,
    test_wrong_keys,
)
from tests.stories.conftest import PAPER
from tests.stories.stage import ACCOUNT, LINE, PIETER, SANNE, Stage, on_stage
from tests.words import words_of

PROJECT = "b3877c40-da60-4998-90ad-b792e98472af"
NO_TEXTS = PAPER.replace("channels: [sms]", "channels: []")


class SignalWireStage(Stage):
    """The line at SignalWire."""

    account: ClassVar = replace(
        ACCOUNT, sid="b3877c40-da60-4998-90ad-b792e98472af", dialect=SIGNALWIRE
    )
    more: ClassVar = {"CARRIER": "signalwire", "CARRIER_SIGNING_KEY": account.signing}


class TelnyxStage(Stage):
    """The line at Telnyx."""

    account: ClassVar = replace(ACCOUNT, sid=PROJECT, dialect=TELNYX)
    more: ClassVar = {
        "CARRIER": "telnyx",
        "CARRIER_SIGNING_KEY": TELNYX.show_key(account.signing),
        "CARRIER_APPLICATION": "1234567890",
    }


COMPANIES = {"signalwire": (SignalWireStage, PAPER), "telnyx": (TelnyxStage, NO_TEXTS)}

STORIES = (
    test_abandoned.test_a_stranger_who_chose_level_1_and_hung_up_is_paged_unverified,
    test_call_me_now.test_the_customer_waits_and_is_joined_with_the_engineer_who_takes_it,
    test_endings.test_a_caller_who_goes_while_the_key_is_pressed_was_not_answered,
    test_endings.test_a_caller_who_wants_to_be_called_back_hangs_up_and_is,
    test_endings.test_a_message_is_left_without_losing_the_place,
    test_endings.test_after_the_talk_a_caller_who_hangs_up_is_done,
    test_endings.test_the_caller_hangs_up_early_and_the_incident_goes_on,
    test_endings.test_the_engineer_drops_and_who_stays_on_is_answered_by_the_same_one_first,
    test_escalation.test_a_mailbox_takes_nothing_and_the_next_phone_and_person_are_rung,
    test_escalation.test_a_number_that_the_carrier_refuses_never_stops_the_rest,
    test_escalation.test_nobody_answers_then_the_last_resort_then_again_after_a_while,
    test_faults.test_a_request_that_was_served_but_not_answered_rings_once,
    test_faults.test_an_end_that_the_carrier_never_told_is_found_within_a_minute,
    test_faults.test_without_a_database_a_caller_hears_a_sentence_and_reaches_a_human,
    test_hold.test_the_last_resort_is_named_only_while_it_is_rung_and_takes_the_call,
    test_recordings.test_a_message_is_kept_whole_and_nothing_stays_at_the_company,
    test_recordings.test_two_messages_are_two_recordings_of_one_incident,
    test_several_callers.test_a_busy_engineer_is_not_rung_for_another_caller_but_at_once_when_free,
    test_wrong_keys.test_the_hash_key_after_a_pin_out_of_habit_costs_nothing,
)
TEXTS = (
    test_texts.test_a_text_back_acknowledges_and_ends_the_paging_when_nobody_waits,
    test_texts.test_a_text_carries_incident_level_and_company_and_no_more,
    test_texts.test_what_becomes_of_a_text_is_kept,
)


@pytest.fixture(params=COMPANIES)
def stage(tmp_path, request):
    kind, paper = COMPANIES[request.param]
    with on_stage(tmp_path, paper, kind) as stage:
        yield stage


@pytest.fixture(autouse=True)
def all_conforms(stage):
    """What callers heard was true, and no webhook of the company was refused."""
    yield
    assert stage.untrue == []
    assert [hook["url"] for hook in stage.office.webhooks if hook["status"] == 403] == []
    if not stage.database_away:
        assert list(untruths(stage.services.engine)) == []


def test_a_level_1_caller_and_the_engineer_who_takes_the_call_talk(stage):
    caller = stage.call_level_1()
    stage.advance(3)
    engineer = stage.take(SANNE)
    assert caller.bridged_with == engineer.sid
    stage.advance(60)
    stage.hang_up(caller)
    stage.advance(60)
    assert stage.call(caller).outcome == "connected"
    assert stage.live(stage.call(caller).incident) == ()


def test_a_wrong_pin_three_times_and_level_1_rings_all_the_same(stage):
    caller = stage.dial()
    for _ in range(3):
        stage.press(caller, "999999#")
    for key in ("1", "1"):
        stage.press(caller, key)
    stage.advance(20)
    assert stage.rings(SANNE) == 1


def post(stage, path, **form):
    """A webhook that the line accepts, as that of a drill is."""
    url = stage.settings.public_url + path
    headers = stage.services.signature_check.headers(url, form)
    return requests.post(url, data=encode_form(form), headers=headers, timeout=60)


@pytest.mark.parametrize("stage", ["signalwire"], indirect=True)
def test_its_own_words_are_understood(stage):
    caller = stage.call_level_1()
    stage.advance(3)
    leg = stage.incident().legs()[0]
    form = {"CallSid": leg.sid, "CallStatus": "failed", "SipResultCode": "486"}
    post(stage, f"/voice/leg/{leg.id}/status", **form)
    assert next(page.reason for page in stage.pages() if page.id == leg.id) == (
        "the carrier says: SIP 486"
    )
    stage.advance(30)
    stage.take(stage.ringing())
    call = stage.call(caller)
    form = {"CallSid": caller.sid, "QueueResult": "bridging-in-progress"}
    answer = post(stage, f"/voice/call/{call.id}/left/{call.turn}", **form)
    assert words_of("was_this_all") in answer.text


@pytest.mark.parametrize("stage", ["telnyx"], indirect=True)
def test_a_signed_request_is_worth_nothing_five_minutes_later_or_without_a_body(stage):
    form = {"CallSid": "v3:" + "1" * 32, "From": PIETER, "To": LINE}
    url = f"{stage.settings.public_url}/voice/incoming"
    signed = sign(stage, encode_form(form))
    answers = [requests.post(url, data=encode_form(form), headers=signed, timeout=60)]
    answers += [requests.post(url, data=encode_form(form), headers=signed, timeout=60)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text, "the same question gets the same answer"
    stage.advance(301)
    assert requests.post(url, data=encode_form(form), headers=signed, timeout=60).status_code == 403
    assert requests.post(url, headers=sign(stage, b""), timeout=60).status_code == 403


def sign(stage, body):
    """The headers of a webhook of the company now."""
    account, at = stage.office.account, stage.now()
    letter = Letter(account.token, account.signing, None, "", {}, body, at)
    return account.dialect.sign(letter) | {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_story_is_the_same(stage, story):
    story(stage)


@pytest.mark.parametrize("stage", ["signalwire"], indirect=True)
@pytest.mark.parametrize("story", TEXTS, ids=lambda story: story.__name__)
def test_texts_are_the_same(stage, story):
    story(stage)
