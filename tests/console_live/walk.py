"""Finds every page of a console by its links, and checks each page."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page

from ivr_app.web.i18n import LANGUAGES, load_catalogue
from tests.chromium import no_serious_findings

LOOKS = {"nl": ((1280, "light"), (360, "dark")), "en": ((1280, "dark"), (360, "light"))}
"""Widths in pixels and colour schemes: each width is light in one language, dark in the other."""
LINKS = "a[href]:not(svg a)"
LEADS = "links => links.map(link => link.href.split('#')[0].split('?')[0])"
UNFOLD = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const of = walker.currentNode.parentElement.closest("[lang]").lang;
    if (of === document.documentElement.lang) found.push(walker.currentNode.data.trim());
  }
  return found;
}"""
"""The texts of a page that are marked with the language of the page."""
AT_LEAST = 8
"""Letters of a text; a shorter text can be a name."""


def pages(page: Page, console: str) -> Iterator[str]:
    """Open every page that links lead to from the first page, and yield its address. Of several
    pages of one kind on a page, the first and the last are opened."""
    waiting, met = deque([f"{console}/"]), {kind(f"{console}/")}
    while waiting:
        address = waiting.popleft()
        if not page.request.head(address).headers["content-type"].startswith("text/html"):
            continue  # a download
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        yield address
        ahead: dict[str, list[str]] = {}
        for link in leads(page.locator("body"), console):
            if kind(link) not in met:
                ahead.setdefault(kind(link), []).append(link)
        for links in ahead.values():
            waiting.extend(dict.fromkeys((links[0], links[-1])))
        met |= ahead.keys()


def leads(part: Locator, console: str) -> list[str]:
    """Return the console addresses in the links of a part of a page, without fragments."""
    links: list[str] = part.locator(LINKS).evaluate_all(LEADS)
    return [link for link in links if link.startswith(f"{console}/")]


def kind(address: str) -> str:
    """Return the kind of a page: addresses that differ only in a number are of one kind."""
    parts = urlsplit(address).path.rstrip("/").split("/")
    return "/".join("*" if re.search(r"\d", part) else part for part in parts)


def look(page: Page, language: str) -> None:
    """Check a page with all details open: it fits on a phone and a screen, axe finds no serious
    problem in light and dark, and every text is in the language of the page."""
    for width, scheme in LOOKS[language]:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        fits(page, width)
        no_serious_findings(page)
    assert page.locator("html").get_attribute("lang") == language, page.url
    written = set(page.evaluate(TEXTS))
    assert written & sentences(language), page.url
    strange = written & foreign(language)
    assert strange == set(), f"{page.url}: {strange}"


def fits(page: Page, width: int) -> None:
    """Check that a page with all details open is no wider than the window, in pixels."""
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def foreign(language: str) -> set[str]:
    """Return the texts that the console has only in other languages."""
    others = set().union(*(sentences(other) for other in LANGUAGES if other != language))
    return {said for said in others - sentences(language) if len(said) >= AT_LEAST}


def sentences(language: str) -> set[str]:
    """Return all texts of the console in a language, without the values."""
    said = (spoken[language] for spoken in load_catalogue().values())
    return {one for words in said for one in ([words] if isinstance(words, str) else words)}
