"""A request about virus recognition, from key 5 to the specialist, through a real line."""

import pytest

from store.log.reports import Reports
from tests.stories.conftest import PAPER
from tests.stories.stage import JORIS, PIETER, PIN, SANNE, STRANGER
from tests.words import words_of

LOTTE = "+31612345603"
ADDRESS = "samples@example.org"
ALWAYS = '{days: [mon, tue, wed, thu, fri, sat, sun], hours: "00:00-00:00"}'
OFFICE = '{days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}'
LAB = f"""desk: {{ring: [joris], for: 20s}}
signature_desk: {{ring: [lotte], for: 20s, samples_to: {ADDRESS}}}
paging:"""
SPECIALIST = f"""  - {{id: lotte, name: Lotte Bos, phones: ["{LOTTE}"]}}
schedules:"""
STAFFED = PAPER.replace("paging:", LAB).replace("schedules:", SPECIALIST)


@pytest.fixture
def paper():
    return STAFFED.replace(OFFICE, ALWAYS)


def requests(stage, *keys):
    """Pieter calls, is identified, and answers these keys."""
    caller = stage.dial()
    stage.press(caller, f"{PIN}#")
    for key in keys:
        stage.advance(1)
        stage.press(caller, key)
    return caller


def texts_to(stage, number):
    return [text.body for text in stage.office.texts if text.to == number]


def test_a_false_alarm_is_asked_about_spoken_of_and_joined_with_a_specialist(stage):
    caller = requests(stage, "5", "1", "1", "2")
    stage.record(caller, 4)
    incident = stage.incident()
    assert (incident.kind, incident.urgency, incident.premium) == ("signature_request", 3, False)
    assert incident.message is not None
    heard = " ".join(caller.hears)
    assert words_of("request_registered", number=incident.number) in heard
    assert words_of("samples_by_text") in heard
    assert ADDRESS not in heard
    assert any(ADDRESS in text for text in texts_to(stage, PIETER))
    assert stage.rings(JORIS) == stage.rings(SANNE) == 0
    stage.advance(3)
    lotte = stage.take(LOTTE)
    assert caller.bridged_with == lotte.sid
    assert words_of("whisper_request", level=3) in lotte.hears
    stage.hang_up(caller)
    assert stage.call(caller).outcome == "connected"
    assert not stage.incident().premium


def test_the_caller_is_texted_where_the_sample_goes(stage):
    requests(stage, "5", "2", "1", "2")
    (text,) = texts_to(stage, PIETER)
    number = stage.incident().number
    assert text == (
        f"Uw verzoek over virusherkenning heeft nummer {number}. "
        f"Stuur het bestand naar {ADDRESS} en vermeld {number}."
    )


def test_old_databases_are_no_reason_to_refuse(stage):
    caller = requests(stage, "5", "1", "2")
    stage.advance(3)
    assert "Werk uw databases" in " ".join(caller.hears)
    stage.press(caller, "2")
    assert stage.incident().request.databases == "old"


def test_who_answers_no_question_still_makes_a_request(stage):
    caller = requests(stage, "5")
    stage.advance(120)
    incident = stage.incident()
    assert (incident.request.verdict, incident.request.databases) == ("unknown", "unknown")
    assert caller.live


def test_business_that_is_stopped_wakes_the_on_call_and_the_specialists_beside(stage):
    caller = requests(stage, "5", "2", "1", "1", "1")
    stage.advance(5)
    assert stage.office.phone(SANNE).ringing()
    assert stage.office.phone(LOTTE).ringing()
    lotte = stage.take(LOTTE)
    assert caller.bridged_with == lotte.sid
    incident = stage.incident()
    assert (incident.urgency, incident.kind) == (1, "signature_request")
    assert (incident.premium, incident.counted) == (False, None)


def test_who_is_not_identified_may_ask_too_and_is_sent_nothing(stage):
    caller = stage.dial(STRANGER)
    for keys in ("1", "0#", "5", "1", "1", "2"):
        stage.advance(1)
        stage.press(caller, keys)
    stage.record(caller, 3)
    assert texts_to(stage, STRANGER) == []
    assert words_of("samples_kept") in caller.hears
    assert ADDRESS not in " ".join(caller.hears)
    lotte = stage.answer(LOTTE)
    stage.advance(5)
    assert any("Niet geverifieerd" in said for said in lotte.hears)


class TestOutsideOfficeHours:
    @pytest.fixture
    def paper(self):
        return STAFFED

    def test_the_honest_word_the_address_and_a_message(self, stage):
        caller = requests(stage, "5", "1", "1", "2")
        stage.advance(25)
        heard = " ".join(caller.hears)
        assert words_of("later_at_request") in heard
        assert words_of("samples_by_text") in heard
        assert ADDRESS not in heard
        stage.record(caller, 4)
        stage.advance(8)
        assert (stage.call(caller).outcome, caller.live) == ("message", False)
        assert stage.rings(LOTTE) == 0
        (text,) = texts_to(stage, PIETER)
        assert ADDRESS in text


def test_the_log_says_what_it_is(stage):
    requests(stage, "5", "2", "2", "2")
    reports = Reports(stage.services.engine)
    (row,) = reports.incidents()
    assert (row["kind"], row["urgency"], row["premium"]) == ("signature_request", 3, False)
    reasons = [each["reason"] for each in reports.show(str(row["id"]))]
    assert "false_negative, databases: old" in reasons
