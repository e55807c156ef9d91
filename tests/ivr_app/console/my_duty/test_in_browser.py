"""An engineer's own page in a real browser, held in one hand."""

import pytest
from playwright.sync_api import expect

from tests.chromium import no_serious_findings
from tests.ivr_app.console.conftest import LANGUAGES, fits_and_keeps_nobody_out

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

TOUCH = 44
"""Pixels that a thumb needs."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_fits_and_keeps_nobody_out(look, language):
    page = look("engineer", "/my_duty", language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    fits_and_keeps_nobody_out(page, language)


def test_in_the_dark_everything_is_as_plain(look):
    page = look("engineer", "/my_duty")
    page.emulate_media(color_scheme="dark")
    no_serious_findings(page)


def test_on_a_telephone_every_button_is_large_enough_for_a_thumb(look):
    page = look("engineer", "/my_duty", "nl", 360)
    buttons = page.locator("main :is(button, .button, input:not([type=hidden]))")
    boxes = [buttons.nth(at).bounding_box() for at in range(buttons.count())]
    assert len(boxes) > 4
    assert [box for box in boxes if box["height"] < TOUCH or box["width"] < TOUCH] == []


def test_from_a_shift_one_comes_to_the_form_that_gives_it_away(look):
    page = look("engineer", "/my_duty", "en", 360)
    page.get_by_role("link", name="Give away").first.click()
    expect(page.get_by_label("Goes off call")).to_have_value("sanne")
    expect(page.locator("#start")).not_to_have_value("")


def test_what_is_wrong_with_a_number_stands_in_sight_and_is_written_over_at_once(
    web, browser, keys
):
    context = browser.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=False)
    context.add_cookies(keys("engineer", "nl"))
    page = context.new_page()
    page.goto(f"{web.url}/console/my_duty")
    page.locator("#number").fill("12")
    page.locator("#number").press("Enter")
    expect(page.locator(".mistake")).to_be_in_viewport()
    expect(page.locator("#number")).to_be_focused()
    context.close()
