"""The figures in a real browser: in both languages, on a telephone and on a screen, in the dark."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from service.bootstrap import now
from store.db.engine import open_engine, reading
from store.tables.log import calls
from tests.chromium import no_serious_findings
from tests.ivr_app.console.conftest import LANGUAGES, fits_and_keeps_nobody_out
from tests.ivr_app.console.figures.conftest import wrote

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module", autouse=True)
def log_of_the_web(web):
    """The calls of the cast, on the line of the real web process."""
    engine = open_engine(web.environment["DATABASE_URL"])
    with reading(engine) as connection:
        there = connection.scalar(select(calls.c.id).where(calls.c.id == f"{0:032}"))
    if there is None:
        wrote(engine, now())
    engine.dispose()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("by", ["month", "contract"])
def test_the_figures_fit_and_keep_nobody_out(look, language, by):
    page = look("manager", f"/figures?by={by}", language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("figure svg.figure").first).to_be_visible()
    fits_and_keeps_nobody_out(page, language)


def test_in_the_dark_everything_is_as_plain(look):
    page = look("manager", "/figures?by=level")
    page.emulate_media(color_scheme="dark")
    no_serious_findings(page)


def test_whoever_asks_what_a_figure_means_is_led_to_its_words(look):
    page = look("viewer", "/figures", "en")
    page.get_by_role("link", name="What is SL2?").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#means-sl2")).to_be_in_viewport()
    page.get_by_label("Group by", exact=True).select_option(label="Level")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("rowheader", name="Level 1")).to_be_visible()


def test_no_words_of_a_drawing_lie_on_others(look):
    page = look("manager", "/figures", "nl")
    for figure in page.locator("figure svg.figure").all():
        boxes = [text.bounding_box() for text in figure.locator("text").all()]
        for place, one in enumerate(boxes):
            for other in boxes[place + 1 :]:
                apart = one["x"] + one["width"] <= other["x"] + 1
                apart |= other["x"] + other["width"] <= one["x"] + 1
                apart |= one["y"] + one["height"] <= other["y"] + 2
                apart |= other["y"] + other["height"] <= one["y"] + 2
                assert apart, figure.locator("title").first.text_content()
