"""`make pictures`: takes the picture of the demo, while a caller is connected."""

from __future__ import annotations

import signal
import sys

from playwright.sync_api import ViewportSize, expect

from devtools.processes import HOUSE
from tests.chromium import chromium
from tests.demo.conftest import demo_running
from tests.demo.test_page import answer, call_as_pieter, caller

PICTURE = HOUSE / "docs" / "pictures" / "demo-connected.png"


def main() -> None:
    """Call, take the call, and print the name of the picture."""
    with demo_running() as demo, chromium() as browser:
        page = browser.new_page(viewport=ViewportSize(width=1400, height=960))
        page.goto(demo.url)
        call_as_pieter(page)
        answer(page)
        expect(caller(page).locator("[data-says]")).to_have_text("Connected")
        expect(page.locator("#timeline")).to_contain_text("caller and engineer are connected")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=PICTURE)
        sys.stdout.write(f"{PICTURE.relative_to(HOUSE)}\n")
        demo.end(signal.SIGINT)


if __name__ == "__main__":
    main()
