"""Texts beside the ringing, and a text back."""

from tests.stories.stage import JORIS, LINE, PIETER, SANNE


def test_a_text_carries_incident_level_and_company_and_no_more(stage):
    stage.call_level_1()
    text = stage.office.until_texted(SANNE)
    number = stage.incident().number
    assert str(number) in text.body
    assert "niveau 1" in text.body
    assert "Bakkerij Jansen BV" in text.body
    assert "Pieter" not in text.body
    assert "+31612345678" not in text.body


def test_a_text_back_acknowledges_and_ends_the_paging_when_nobody_waits(stage):
    caller = stage.call_level_1()
    stage.advance(5)
    stage.hang_up(caller)
    number = stage.incident().number
    stage.office.text(SANNE, LINE, f"ok {number}")
    stage.settle()
    incident = stage.incident()
    assert (incident.state, incident.acknowledged_by) == ("acknowledged", "sanne")
    assert not stage.office.phone(SANNE).ringing()
    stage.advance(60)
    assert stage.rings(JORIS) == 0
    assert stage.office.until_texted(SANNE, "op uw naam")


def test_a_text_back_never_ends_the_hunt_for_a_caller_who_waits(stage):
    caller = stage.call_level_1()
    stage.advance(5)
    stage.office.text(SANNE, LINE, str(stage.incident().number))
    stage.settle()
    assert stage.office.phone(SANNE).ringing()
    assert stage.incident().escalation.phase == "steps"
    sanne = stage.take(SANNE)
    assert caller.bridged_with == sanne.sid


def test_a_text_from_a_stranger_changes_nothing_and_gets_no_answer(stage):
    stage.call_level_1()
    before = len(stage.office.texts)
    stage.office.text("+31687654321", LINE, str(stage.incident().number))
    stage.settle()
    assert stage.incident().state == "open"
    assert [t for t in stage.office.texts[before:] if t.to == "+31687654321"] == []


def test_what_becomes_of_a_text_is_kept(stage):
    stage.office.phone(SANNE).behave("ring", texts="undelivered")
    stage.call_level_1()
    (text,) = [page for page in stage.pages() if page.channel == "sms"]
    assert text.result == "undelivered"


def test_lines_that_share_a_number_for_texts_each_hear_of_their_own_incidents(stage, paper):
    other = paper.replace("line:\n", f"line:\n  id: another\n  texts_from: '{LINE}'\n", 1)
    stage.apply(other.replace(f'number: "{LINE}"', 'number: "+31205555555"', 1))
    stage.hang_up(stage.call_level_1())
    known = stage.office.until_texted(SANNE, "Code ").body.partition("Code ")[2][:4]
    stage.office.text(SANNE, LINE, f"{stage.incident().number}")
    stage.settle()
    assert stage.incident().acknowledged_by == "sanne"
    assert stage.office.until_texted(SANNE, "op uw naam")
    stage.office.text(SANNE, LINE, f"klaar {known}")
    stage.settle()
    assert not stage.desk.calls.find_open("main")


def test_a_text_with_a_number_beyond_all_numbers_is_answered(stage):
    stage.hang_up(stage.call_level_1())
    stage.office.text(JORIS, LINE, "99999999999")
    assert stage.office.until_texted(JORIS, "geen open incident")
    assert stage.incident().state == "open"


def test_an_engineer_writes_to_the_customer_who_is_told_and_colleagues_notes_stay_inside(stage):
    stage.hang_up(stage.call_level_1())
    incident = stage.incident()
    code = stage.office.until_texted(SANNE, "Code ").body.partition("Code ")[2][:4]
    stage.office.text(SANNE, LINE, f"{incident.number} klant is erg boos")
    assert stage.office.until_texted(SANNE, "NIET naar de klant gestuurd")
    stage.office.text(SANNE, LINE, f"{incident.number} {code} klant: De kassa werkt weer.")
    assert stage.office.until_texted(SANNE, "Verstuurd naar de klant").body.endswith(
        f"incident {incident.number}, Bakkerij Jansen BV."
    )
    (message,) = stage.desk.calls.correspondence.find_messages(incident.key)
    assert (message.by, message.words) == ("sanne", "De kassa werkt weer.")
    stage.settle()
    told = [text.body for text in stage.office.texts if text.to == PIETER]
    assert any(f"{incident.number}" in body for body in told)
    assert not any("boos" in body or "kassa" in body or "Sanne" in body for body in told)
