"""Every page of a console, found by following its links, and what is looked at on each."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page

from ivr_app.console.i18n import LANGUAGES, load_catalogue
from tests.chromium import no_serious_findings

LOOKS = {"nl": ((1280, "light"), (360, "dark")), "en": ((1280, "dark"), (360, "light"))}
"""The widths in pixels, each in the light in one language and in the dark in the other."""
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
"""What stands on the page as words of its language, text by text."""
AT_LEAST = 8
"""Letters; a shorter word may be somebody's name."""


def pages(page: Page, console: str) -> Iterator[str]:
    """Whatever can be come to from the first page without sending a form, each open in the browser
    when it is given; of pages of one kind the first and the last that a page leads to."""
    waiting, met = deque([f"{console}/"]), {kind(f"{console}/")}
    while waiting:
        address = waiting.popleft()
        if not page.request.head(address).headers["content-type"].startswith("text/html"):
            continue  # a file to keep
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
    """Where a part of a page leads to within the console, but for places of the same page."""
    links: list[str] = part.locator(LINKS).evaluate_all(LEADS)
    return [link for link in links if link.startswith(f"{console}/")]


def kind(address: str) -> str:
    """Addresses that differ by what they are about, a number or a name, are of one kind."""
    parts = urlsplit(address).path.rstrip("/").split("/")
    return "/".join("*" if re.search(r"\d", part) else part for part in parts)


def look(page: Page, language: str) -> None:
    """Unfolded, nothing is wider than a telephone or a screen, axe finds nothing serious in the
    light or in the dark, and every word is of the language of the page."""
    page.evaluate(UNFOLD)
    for width, scheme in LOOKS[language]:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        no_serious_findings(page)
    assert page.locator("html").get_attribute("lang") == language, page.url
    written = set(page.evaluate(TEXTS))
    assert written & sentences(language), page.url
    strange = written & foreign(language)
    assert strange == set(), f"{page.url}: {strange}"


def foreign(language: str) -> set[str]:
    """What the console says in other languages only."""
    others = set().union(*(sentences(other) for other in LANGUAGES if other != language))
    return {said for said in others - sentences(language) if len(said) >= AT_LEAST}


def sentences(language: str) -> set[str]:
    """All that the console says in a language, but for what is filled in."""
    said = (spoken[language] for spoken in load_catalogue().values())
    return {one for words in said for one in ([words] if isinstance(words, str) else words)}
