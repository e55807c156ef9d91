"""Every page of the console in a real browser, on a line with all processes and calls."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import Error, Page, expect

from ivr_app import console
from ivr_app.console import ConsolePage
from ivr_app.mounted import CONSOLE_ADDRESS
from ivr_app.web import LANGUAGES, find_pages
from routing.phone_numbers import format_international
from tests.chromium import PATIENCE
from tests.console_live.running import live
from tests.console_live.walk import fits, kind, leads, look, pages
from tests.stories.stage import LINE, STRANGER

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def line(migrated_file, tmp_path_factory):
    """One set of processes for all tests."""
    folder = tmp_path_factory.mktemp("live")
    shutil.copy(migrated_file, folder / "line.db")
    with live(folder, f"sqlite:///{folder}/line.db") as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(line, browser):
    """A browser window in which Anna is signed in."""
    context = browser.new_context(locale="nl")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    line.sign_in(page)
    yield page
    context.close()


@pytest.fixture
def page(signed_in):
    """The window. An error in the browser's console fails the test, also one of the policy."""
    complaints: list[str] = []

    def heard(message) -> None:
        if message.type == "error":
            complaints.append(f"{signed_in.url}: {message.text}")

    def broken(error: Error) -> None:
        complaints.append(f"{signed_in.url}: {error}")

    signed_in.on("console", heard)
    signed_in.on("pageerror", broken)
    yield signed_in
    signed_in.remove_listener("console", heard)
    signed_in.remove_listener("pageerror", broken)
    assert complaints == []


def test_a_call_is_seen_by_a_page_that_looks_every_second(line, page: Page):
    page.goto(line.console)
    expect(page.locator("#scene")).to_have_attribute("hx-trigger", "every 1s")
    with page.expect_response(lambda answer: "/fresh" in answer.url):
        pass
    stranger = line.works.office.dial(STRANGER, LINE)
    caller = page.locator(".people").filter(has_text=format_international(STRANGER))
    expect(caller).to_be_visible()
    stranger.hang_up()
    expect(caller).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_and_keeps_nobody_out(line, page: Page, language):
    page.goto(line.console)
    page.locator(f'.tongues button[value="{language}"]').click()
    looked_at, built = set(), find_pages(console, ConsolePage)
    for address in pages(page, line.console):
        look(page, language)
        looked_at.add(kind(address))
    assert looked_at >= {f"{CONSOLE_ADDRESS}{one.path}".rstrip("/") for one in built if one.place}
    assert [told for told in line.works.office.webhooks if told["error"]] == []


def test_every_call_and_incident_fits_on_a_telephone(line, page: Page):
    """The walk opens two pages of a kind; the longest steps, of stored messages, are on others."""
    page.set_viewport_size({"width": 360, "height": 800})
    for kind_of_page in ("calls", "incidents"):
        page.goto(f"{line.console}/{kind_of_page}")
        each = dict.fromkeys(leads(page.locator("main"), f"{line.console}/{kind_of_page}"))
        assert each
        for address in each:
            page.goto(address)
            fits(page, 360)
