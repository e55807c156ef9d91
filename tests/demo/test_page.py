"""A newcomer at the page, in a real browser, with every process of the line behind it."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.demo.conftest import Demo
from tests.words import words_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]  # the first test waits for the demo


def caller(page: Page) -> Locator:
    return page.locator(".caller:visible")


def reach(page: Page, target: Locator) -> None:
    """Go there as one without a mouse does."""
    for _ in range(120):
        if target.evaluate("it => it === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach it")


def call_as_pieter(page: Page) -> None:
    reach(page, caller(page).get_by_role("button", name="Call "))
    page.keyboard.press("Enter")
    expect(caller(page)).to_contain_text(words_of("ask_pin"))
    page.keyboard.type("482913#", delay=30)
    expect(caller(page)).to_contain_text(words_of("urgency_menu"))
    page.keyboard.press("1")
    expect(caller(page)).to_contain_text(words_of("confirm_level_1"))
    page.keyboard.press("1")


def answer(page: Page) -> Locator:
    """Pick up the telephone that rings, and press the digit that is heard there."""
    ringing = page.locator('.engineer[data-state="ringing"]').first
    number = ringing.get_attribute("data-handset")
    telephone = page.locator(f'[data-handset="{number}"]')
    reach(page, telephone.get_by_role("button", name="Answer"))
    page.keyboard.press("Enter")
    digit = telephone.locator(".captions b").first.inner_text()
    page.keyboard.press(digit)
    return telephone


def test_a_newcomer_calls_the_line_with_the_keyboard_alone(page: Page) -> None:
    call_as_pieter(page)
    telephone = answer(page)
    name = telephone.get_by_role("heading").inner_text()

    expect(caller(page).locator("[data-says]")).to_have_text("Connected")
    expect(telephone.locator("[data-says]")).to_have_text("Connected")
    expect(caller(page).locator(".captions")).to_contain_text(f"Connected with {name}")
    expect(telephone.locator(".captions")).to_contain_text("Connected with Pieter Jansen")

    expect(page.locator("#timeline")).to_contain_text("the PIN was right")
    expect(page.locator("#timeline")).to_contain_text("caller and engineer are connected")
    expect(page.locator("#calls tr").first).to_contain_text(name)
    text = (
        page.locator(".threads .thread:visible .ours").filter(has_text="Bakkerij Jansen BV").first
    )
    expect(text).to_contain_text("delivered")
    expect(page.locator(".try li.done")).to_have_count(4)

    reach(page, telephone.get_by_label(f"{name} says"))
    page.keyboard.type("Goedenavond")
    page.keyboard.press("Enter")
    expect(caller(page).locator('[data-kind="other"]')).to_have_text("Goedenavond")

    reach(page, telephone.get_by_role("button", name="Hang up"))
    page.keyboard.press("Enter")
    expect(telephone.locator("[data-says]")).to_have_text("On the hook")
    reach(page, caller(page).get_by_role("button", name="Hang up"))
    page.keyboard.press("Enter")
    expect(page.locator("#calls tr").first).to_contain_text("connected")


def test_an_engineers_answer_by_text_is_answered_by_the_line(page: Page) -> None:
    page.evaluate("document.querySelectorAll('.thread').forEach(it => it.hidden = false)")
    thread = page.locator(".threads .thread").first
    thread.get_by_role("textbox").fill("9999")
    thread.get_by_role("button", name="Send").press("Enter")
    expect(thread.locator(".theirs")).to_contain_text("9999")
    expect(thread.locator(".ours").last).to_contain_text("geen open incident")


def test_the_browser_of_a_customer_rings_the_same_engineers(page: Page) -> None:
    page.locator("#who").select_option(label="Emma Jansen")
    with page.expect_popup() as opening:
        page.get_by_role("link", name="Open Emma Jansen's browser").click()
    portal = opening.value
    portal.locator('.tongues button[value="en"]').click()
    portal.get_by_label("E-mail address").fill("emma@example.org")
    portal.keyboard.press("Enter")
    mail = page.locator("[data-browser]:visible .ours").filter(has_text="code").first
    code = re.search(r": (\d{6,})", mail.inner_text())
    assert code is not None
    portal.get_by_label("Code").fill(code[1])
    portal.keyboard.press("Enter")
    portal.get_by_role("link", name="New report").first.click()
    portal.get_by_label("What is it about?").fill("The tills are down")
    portal.get_by_label("Level 1").check()
    portal.get_by_role("button", name="Check").click()
    portal.get_by_role("button", name="Send").click()

    ringing = page.locator('.engineer[data-state="ringing"]')
    expect(ringing.first).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text("by portal")
    portal.locator("summary").filter(has_text="It is solved").click()
    portal.locator("details[open] button").click()
    expect(portal.locator("body")).to_contain_text("The report is closed")
    expect(ringing).to_have_count(0)
    portal.close()


def test_the_page_fits_a_small_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_another_site_can_neither_read_the_page_nor_press_its_keys(demo: Demo, page: Page) -> None:
    as_another = page.request.get(demo.url, headers={"Host": "evil.example"})
    assert as_another.status == 403
    form = page.request.post(f"{demo.url}dial", form={"from": "+31612345678"})
    assert form.status == 415


def test_a_web_process_that_is_killed_comes_back_before_ones_eyes(page: Page) -> None:
    web = page.locator("#processes li").filter(has_text="web")
    pid = int(web.locator("small").inner_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    expect(web).to_contain_text("↻1")
    expect(web).not_to_contain_text(str(pid))
