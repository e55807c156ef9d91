"""Every command of the documents runs, page by page, on a machine of its own."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.docs.commands import (
    BEFORE,
    HOUSE,
    Machine,
    apply_samples,
    has_namespaces,
    read_blocks,
    run_page,
)

LANGUAGES = {
    "sh",
    "text",
    "yaml",
    "toml",
    "js",
    "json",
    "python",
    "dockerfile",
    "ini",
    "http",
    "mermaid",
    "csv",
    "xml",
}
HISTORY = ("docs/adr/", "docs/calls/")
"""Decisions are of their day, and calls are written by a program."""

KNOWN = tomllib.loads(Path(__file__).with_name("pages.toml").read_text("utf-8"))
TEXTS = {
    str(file.relative_to(HOUSE)): file.read_text("utf-8")
    for file in (*HOUSE.glob("*.md"), *HOUSE.glob("docs/**/*.md"), *HOUSE.glob("deploy/**/*.md"))
}
PAGES = {name: text for name, text in sorted(TEXTS.items()) if not name.startswith(HISTORY)}


def runs(name: str) -> bool:
    has_a_test_of_its_own = "by" in KNOWN.get(name, {})
    return not has_a_test_of_its_own and any(block.is_run for block in read_blocks(PAGES[name]))


def marks(name: str) -> list[pytest.MarkDecorator]:
    known = KNOWN.get(name, {})
    slow = known.get("heavy") or known.get("before") in ("line", "running")
    return [pytest.mark.packaging] if slow else []


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sample line, made once for all pages."""
    return apply_samples(tmp_path_factory.mktemp("applied"))


@pytest.mark.skipif(not has_namespaces(), reason="needs Linux, with a network of its own")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=marks(name)) for name in PAGES if runs(name)]
)
def test_the_commands_of_a_page_run(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    before = KNOWN.get(name, {}).get("before", "settings")
    database = request.getfixturevalue("applied") if before in ("line", "running") else None
    run_page(PAGES[name], Machine(tmp_path, before, database))


@pytest.mark.parametrize("name", PAGES)
def test_each_block_says_what_it_is(name: str) -> None:
    for block in read_blocks(PAGES[name]):
        assert block.language in LANGUAGES, f"line {block.line}: ```{block.info}"
        prompts = block.text.lstrip().startswith("$ ")
        assert not prompts, f"line {block.line}: commands are a block sh, without a prompt"


@pytest.mark.parametrize("name", PAGES)
def test_what_is_not_run_has_a_reason(name: str) -> None:
    left_out = any(block.is_left_out for block in read_blocks(PAGES[name]))
    assert left_out == ("not-run" in KNOWN.get(name, {}))


@pytest.mark.parametrize("name", KNOWN)
def test_the_list_names_pages_that_are_there(name: str) -> None:
    assert name in PAGES
    assert KNOWN[name].get("before", "settings") in BEFORE
    assert KNOWN[name].keys() <= {"before", "not-run", "heavy", "by"}
    assert (HOUSE / KNOWN[name].get("by", "tests")).exists()
