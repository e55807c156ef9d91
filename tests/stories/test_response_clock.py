"""The response clock lived through: by key, by text, over a pause, after a restart."""

import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.stories.conftest import PAPER
from tests.stories.stage import ACCOUNT, JORIS, LINE, PIN, SANNE
from tests.words import words_of

MANAGER = "+31612345609"
HOUR = 3600


@pytest.fixture
def paper():
    return PAPER.replace("schedules:", f'duty_manager: {{phone: "{MANAGER}"}}\nschedules:')


def left_alone(stage):
    """Pieter reports a level 1 and hangs up; Sanne takes it by text."""
    stage.hang_up(stage.call_level_1())
    number = stage.incident().number
    text(stage, SANNE, f"{number} {code(stage)}")
    text(stage, SANNE, f"{number} wacht even")
    text(stage, SANNE, f"{number} verder")
    return number


def code(stage, number=SANNE):
    """The code that the page to this phone carries."""
    page = stage.office.until_texted(number, "Code ").body
    return page.partition("Code ")[2][:4]


def text(stage, sender, body):
    """An engineer texts the line; gives back what is answered."""
    stage.office.text(sender, LINE, body)
    stage.settle()
    return [t.body for t in stage.office.texts if t.to == sender][-1]


def now(stage, number):
    return stage.desk.calls.find_by_number(number).incident


def told(stage, number):
    """What a phone was texted about the response time."""
    bodies = [t.body for t in stage.office.texts if t.to == number]
    return [body for body in bodies if "% van de reactietijd" in body or "TE LAAT" in body]


def test_who_has_it_and_the_duty_manager_are_warned_and_told_of_the_breach(stage):
    number = left_alone(stage)
    due = now(stage, number).respond_by
    while stage.now() < due:
        stage.advance(HOUR)
    stage.advance(60)
    assert now(stage, number).breached_at == due
    assert ["50 %" in told(stage, SANNE)[0], "80 %" in told(stage, SANNE)[1]] == [True, True]
    assert "TE LAAT" in told(stage, SANNE)[2]
    assert len(told(stage, SANNE)) == len(told(stage, MANAGER)) == 3
    assert "Sanne de Vries heeft het" in told(stage, MANAGER)[0]


def test_a_response_by_text_stops_the_clock_and_a_doubled_text_changes_nothing(stage):
    number = left_alone(stage)
    assert text(stage, SANNE, f"{number} klaar") == f"Incident {number} is beantwoord. Dank u."
    before = now(stage, number)
    assert text(stage, SANNE, f"{number} klaar") == f"Incident {number} is beantwoord. Dank u."
    assert now(stage, number) == before
    assert (before.state, before.responded_by, before.clock.state) == (
        "responded",
        "sanne",
        "stopped",
    )
    assert "niet naar u gestuurd" in text(stage, JORIS, f"{number} dicht")
    assert "is gesloten" in text(stage, SANNE, f"{number} dicht")
    assert now(stage, number).closed_by == "sanne"


def test_words_take_nothing_and_the_answer_says_so(stage):
    stage.hang_up(stage.call_level_1())
    number = stage.incident().number
    said = text(stage, SANNE, f"{number} kan ik niet")
    assert said.startswith(f"Genoteerd bij incident {number}. Nog niemand heeft het")
    assert now(stage, number).state == "open"
    assert stage.office.phone(SANNE).ringing()
    (memo,) = stage.desk.calls.notes.find_all(now(stage, number).key)
    assert (memo.by, memo.words) == ("sanne", "kan ik niet")


def test_what_the_customer_was_asked_for_pauses_the_clock(stage):
    number = left_alone(stage)
    said = text(stage, SANNE, f"{number} wacht op de logbestanden")
    assert said == f"Incident {number} wacht op de klant; de reactietijd staat stil."
    due = now(stage, number).respond_by
    assert now(stage, number).waiting_for == "op de logbestanden"
    for _ in range(5):
        stage.advance(24 * HOUR)
    assert told(stage, MANAGER) == []
    assert "wacht niet" in text(stage, SANNE, f"{number} verder")
    assert now(stage, number).respond_by > due


def test_a_closed_line_that_comes_back_late_tells_of_the_breach_alone(stage):
    number = left_alone(stage)
    due = now(stage, number).respond_by
    stage.office.advance((due - stage.now()).total_seconds() + HOUR)
    stage.settle()
    assert now(stage, number).breached_at == due
    assert len(told(stage, MANAGER)) == 1
    assert "TE LAAT" in told(stage, MANAGER)[0]


def test_a_note_is_spoken_after_the_talk_and_then_the_response_is_keyed(stage):
    caller = stage.call_level_1()
    engineer = stage.take(SANNE)
    stage.advance(10)
    stage.hang_up(caller)
    stage.advance(10)
    assert words_of("closing_note", key="7") in engineer.hears
    stage.press(engineer, "7")
    stage.record(engineer, 5)
    number = stage.incident().number
    stage.press(engineer, "1")
    incident = now(stage, number)
    assert (incident.state, incident.responded_by) == ("responded", "sanne")
    notes = [r for r in stage.desk.calls.recordings.find_all(incident.key) if r.purpose == "note"]
    assert [note.by for note in notes] == ["sanne"]


def test_a_note_brought_twice_stays_one_although_it_would_now_mean_another_incident(stage):
    first = left_alone(stage)
    note = {"MessageSid": "SM" + "7" * 32, "From": SANNE, "To": LINE, "Body": "klant mailt liever"}
    assert f"incident {first}" in deliver(stage, note)
    text(stage, SANNE, f"{first} klaar")
    stage.hang_up(reported_anew(stage))
    assert "<Message>" in deliver(stage, note)
    second = next(i for i in stage.desk.calls.find_open("main") if i.number != first)
    assert list(stage.desk.calls.notes.find_all(second.key)) == []


def reported_anew(stage):
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    stage.something_new(caller)
    for key in ("1", "1"):
        stage.press(caller, key)
    return caller


def deliver(stage, form):
    """The carrier brings this text, signed, and reads our answer."""
    url = f"{stage.settings.public_url}/sms/incoming"
    signature = RequestValidator(ACCOUNT.token).compute_signature(url, form)
    headers = {"X-Twilio-Signature": signature}
    return requests.post(url, form, headers=headers, timeout=60).text
