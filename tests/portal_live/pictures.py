"""`make pictures`: takes pictures of the customer portal, on a line whose telephones ring."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect

from devtools.processes import HOUSE
from tests.chromium import chromium
from tests.portal_live.running import KARIN, live

PICTURES = HOUSE / "docs" / "pictures"
WINDOW = ViewportSize(width=900, height=900)
"""Pixels; the picture ends at the end of the page."""


def main() -> None:
    """Take all pictures, and print their names."""
    with tempfile.TemporaryDirectory(prefix="line-") as folder, ExitStack() as stack:
        browser = stack.enter_context(chromium())
        line = stack.enter_context(live(Path(folder), f"sqlite:///{folder}/line.db"))
        page = browser.new_page(viewport=WINDOW, color_scheme="light", locale="en")
        page.goto(f"{line.portal}/sign-in")
        _picture(page, "sign-in")
        line.sign_in(page, KARIN)
        page.locator('.tongues button[value="en"]').click()
        page.goto(f"{line.portal}/new")
        page.fill("#subject", "The tills do not start")
        page.check("input[name=level][value='1']")
        _picture(page, "new-report")
        page.click("button[value=look]")
        page.click("button[value=send]")
        page.wait_for_url("**/incidents/*")
        expect(page.locator(".live .steps li").nth(1)).to_be_visible()
        _picture(page, "incident")
        page.goto(f"{line.portal}/company")
        _picture(page, "company")


def _picture(page: Page, name: str) -> None:
    path = PICTURES / f"portal-{name}.png"
    page.screenshot(path=path, full_page=True)
    sys.stdout.write(f"{path.relative_to(HOUSE)}\n")


if __name__ == "__main__":
    main()
