"""One incident in a real browser: on a telephone at night, taken and answered with a thumb."""

import pytest
from playwright.sync_api import expect

from routing import events
from routing.message import Via
from service.bootstrap import build_services
from service.incident_actions import IncidentActions
from settings import read_settings
from store.work.redis_client import NoJobNotifier
from tests.ivr_app.console.dashboard.test_dashboard import NUMBER, PIETER

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def number(web, request):
    """Pieter called the line of the running web process about level 1, and hung up; afterwards
    nobody is rung for it or asked about it, as the process is there for other tests."""
    board = build_services(read_settings(web.environment), NoJobNotifier())
    desk = board.call_service
    call = desk.answer(f"CA{abs(hash(request.node.name)):032d}", NUMBER, PIETER).case.call
    call = desk.pin_keyed(call.id, call.turn, "482913#").case.call
    while call.incident is None:
        matter = desk.happen(
            events.Chose(call.id, call.turn, "2" if call.stage == "about" else "1")
        )
        call = matter.call
    matter = desk.happen(events.CallEnded(call.id))
    yield matter.incident.number
    taken = IncidentActions.of(board, matter.incident.number, "sanne", Via.CONSOLE).take()
    for leg in taken.incident.legs():
        desk.happen(events.LegHeard(leg.id, events.Heard.CANCELED))
    desk.happen(events.Closed(matter.incident.key, "sanne", Via.CONSOLE))
    board.engine.dispose()


def test_sanne_takes_an_incident_and_answers_it_on_her_telephone(look, number):
    page = look("engineer", "/incidents", "nl", 360)
    page.get_by_role("link", name=str(number)).click()
    page.get_by_role("button", name="Neem aan").click()
    expect(page.get_by_role("status")).to_contain_text("Sanne de Vries")
    page.locator("summary", has_text="Beantwoord").click()
    page.get_by_label("Waarom (mag leeg blijven)").first.fill("instelling teruggezet")
    page.get_by_role("button", name="Beantwoord").click()
    expect(page.locator(".head .badge[data-tone=good]")).to_have_text("beantwoord")


def test_a_number_of_the_drawing_leads_to_its_step(look, number):
    page = look("viewer", f"/incidents/{number}", "en")
    tick = page.get_by_role("link", name="Step").last
    step = page.locator(tick.get_attribute("href"))
    expect(step).not_to_be_in_viewport()
    tick.focus()
    page.keyboard.press("Enter")
    expect(step).to_be_in_viewport()
