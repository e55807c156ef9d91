"""A text whose sender is forged, a text that says nothing, and one that came at a bad time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.stories.stage import ACCOUNT, JORIS, LINE, SANNE

QUARTER = 15 * 60


def text(stage, body, sender=SANNE):
    stage.office.text(sender, LINE, body)
    stage.settle()


def answers(stage, sender=SANNE):
    return [t.body for t in stage.office.texts if t.to == sender and t.direction != "outbound-api"]


def deliver(stage, body, sid="SM" + "7" * 32, **more):
    """The carrier brings a text, signed, and reads our answer."""
    url = f"{stage.settings.public_url}/sms/incoming"
    form = {"MessageSid": sid, "From": SANNE, "To": LINE, "Body": body} | more
    signature = RequestValidator(ACCOUNT.token).compute_signature(url, form)
    headers = {"X-Twilio-Signature": signature}
    return requests.post(url, form, headers=headers, timeout=60)


@pytest.fixture
def number(stage):
    stage.hang_up(stage.call_level_1())
    stage.advance(5)
    return stage.incident().number


def test_three_texts_of_a_forged_sender_do_not_close_a_level_1(stage, number):
    for body in (f"{number} ok", "klaar", "dicht"):
        text(stage, body)
    assert stage.incident().state == "acknowledged"
    rings = stage.rings(SANNE)
    stage.advance(QUARTER + 60)
    assert stage.rings(SANNE) > rings
    assert stage.incident().state == "open"


def test_three_texts_of_somebody_who_was_not_told_do_nothing(stage, number):
    for body in (f"{number} ok", "klaar", "dicht", "ok"):
        text(stage, body, JORIS)
    assert stage.incident().state == "open"
    assert stage.office.phone(SANNE).ringing()


@pytest.mark.parametrize("media", [{"NumMedia": "1", "MediaUrl0": "https://x.example/1"}, {}])
@pytest.mark.parametrize("body", ["", " ", ".", "-"])
def test_a_picture_or_a_blank_takes_nothing(stage, number, body, media):
    assert deliver(stage, body, **media).status_code == 200
    assert stage.incident().state == "open"
    assert list(stage.desk.calls.notes.find_all(stage.incident().key)) == []


def test_stop_is_not_noted_and_not_answered(stage, number):
    text(stage, str(number))
    before = len(answers(stage))
    for word in ("STOP", "START", "HELP"):
        text(stage, word)
    assert list(stage.desk.calls.notes.find_all(stage.incident().key)) == []
    assert len(answers(stage)) == before


def test_an_automatic_answer_ends_by_itself(stage, number):
    text(stage, str(number))
    before = len(answers(stage))
    for _ in range(30):
        text(stage, "Ik ben op vakantie. I am on holiday.")
    assert len(list(stage.desk.calls.notes.find_all(stage.incident().key))) == 1
    assert len(answers(stage)) == before + 1


def test_a_text_that_meets_a_busy_database_comes_again_and_counts_once(stage, number):
    stage.break_database()
    assert deliver(stage, f"{number}").status_code == 503
    stage.mend_database()
    assert stage.incident().state == "open"
    for _ in range(2):
        answer = deliver(stage, f"{number}")
        assert (answer.status_code, "op uw naam" in answer.text) == (200, True)
    assert stage.incident().acknowledged_by == "sanne"


def test_a_text_brought_several_times_at_once_counts_once(stage, number):
    deliver(stage, f"{number}", sid="SM" + "1" * 32)
    with ThreadPoolExecutor(4) as carriers:
        brought = [carriers.submit(deliver, stage, "de klant mailt liever") for _ in range(4)]
    assert [one.result().status_code for one in brought] == [200] * 4
    assert len(list(stage.desk.calls.notes.find_all(stage.incident().key))) == 1
    assert "Genoteerd" in deliver(stage, "de klant mailt liever").text
