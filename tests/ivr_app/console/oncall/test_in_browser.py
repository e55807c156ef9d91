"""The rota in a real browser: a time and shifts are dragged, looked at, saved; or typed instead."""

import json

import pytest
from playwright.sync_api import expect

from service.bootstrap import build_services
from settings import read_settings
from store.work.redis_client import NoJobNotifier
from tests.chromium import no_serious_findings
from tests.ivr_app.console.conftest import LANGUAGES, fits_and_keeps_nobody_out
from tests.web_app import web_app

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def oncall(web):
    """What the command line says of a day: who, from which hour."""
    board = build_services(read_settings(web.environment), NoJobNotifier())
    runner = web_app(board).test_cli_runner()

    def ask(schedule, start, end):
        span = ("--from", start, "--to", end)
        result = runner.invoke(args=["oncall", "--schedule", schedule, *span, "--json"])
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        return [(row["start"][11:16], *row["on_call"]) for row in rows]

    yield ask
    board.engine.dispose()


def drag(page, start, end):
    """From one point of the page to another, by mouse."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 20, start[1], steps=3)
    page.mouse.move(*end, steps=6)
    page.mouse.up()


def middle(locator):
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def save(page):
    expect(page.get_by_role("heading", level=1)).to_have_text("Effect of this change")
    page.get_by_role("button", name="Save", exact=True).click()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", ["week&day=2031-03-26", "month&day=2031-10-26"])
def test_the_rota_fits_and_keeps_nobody_out(look, language, view):
    page = look("manager", f"/oncall?view={view}", language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    fits_and_keeps_nobody_out(page, language)


@pytest.mark.parametrize("view", ["week", "month"])
def test_in_the_dark_everything_is_as_plain(look, view):
    page = look("manager", f"/oncall?view={view}")
    page.emulate_media(color_scheme="dark")
    no_serious_findings(page)


def test_a_time_is_dragged_its_effect_seen_and_saved_and_oncall_says_so(look, oncall):
    page = look("manager", "/oncall?day=2031-05-07", "en")
    strip = page.locator('[data-schedule="night"] .strip')
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    hour = box["width"] / 7 / 24
    start, end = (box["x"] + (2 * 24 + at) * hour for at in (10, 16))
    drag(page, (start, box["y"] + 8), (end, box["y"] + 8))
    expect(page.locator("#start")).to_have_value("2031-05-07T10:00")
    expect(page.locator("#end")).to_have_value("2031-05-07T16:00")
    expect(page.get_by_label("Comes on call")).to_be_focused()
    page.get_by_label("Comes on call").select_option(label="Sanne de Vries")
    page.get_by_role("button", name="Preview the change").click()
    expect(page.get_by_text("not saved yet")).to_be_visible()
    asked = ("night", "2031-05-07T09:30", "2031-05-07T17:00")
    assert oncall(*asked) == [("09:30",)]
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Sanne de Vries is also on call in night")
    assert oncall(*asked) == [("09:30",), ("10:00", "sanne"), ("16:00",)]


def test_a_shift_is_dragged_onto_a_name_and_then_traded_for_another(look, oncall):
    page = look("manager", "/oncall?day=2031-06-04", "en")
    nights = page.locator('[data-schedule="night"] .shift')
    tuesday = nights.and_(page.locator('[data-start="2031-06-03T18:00"]'))
    name = page.locator('.chip[data-person="sanne"]')
    name.scroll_into_view_if_needed()  # before the places are measured
    drag(page, middle(tuesday), middle(name))
    save(page)
    expect(page.get_by_role("status")).to_contain_text("Sanne de Vries takes over night from Joris")
    thursday = nights.and_(page.locator('[data-start="2031-06-05T18:00"]'))
    drag(page, middle(tuesday), middle(thursday))
    expect(page.get_by_text("Joris Bakker takes over from Sanne de Vries")).to_be_visible()
    expect(page.get_by_text("Sanne de Vries takes over from Joris Bakker")).to_be_visible()
    no_serious_findings(page)
    save(page)
    expect(page.get_by_role("status")).to_contain_text("trade shifts in night")
    assert oncall("night", "2031-06-03T19:00", "2031-06-04T08:00") == [("19:00", "joris")]
    assert oncall("night", "2031-06-05T19:00", "2031-06-06T08:00") == [("19:00", "sanne")]


def test_a_drag_that_ends_nowhere_or_is_broken_off_changes_nothing(look):
    page = look("manager", "/oncall?day=2031-07-02", "en")
    shift = page.locator('[data-schedule="night"] .shift').nth(2)
    drag(page, middle(shift), middle(page.get_by_role("heading", level=1)))
    page.mouse.move(*middle(shift))
    page.mouse.down()
    page.mouse.move(600, 300, steps=4)
    expect(page.locator(".ghost")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    page.mouse.up()
    expect(page.locator("#start")).to_have_value("")
    assert page.url.endswith("/oncall?day=2031-07-02")


def test_with_the_keyboard_alone_a_shift_is_chosen_given_away_and_taken_back(look, oncall):
    page = look("engineer", "/oncall?day=2031-08-06", "en", 360)
    page.locator('a.shift[data-person="sanne"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#start")).to_have_value("2031-08-04T00:00")
    take = page.get_by_label("Comes on call")
    take.focus()
    page.keyboard.type("Joris")
    page.get_by_role("button", name="Preview the change").focus()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Save", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Both are notified.")
    span = ("primary", "2031-08-05T00:00", "2031-08-06T00:00")
    assert oncall(*span) == [("00:00", "joris")]
    page.get_by_role("button", name="Undo Joris Bakker takes over").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Undo it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The change was undone")
    assert oncall(*span) == [("00:00", "sanne")]


def test_without_javascript_a_click_on_a_shift_fills_in_the_form(browser, web, keys):
    context = browser.new_context(java_script_enabled=False, locale="en")
    context.add_cookies(keys("manager", "en"))
    page = context.new_page()
    page.goto(f"{web.url}/console/oncall?day=2031-09-03")
    page.locator('[data-schedule="night"] a.shift').nth(1).click()
    assert page.locator("#start").input_value() == "2031-09-01T18:00"
    assert page.get_by_label("Goes off call").input_value() == "joris"
    page.get_by_role("button", name="Preview the change").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Effect of this change"
    context.close()
