"""A customer reports and follows an incident in a real browser, with and without JavaScript, while
the simulated telephones of the engineers ring."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Error, Page, expect

from ivr_app.web import LANGUAGES
from tests.chromium import PATIENCE, no_serious_findings
from tests.console_live.walk import fits, kind, look, pages
from tests.kills.line_processes import PATIENCE as SECONDS
from tests.portal_live.running import KARIN
from tests.stories.stage import JORIS, SANNE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SAMPLE = {"name": "sample.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04\x14\x00\x00"}
LOG = {"name": "log.txt", "mimeType": "text/plain", "buffer": b"0123456789" * 100_000}


@pytest.fixture(scope="module")
def session(line, browser):
    """The cookie of Karin, who signs in once."""
    context = browser.new_context(locale="nl")
    context.set_default_timeout(PATIENCE)
    line.sign_in(context.new_page(), KARIN)
    yield context.storage_state()
    context.close()


@pytest.fixture
def open_page(session, browser):
    """Windows of Karin. An error in the browser's console, also of the policy, fails the test."""
    complaints, contexts = [], []

    def opened(locale="nl", **wanted) -> Page:
        context = browser.new_context(locale=locale, storage_state=session, **wanted)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()

        def heard(message) -> None:
            if message.type == "error":
                complaints.append(message.text)

        def broken(error: Error) -> None:
            complaints.append(str(error))

        page.on("console", heard)
        page.on("pageerror", broken)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def report(page: Page, portal: str, level: int) -> None:
    """Send the shortest report, and open its page."""
    page.goto(f"{portal}/new")
    page.fill("#subject", "Eén lezer doet het niet")
    page.check(f"input[name=level][value='{level}']")
    page.click("button[value=look]")
    page.click("button[value=send]")
    page.wait_for_url("**/incidents/*")


def close(page: Page) -> None:
    """Close the report, so that no telephone rings for it in another test."""
    page.locator("form[action$='/solved']").evaluate("form => form.submit()")
    expect(page.locator(".live form[action$='/solved']")).to_have_count(0)


def test_level_1_on_the_page_rings_a_telephone(line, open_page, record_property):
    page = open_page()
    page.goto(f"{line.portal}/new")
    page.fill("#subject", "Alle kassa's liggen stil")
    page.check("input[name=level][value='1']")
    page.fill("#words", "Sinds <b>vanochtend</b>")
    page.set_input_files("#files", [LOG, SAMPLE])
    expect(page.locator(".uploads input[name=upload]")).to_have_count(2)
    expect(page.locator(".uploads .warning")).to_have_count(1)
    page.click("button[value=look]")
    expect(page.locator(".answers")).to_contain_text("Sinds <b>vanochtend</b>")
    begun = time.monotonic()
    page.click("button[value=send]")
    engineer = line.works.office.answer_next(SANNE, timeout=SECONDS)
    rang_after = time.monotonic() - begun
    record_property("rang_after_s", round(rang_after, 3))
    headline = page.locator(".live .headline")
    expect(headline).to_contain_text("engineer")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="log.txt").click()
    assert fetched.value.path().read_bytes() == LOG["buffer"]
    said = engineer.until_hears("om aan te nemen", timeout=SECONDS)
    engineer.press(said.split("Toets ")[1][0])
    expect(headline).to_contain_text("aangenomen")
    engineer.hang_up()
    close(page)
    expect(headline).to_contain_text("gesloten")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_works_without_javascript(line, open_page, language):
    page = open_page(language, java_script_enabled=False, viewport={"width": 360, "height": 800})
    page.goto(f"{line.portal}/new")
    page.fill("#subject", "Eén lezer doet het niet")
    page.check("input[name=level][value='3']")
    page.fill("#words", "Zie het logboek")
    page.set_input_files("#files", [LOG])
    page.click("button[value=look]")
    expect(page.locator(".uploads input[name=upload]")).to_have_count(1)
    page.click("button[value=change]")
    expect(page.locator("#words")).to_have_value("Zie het logboek")
    page.click("button[value=look]")
    page.click("button[value=send]")
    page.wait_for_url("**/incidents/*")
    assert "http-equiv" in page.content()
    page.click(".head .button")
    page.fill("#words", "Het wordt erger")
    page.set_input_files("#files", [SAMPLE])
    page.click("form.request button")
    expect(page.locator(".conversation > li")).to_have_count(2)
    page.locator("details", has=page.locator("form[action$='/raise']")).locator("summary").click()
    page.click("form[action$='/raise'] button")
    engineer = line.works.office.answer_next(SANNE, JORIS, timeout=SECONDS)
    engineer.hang_up()
    page.locator("details", has=page.locator("form[action$='/solved']")).locator("summary").click()
    page.click("form[action$='/solved'] button")
    expect(page.locator(".live form[action$='/solved']")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_and_keeps_nobody_out(line, open_page, language):
    page, looked_at = open_page(language), set()
    report(page, line.portal, 4)
    for address in pages(page, line.portal):
        look(page, language)
        looked_at.add(kind(address).removesuffix("/"))
    assert looked_at >= {
        "/portal",
        "/portal/new",
        "/portal/incidents/*",
        "/portal/incidents/*/write",
    }
    page.goto(f"{line.portal}/new")
    page.fill("#subject", "x" * 120)
    page.check("input[name=level][value='4']")
    page.check("input[name=kind][value=signature_request]")
    page.set_input_files("#files", [{**SAMPLE, "name": f"{'x' * 200}.zip"}])
    expect(page.locator(".uploads input[name=upload]")).to_have_count(1)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        fits(page, width)
        no_serious_findings(page)
    page.click("button[value=look]")
    expect(page.locator(".answers")).to_be_visible()
    look(page, language)
