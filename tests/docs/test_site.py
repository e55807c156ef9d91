"""The documentation site builds without a warning, and its reader finds what they look for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.chromium import no_serious_findings
from tests.docs.commands import HOUSE

pytestmark = [pytest.mark.packaging, pytest.mark.xdist_group("site")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it: a warning ends the build."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", folder],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files, and prints no line for each."""

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site as a web server gives it."""
    handler = partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


LOADS = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=\"?(https?:)?//[^>]*")
CANONICAL = re.compile(r"rel=\"?canonical")


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        found = LOADS.finditer(page.read_text("utf-8"))
        assert [each[0] for each in found if not CANONICAL.search(each[0])] == [], page
    styles = "".join(sheet.read_text("utf-8") for sheet in site.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)\s*[\"']?https?://", styles) == []


def test_the_files_of_the_root_are_pages(site: Path) -> None:
    for name in ("CONTRIBUTING", "SECURITY", "CHANGELOG", "adr", "files/deploy/alerts.yaml"):
        assert (site / name / "index.html").is_file(), name


def test_the_document_of_the_api_is_there(site: Path) -> None:
    document = json.loads((site / "integrate" / "openapi.json").read_text("utf-8"))
    assert "/incidents" in document["paths"]
    page = (site / "integrate" / "api-browser" / "index.html").read_text("utf-8")
    (frame,) = re.findall(r"swagger-[\w-]+\.html", page)[:1]
    assert (site / "integrate" / "api-browser" / frame).is_file()


def test_a_diagram_brings_the_program_that_draws_it(site: Path) -> None:
    drawn = [page for page in site.rglob("*.html") if 'class="mermaid"' in page.read_text("utf-8")]
    assert drawn
    for page in drawn:
        (address,) = re.findall(r'<script src="([^"]*mermaid[^"]*)"', page.read_text("utf-8"))
        assert (page.parent / address).resolve().is_file()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that loads nothing but the site, and must print no error."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    wrong: list[str] = []

    def refuse(route: Route) -> None:
        wrong.append(route.request.url)
        route.abort()

    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), refuse)
    yield page
    page.close()
    assert wrong == []


SEARCHES = {
    "2FA": "operate/security/",
    "two-factor": "operate/security/",
    "SSO": "operate/security/",
    "single sign-on": "operate/security/",
    "rate limit": "operate/security/",  # and the limits of the API
    "high availability": "operate/high-availability/",
    "sizing": "operate/sizing/",
    "troubleshooting": "operate/troubleshooting/",
    "upgrade": "operate/upgrade/",
    "runbook": "operate/alerts/",
    "kubernetes": "operate/install-kubernetes/",
    "DATABASE_URL": "configure/settings/",
    "on-call rotation": "concepts/schedules/",
    "GDPR": "operate/privacy/",
}
FIRST = 3
"""Nobody reads a list of pages to its end."""


@pytest.mark.browser
def test_a_search_finds_the_fitting_page(page: Page, address: str) -> None:
    missed = {}
    for words, wanted in SEARCHES.items():
        page.goto(f"{address}?q={quote(words)}")
        results = page.locator(".md-search-result__item > a")
        results.first.wait_for(state="attached")
        found = [link.get_attribute("href") or "" for link in results.all()]
        pages = [link.removeprefix(address).partition("?")[0] for link in found]
        if wanted not in list(dict.fromkeys(pages))[:FIRST]:
            missed[words] = pages
    assert missed == {}


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_diagram_is_drawn_and_a_page_is_as_wide_as_the_screen(
    page: Page, address: str, site: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for file in sorted(site.rglob("index.html")):
        name = str(file.parent.relative_to(site))
        if name.startswith(("adr", "calls", "files")):
            continue
        page.goto(f"{address}{name}/")
        if 'class="mermaid"' in file.read_text("utf-8"):
            page.wait_for_function("!document.querySelector('pre.mermaid')")
        assert not page.get_by_text("Syntax error").is_visible(), name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["", "configure/line-yaml/", "concepts/the-way-of-a-call/"])
def test_a_page_keeps_nobody_out(
    browser: Browser, address: str, name: str, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(f"{address}{name}")
    no_serious_findings(page)
    page.close()
