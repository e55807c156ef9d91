"""A real browser, and what axe says of a page in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first that is there is taken: the headless shell needs half the processor time."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 15_000.0
"""Milliseconds: other tests may use the same machine."""
AXE = Path(__file__).parent / "axe" / "axe.min.js"
GRAVE = ("serious", "critical")
ASK = "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, or a skipped test where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("There is no Chromium here: apt-get install chromium.")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        expect.set_options(timeout=PATIENCE)
        yield started
        started.close()


def no_serious_findings(page: Page) -> None:
    """What axe finds on the page as it stands there is nothing that keeps anybody out."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe())
    found = [
        f"{one['impact']}: {one['id']}, {one['help']}: {[n['html'][:120] for n in one['nodes']]}"
        for one in page.evaluate(ASK)
        if one["impact"] in GRAVE
    ]
    assert found == []


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")
