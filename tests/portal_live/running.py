"""The sample line with every process of the Procfile, and customers who sign in with a code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import requests
from playwright.sync_api import Page

from devtools.demo.hours import write_line
from service.bootstrap import now
from tests.ivr_app.console.contracts.conftest import SAMPLE, take_in
from tests.kills.line_processes import PATIENCE, Works, at_work

KARIN, JOOST = "+31612345682", "+31612345681"
"""Contacts of two companies."""
TEXTS_FROM = "+3197010200000"
"""The number from which the sample line texts."""


@dataclass(frozen=True)
class Live:
    """A running line."""

    works: Works

    @property
    def portal(self) -> str:
        """The address of the portal."""
        return f"{self.works.environment['PUBLIC_URL']}/portal"

    def sign_in(self, page: Page, number: str) -> None:
        """Sign in with the code that is texted to this number."""
        page.goto(f"{self.portal}/sign-in")
        page.locator("#address").fill(number)
        page.locator("main button").click()
        page.locator("#code").fill(self._read_code(number))
        page.locator("main form").first.locator("button").click()
        page.wait_for_url(f"{self.portal}/")

    def sign_in_without_browser(self, number: str) -> requests.Session:
        """A session of a program, signed in in the same way."""
        session = requests.Session()
        for path, field, value in (
            ("sign-in/", "address", lambda: number),
            ("sign-in/code", "code", lambda: self._read_code(number)),
        ):
            page = session.get(f"{self.portal}/{path}", timeout=PATIENCE)
            form = {"csrf_token": read_token(page.text), field: value()}
            session.post(f"{self.portal}/{path}", form, timeout=PATIENCE)
        return session

    def _read_code(self, number: str) -> str:
        """The code of the latest text to this number."""
        self.works.office.until_texted(number, timeout=PATIENCE)
        texts = [text.body for text in self.works.office.texts if text.to == number]
        codes = [found[0] for text in texts if (found := re.search(r"\b\d{8}\b", text))]
        return codes[-1]


def read_token(page: str) -> str:
    """The proof that a form is ours, of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


@contextmanager
def live(folder: Path, database_url: str, office: str = "open") -> Iterator[Live]:
    """Start the line, with the contracts of the sample file."""
    file = write_line(folder, now().date(), {"DEMO_OFFICE": office}).read_text("utf-8")
    with at_work(folder, file, database_url) as works:
        works.office.number(TEXTS_FROM)
        take_in(works.engine, works.settings.pin_pepper, SAMPLE, now())
        yield Live(works)
