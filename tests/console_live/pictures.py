"""`make pictures`: takes a picture of each page of the console, on a line with calls."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload, Page, ViewportSize

from devtools.processes import HOUSE
from tests.chromium import chromium
from tests.console_live.running import Live, live
from tests.console_live.walk import kind, leads
from tests.ivr_app.console.contracts.conftest import SAMPLE

PICTURES = HOUSE / "docs" / "pictures"
WINDOW = ViewportSize(width=1280, height=1000)
"""Pixels; the picture ends at the height of the window."""
SETTLES = 1600.0
"""Milliseconds in which a page refreshes itself."""
ABOUT = "Bakkerij Jansen BV"
"""The customer whose call and incident are shown."""


def main() -> None:
    """Take all pictures, and print their names."""
    with tempfile.TemporaryDirectory(prefix="line-") as folder, ExitStack() as stack:
        browser = stack.enter_context(chromium())
        line = stack.enter_context(live(Path(folder), f"sqlite:///{folder}/line.db"))
        page = browser.new_page(viewport=WINDOW, color_scheme="light", locale="nl")
        line.sign_in(page)
        page.locator('.tongues button[value="en"]').click()
        for address in _shown(page, line):
            page.goto(address)
            _picture(page, _name(address))
        _choose(page, line.console)
        _picture(page, "import", whole=True)


def _shown(page: Page, line: Live) -> list[str]:
    """Return the pages of the navigation, and one page of each kind that they list."""
    first = leads(page.locator("header"), line.console)
    chosen = {kind(link): link for link in first}
    for address in tuple(chosen.values()):
        page.goto(address)
        about, all_ = page.locator("main tr", has_text=ABOUT), page.locator("main")
        for link in (*leads(about, line.console), *leads(all_, line.console)):
            if kind(link) == f"{kind(address)}/*":
                chosen.setdefault(kind(link), link)
    return list(chosen.values())


def _picture(page: Page, name: str, *, whole: bool = False) -> None:
    page.wait_for_timeout(SETTLES)
    path = PICTURES / f"console-{name}.png"
    page.screenshot(path=path, full_page=whole)
    sys.stdout.write(f"{path.relative_to(HOUSE)}\n")


def _choose(page: Page, console: str) -> None:
    """Upload a file of contracts, some of which exist already, for the preview of the import."""
    head, joost, karin, alice = SAMPLE.decode().splitlines()
    rows = [
        joost.replace("100251", "100253"),
        joost.replace("100251", "100253").replace("Joost", "Emma").replace("294771", "29477"),
        *(row.replace("2027-05-31", "2028-05-31") for row in (karin.replace("682", "689"), alice)),
        alice.replace("100252", "100234")
        .replace("Vertaalbureau Noord", ABOUT)
        .replace("Alice Noord", "Emma Jansen"),
    ]
    page.goto(f"{console}/contracts/import")
    chosen = {"name": "contracts.csv", "mimeType": "text/csv"}
    data = "\n".join([head, *rows]).encode()
    page.set_input_files("#file", FilePayload(**chosen, buffer=data))
    page.locator("form[enctype] button").click()


def _name(address: str) -> str:
    """The name of a picture: that of its page; call for one of the calls."""
    name, *thing = urlsplit(address).path.rstrip("/").split("/")[2:] or ["dashboard"]
    if thing:
        name = name.removesuffix("s")
    return name.replace("_", "-")


if __name__ == "__main__":
    main()
