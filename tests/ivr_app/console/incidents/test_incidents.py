"""Incidents: found, read with their story, and dealt with, each step in the name of who took it."""

import re
from dataclasses import replace

import pytest

from ivr_app.console.incidents import ACTIONS
from ivr_app.web.i18n import load_catalogue
from routing import events
from routing.call import Entitlement
from routing.call_service import lodge
from routing.decision import Case, Decision
from routing.incident import IncidentSource, IncidentState
from routing.recording import Purpose, Recording
from store.people.audit import AuditLog
from tests.ivr_app.console.dashboard.test_dashboard import NUMBER, PIETER, words
from tests.store.cast import call

DUTCH = {"Accept-Language": "nl"}


@pytest.fixture
def number(board):
    """Pieter called about level 1 and hung up."""
    desk = board.call_service
    call = desk.answer("CA" + "1" * 32, NUMBER, PIETER).case.call
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    for _ in range(2):
        matter = desk.happen(events.Chose(call.id, call.turn, "1"))
        call = matter.call
    desk.happen(events.CallEnded(call.id))
    return matter.incident.number


def incident(board, number):
    return board.call_service.calls.find_by_number(number).incident


@pytest.fixture
def said(signed_in, number):
    """Do something with the incident, and hear what came of it."""
    visits = {}

    def do(name, role="engineer", **fields):
        visit = visits.setdefault(role, signed_in(role)) if role not in visits else visits[role]
        answer = visit.post(f"/incidents/{number}/{name}", headers=DUTCH, **fields)
        assert answer.status_code == 302, answer.text
        page = visit.get(f"/incidents/{number}", headers=DUTCH)
        return re.search(r'<p class="said" data-tone="(\w+)">([^<]+)', page.text).groups()

    return do


def test_what_waits_for_an_answer_is_listed_and_leads_to_its_page(signed_in, number):
    viewer = signed_in("viewer")
    page = viewer.get("/incidents", headers=DUTCH)
    assert f'href="/console/incidents/{number}"' in page.text
    assert f"{number} Niveau 1 Bakkerij Jansen BV open nog niemand" in words(page)
    assert "Er zijn geen incidenten" in words(viewer.get("/incidents?state=closed", headers=DUTCH))
    assert "Bakkerij" in words(viewer.get("/incidents?contract=100234", headers=DUTCH))
    assert "Bakkerij" not in words(viewer.get("/incidents?contract=100999", headers=DUTCH))
    assert "Bakkerij" in words(viewer.get("/incidents?source=phone&kind=incident", headers=DUTCH))
    assert "Bakkerij" not in words(viewer.get("/incidents?source=portal", headers=DUTCH))
    assert viewer.get(f"/incidents?number={number}").location == f"/console/incidents/{number}"
    assert viewer.get("/incidents/999999").status_code == 404


def test_an_incident_goes_from_open_to_closed_in_the_name_of_who_is_signed_in(said, board, number):
    tone, sentence = said("take")
    assert (tone, "Sanne de Vries" in sentence) == ("good", True)
    assert incident(board, number).acknowledged_by == "sanne"
    assert said("call")[1].startswith("Uw telefoon gaat zo over.")
    assert said("close")[0] == "bad"
    assert said("wait", what="")[1] == "Schrijf op wat u de klant vroeg."
    assert said("wait", what="de logbestanden")[0] == "good"
    assert incident(board, number).waiting_for == "de logbestanden"
    assert said("resume")[0] == "good"
    assert said("respond", reason="opgelost met een instelling")[0] == "good"
    assert said("close")[0] == "good"
    assert incident(board, number).state is IncidentState.CLOSED


def test_each_deed_stands_in_the_audit_log_and_the_story(said, board, signed_in, number):
    said("note", words="klant belt liever niet")
    deeds = [row.entry for row in AuditLog(board.engine).page(thing=("incident", str(number)))]
    assert [(deed.who, deed.action) for deed in deeds] == [("sanne", "incidents.note")]
    assert "klant" not in str(deeds)  # the words stand in the note alone
    story = words(signed_in("viewer").get(f"/incidents/{number}", headers=DUTCH))
    assert "Notitie Sanne de Vries console klant belt liever niet" in story


def test_what_the_customer_was_told_stands_in_the_story(said, board, signed_in, number):
    for action, more in (("take", {}), ("respond", {"reason": "opgelost"}), ("close", {})):
        said(action, **more)
    viewer = signed_in("viewer")
    story = words(viewer.get(f"/incidents/{number}", headers=DUTCH))
    assert "Mededeling Contactpersoon sms Sluiting van het incident" in story


def test_what_is_refused_is_no_deed(said, board, number):
    assert said("close")[0] == "bad"
    assert not AuditLog(board.engine).page(thing=("incident", str(number)))


def test_a_manager_speaks_as_the_duty_manager_and_takes_nothing(said, board, number):
    tone, sentence = said("take", role="manager")
    assert (tone, "niet door de dienstdoende manager" in sentence) == ("bad", True)
    assert said("reassign", role="manager", to="joris")[0] == "good"
    assert incident(board, number).acknowledged_by == "joris"
    assert said("reassign", role="manager", to="piet") == ("bad", "Die engineer is er niet.")


def test_counting_as_premium_asks_why(said, board, number):
    assert said("premium") == ("bad", "Schrijf op waarom.")
    assert said("premium", why="zo is het afgesproken")[0] == "good"
    assert incident(board, number).premium
    assert said("standard", why="toch niet")[0] == "good"
    assert not incident(board, number).premium


def test_a_viewer_reads_and_does_nothing(signed_in, board, number):
    viewer = signed_in("viewer")
    page = viewer.get(f"/incidents/{number}", headers=DUTCH)
    assert "Wat nu?" not in page.text
    assert viewer.post(f"/incidents/{number}/take").status_code == 403
    assert incident(board, number).state is IncidentState.OPEN


def test_only_what_can_be_done_is_offered(signed_in, said, number):
    engineer = signed_in("engineer")
    page = engineer.get(f"/incidents/{number}", headers=DUTCH).text
    assert f"/incidents/{number}/take" in page
    assert f"/incidents/{number}/close" not in page
    said("respond")
    page = engineer.get(f"/incidents/{number}", headers=DUTCH).text
    assert f"/incidents/{number}/take" not in page
    assert f"/incidents/{number}/close" in page


def test_it_is_drawn_and_leads_to_its_call_and_each_number_to_its_step(
    signed_in, board, clock, number
):
    clock.tick(3)
    page = signed_in("viewer").get(f"/incidents/{number}", headers=DUTCH).text
    call = board.call_service.calls.find_by_number(number).call
    assert f'href="/console/calls/{call.sid}"' in page
    drawn, steps = re.findall(r'href="#(step-\d+)"', page), re.findall(r'id="(step-\d+)"', page)
    assert drawn
    assert set(drawn) <= set(steps)
    assert steps == [f"step-{nth}" for nth in range(1, len(steps) + 1)]


def test_one_that_nobody_called_about_is_drawn_with_whoever_is_rung(signed_in, board, clock):
    told = events.Lodged("i1", "main", IncidentSource.PORTAL, 1, "nl", Entitlement.UNVERIFIED)
    number = lodge(board.call_service, told).incident.number
    clock.tick(3)
    page = words(signed_in("viewer").get(f"/incidents/{number}", headers=DUTCH))
    assert "Aan de telefoon" in page
    assert "Sanne de Vries gaat over" in page


def test_whatever_can_be_done_has_words():
    for action in ACTIONS:
        assert f"incidents.verb.{action.name}" in load_catalogue()
        assert f"incidents.action.{action.name}" in load_catalogue()
        if action.reason or action.needs:
            assert f"incidents.means.{action.name}" in load_catalogue()


def test_words_of_a_program_stand_beside_the_player(signed_in, board, number, clock):
    key, at = incident(board, number).key, board.call_service.clock()
    spoke = Case(call(7))
    said = Recording("r1", "main", key, at, Purpose.MESSAGE, "http://carrier/RE1", "call-7")
    noted = replace(said, id="r2", purpose=Purpose.NOTE, by="sanne", url="http://carrier/RE2")
    board.call_service.calls.save(Case(), Decision(spoke, recordings=(said, noted)), at)
    for one in (said, noted):
        board.recordings.keep(one, [b"RIFF"], "audio/x-wav", at)
    page = signed_in("viewer").get(f"/incidents/{number}", headers=DUTCH).text
    assert "automatisch" not in page
    board.recordings.recordings.write_words("r1", "de kassa <ligt> plat")
    board.recordings.recordings.write_words("r2", "stekker erin")
    page = signed_in("viewer").get(f"/incidents/{number}", headers=DUTCH).text
    assert "<small>Wat de beller zei (automatisch):</small> de kassa &lt;ligt&gt; plat" in page
    assert "<small>Wat de engineer zei (automatisch):</small> stekker erin" in page
