"""A call is found in a real browser, and each number of its timeline leads to its step."""

import pytest
from playwright.sync_api import expect

from service.bootstrap import build_services
from settings import read_settings
from store.log.timeline import read_call_timeline
from store.work.redis_client import NoJobNotifier
from tests.conftest import Clock
from tests.ivr_app.console.calls.conftest import happened

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SID = "CA" + "c" * 32


@pytest.fixture(scope="module", autouse=True)
def call(web):
    """A level 1 call on the line of the real web process."""
    clock = Clock()
    board = build_services(read_settings(web.environment), NoJobNotifier(), clock)
    if read_call_timeline(board.engine, SID) is None:
        happened(board.call_service, clock, SID)
    board.engine.dispose()


def test_whoever_searches_comes_to_the_call_and_a_number_to_its_step(look):
    page = look("viewer", "/calls", "en")
    page.get_by_label("Company").fill("bakkerij")
    page.get_by_label("Accepted by").select_option(label="Sanne de Vries")
    page.get_by_role("button", name="Find").click()
    page.locator(f'a[href$="{SID}"]').click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Call from Bakkerij Jansen BV")
    bars = page.locator(".bar.talking")
    boxes = [bars.nth(place).bounding_box() for place in range(2)]
    assert round(boxes[0]["x"]) == round(boxes[1]["x"])
    number = page.get_by_role("link", name="Step").last
    step = page.locator(number.get_attribute("href"))
    expect(step).not_to_be_in_viewport()
    number.focus()
    page.keyboard.press("Enter")
    expect(step).to_be_in_viewport()
