"""The documentation site builds without a warning, and its reader finds what they look for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.commands import HOUSE

pytestmark = pytest.mark.packaging


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


@pytest.fixture(scope="module")
def index(site: Path) -> list[dict[str, Any]]:
    return json.loads((site / "search" / "search_index.json").read_text("utf-8"))["docs"]


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
