"""Customers sign in to the portal and look at each page of it, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.chromium import no_serious_findings
from tests.console_live.walk import kind, look, pages
from tests.portal_live.running import CODE, KARIN, KARIN_MAIL, LINK

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WORDS = {
    "nl": {
        "send": "Stuur een code",
        "sign_in": "Aanmelden",
        "address": "E-mailadres of telefoonnummer",
        "out": "Afmelden",
    },
    "en": {
        "send": "Send a code",
        "sign_in": "Sign in",
        "address": "E-mail address or phone number",
        "out": "Sign out",
    },
}
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
LANGUAGES = pytest.mark.parametrize(("language", "width"), [("nl", 360), ("en", 1280)])


def ask_for_code(line, page: Page, language: str, address: str) -> None:
    words = WORDS[language]
    page.goto(f"{line.portal}/")
    page.get_by_label(words["address"]).fill(address)
    page.get_by_role("button", name=words["send"]).click()
    expect(page.locator("input[name=code]")).to_be_visible()


def is_in(page: Page, language: str) -> None:
    expect(page.get_by_role("button", name=WORDS[language]["out"], exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", language)


def fits(page: Page, width: int) -> None:
    """Without scripts nobody measures, so the window of the page is asked."""
    box = page.locator("html").bounding_box()
    assert box is not None
    assert box["width"] <= width, page.url


@SCRIPTS
@LANGUAGES
def test_a_code_in_a_mail_signs_in(line, window, language, width, scripts):
    page = window(language, width, scripts=scripts).new_page()
    before = sum(mail["To"] == KARIN_MAIL for mail in line.postbox.mails)
    ask_for_code(line, page, language, KARIN_MAIL)
    code = CODE.search(line.read_mail(KARIN_MAIL, before))
    assert code is not None
    page.locator("input[name=code]").fill(code[0])
    page.get_by_role("button", name=WORDS[language]["sign_in"], exact=True).click()
    is_in(page, language)
    fits(page, width)
    page.get_by_role("button", name=WORDS[language]["out"], exact=True).click()
    expect(page.get_by_label(WORDS[language]["address"])).to_be_visible()


@SCRIPTS
def test_a_link_in_a_mail_signs_in_after_a_scanner_has_opened_it(line, window, scripts):
    page = window("nl", 360, scripts=scripts).new_page()
    before = sum(mail["To"] == "joost@example.org" for mail in line.postbox.mails)
    ask_for_code(line, page, "nl", "joost@example.org")
    link = LINK.search(line.read_mail("joost@example.org", before))
    assert link is not None
    other = window("nl", 360, scripts=scripts).new_page()
    assert other.request.get(link[0]).ok
    other.goto(link[0])
    other.get_by_role("button", name="Aanmelden", exact=True).click()
    is_in(other, "nl")
    assert other.request.get(link[0]).status == 404


def test_a_code_in_a_text_signs_in(line, window):
    page = window("nl", 360).new_page()
    ask_for_code(line, page, "nl", "06 12345682")
    text = line.read_text(KARIN)
    assert "Noord" not in text
    code = CODE.search(text)
    assert code is not None
    page.locator("input[name=code]").fill(code[0])
    page.get_by_role("button", name="Aanmelden", exact=True).click()
    is_in(page, "nl")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_fits_and_keeps_nobody_out(line, window, language):
    page = line.let_in(window(language))
    seen = set()
    for address in pages(page, line.portal):
        look(page, language)
        seen.add(kind(address))
    assert {"/portal", "/portal/company", "/portal/company/contacts/add"} <= seen


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_door_fits_and_keeps_nobody_out(line, window, language):
    page = window(language).new_page()
    ask_for_code(line, page, language, f"nobody-{language}@example.org")
    look(page, language)
    page.goto(f"{line.portal}/sign-in/link/worn-out")
    look(page, language)
    page.goto(f"{line.portal}/sign-in")
    look(page, language)
    no_serious_findings(page)
