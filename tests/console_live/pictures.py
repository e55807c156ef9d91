"""`make pictures`: each page of the console as it looks while calls are on the line."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, ViewportSize

from tests.chromium import chromium
from tests.console_live.running import Live, live
from tests.console_live.walk import kind, leads
from works import HOUSE

PICTURES = HOUSE / "docs" / "pictures"
WINDOW = ViewportSize(width=1280, height=1000)
"""Pixels; what lies below is not shown."""
SETTLES = 1600.0
"""Milliseconds after which a page that renews itself has done so."""
ABOUT = "Bakkerij Jansen BV"
"""Whose call and incident are shown."""


def main() -> None:
    """Take them all, and say which."""
    with tempfile.TemporaryDirectory(prefix="line-") as folder, ExitStack() as stack:
        browser = stack.enter_context(chromium())
        line = stack.enter_context(live(Path(folder), f"sqlite:///{folder}/line.db"))
        page = browser.new_page(viewport=WINDOW, color_scheme="light", locale="nl")
        line.sign_in(page)
        page.locator('.tongues button[value="en"]').click()
        for address in _shown(page, line):
            sys.stdout.write(f"{_picture(page, address).relative_to(HOUSE)}\n")


def _shown(page: Page, line: Live) -> list[str]:
    """The pages of the navigation, one's own, and one of each thing that they list."""
    first = leads(page.locator("header"), line.console)
    chosen = {kind(link): link for link in first}
    for address in tuple(chosen.values()):
        page.goto(address)
        about, all_ = page.locator("main tr", has_text=ABOUT), page.locator("main")
        for link in (*leads(about, line.console), *leads(all_, line.console)):
            if kind(link) == f"{kind(address)}/*":
                chosen.setdefault(kind(link), link)
    return list(chosen.values())


def _picture(page: Page, address: str) -> Path:
    page.goto(address)
    page.wait_for_timeout(SETTLES)
    path = PICTURES / f"console-{_name(address)}.png"
    page.screenshot(path=path)
    return path


def _name(address: str) -> str:
    """What the page is called: now, calls; and call, where it is one of those."""
    name, *thing = urlsplit(address).path.rstrip("/").split("/")[2:] or ["now"]
    return name.removesuffix("s") if thing else name


if __name__ == "__main__":
    main()
