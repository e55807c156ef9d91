"""The door, and what a browser alone can tell; every page is looked at in `console_live`."""

import pytest
from playwright.sync_api import expect

from tests.ivr_app.console.conftest import LANGUAGES, fits_and_keeps_nobody_out
from tests.ivr_app.console.staff import NAMES, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_door_fits_and_keeps_nobody_out(look, language):
    page = look(None, "/", language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    fits_and_keeps_nobody_out(page, language)


def test_somebody_signs_in_and_out_with_the_keyboard_alone(look):
    page = look(None, "/audit_log", "nl", 360)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.get_by_label("Naam").focus()
    page.keyboard.type(NAMES["manager"])
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wie wat veranderde")
    page.get_by_role("button", name="Afmelden").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("U bent afgemeld.")


def test_the_dots_for_the_telephone_are_all_there(look):
    page = look("manager", "/profile/second")
    box = page.locator(".dots svg").bounding_box()
    drawn = page.locator(".dots path").last.bounding_box()
    assert drawn["x"] + drawn["width"] <= box["x"] + box["width"]
    assert drawn["y"] + drawn["height"] <= box["y"] + box["height"]


def test_on_a_telephone_the_page_that_is_open_stands_in_sight_among_the_others(look):
    for path in ("/", "/audit_log"):
        here = look("manager", path, "nl", 360).locator("nav [aria-current]").bounding_box()
        assert (here["x"] >= 0, here["x"] + here["width"] <= 360) == (True, True), path
