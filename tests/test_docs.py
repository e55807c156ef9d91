"""The documents agree with the code: commands, text words, paths and links."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from click.testing import CliRunner

from ivr_app.cli.main import COMMANDS, main
from routing.incidents.text_commands import WORDS

HOUSE = Path(__file__).parent.parent
ROOTS = [HOUSE / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCUMENTS = [*ROOTS, *sorted((HOUSE / "docs").rglob("*.md"))]
README = (HOUSE / "README.md").read_text("utf-8")
COMMAND_LIST = (HOUSE / "docs" / "operate" / "commands.md").read_text("utf-8")
ENGINEERS = (HOUSE / "docs" / "use" / "engineers.md").read_text("utf-8")


def code(text: str) -> list[str]:
    """The words between backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def names(command: click.Command, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of a command and of its subcommands."""
    path = (*above, command.name or "")
    yield path
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from names(inner, path)


@pytest.mark.parametrize(
    "path", [path for name in COMMANDS for path in names(main.get_command(None, name))]
)
def test_the_command_list_names_each_command(path: tuple[str, ...]) -> None:
    if path[0] == "incident":
        rows = [row for row in COMMAND_LIST.splitlines() if row.startswith("| `incident 1042")]
        assert any(f"`{path[-1]}" in row or f" {path[-1]}" in row for row in rows)
    else:
        assert any(typed.split()[: len(path)] == list(path) for typed in code(COMMAND_LIST))


@pytest.mark.parametrize(
    "path", [path for name in COMMANDS for path in names(main.get_command(None, name))]
)
def test_each_command_explains_itself(path: tuple[str, ...]) -> None:
    words = ("incident", "1042", *path[1:]) if path[0] == "incident" and path[1:] else path
    shown = CliRunner().invoke(main, [*words, "--help"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("Usage: ")


def test_the_command_list_names_each_command_once() -> None:
    first = re.findall(r"^\| (`[^|]*`) \|", COMMAND_LIST, re.MULTILINE)
    assert len(first) > 20
    typed = [name for cell in first for name in code(cell)]
    assert [name for name in typed if typed.count(name) > 1] == []


@pytest.mark.parametrize("word", WORDS)
def test_the_page_for_engineers_names_each_text_command(word: str) -> None:
    assert any(word in typed.split() for typed in code(ENGINEERS))


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120


def tracked() -> set[str]:
    """Every file and directory of the project, as version control knows them."""
    listed = subprocess.run(["git", "ls-files"], cwd=HOUSE, check=True, capture_output=True)
    files = listed.stdout.decode().splitlines()
    parents = {str(parent) for name in files for parent in Path(name).parents}
    return {*files, *parents}


TRACKED = tracked()
MADE_BY_OPERATORS = {
    *("deploy/.env", "deploy/line.env", "deploy/secrets", "deploy/secrets/database_url"),
}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_path_in_a_document_exists(document: Path) -> None:
    first = {name.partition("/")[0] for name in TRACKED if "/" in name}
    written = {word.rstrip("/") for word in code(document.read_text("utf-8")) if "/" in word}
    paths = {word for word in written if re.fullmatch(r"[\w./-]+", word) and "NAME" not in word}
    ours = {word for word in paths if word.partition("/")[0] in first}
    assert ours - TRACKED - MADE_BY_OPERATORS == set()


ARCHITECTURE = (HOUSE / "docs" / "contribute" / "architecture.md").read_text("utf-8")


def section(title: str) -> str:
    """The text below a heading of the architecture page."""
    return ARCHITECTURE.split(f"\n## {title}\n")[1].split("\n## ")[0]


WHERE_TO_GO = [row for row in section("Where to go").splitlines() if row.startswith("| ")][1:]


def test_the_table_of_where_to_go_can_be_read_at_a_glance() -> None:
    assert 20 <= len(WHERE_TO_GO) <= 25


@pytest.mark.parametrize("row", WHERE_TO_GO, ids=lambda row: row.split(" | ")[0][2:40])
def test_each_file_of_where_to_go_exists(row: str) -> None:
    """A short name, such as `ringing.py`, belongs to a directory that the row names before it."""
    above: set[str] = set()
    for word in (written.replace("NAME", "*") for written in code(row)):
        if not re.fullmatch(r"[\w./*-]+\.(py|toml|yaml)|[\w./*-]+/", word):
            continue
        places = [word] if "/" in word.rstrip("/") else [f"{place}/{word}" for place in above]
        found = [path for place in (word, *places) for path in HOUSE.glob(place.rstrip("/"))]
        assert found, word
        above |= {str(path.relative_to(HOUSE).parent) for path in found}
        above |= {str(path.relative_to(HOUSE)) for path in found if path.is_dir()}


def test_a_key_press_has_ten_steps_in_eight_files() -> None:
    trip = section("One key press, step by step")
    assert len(re.findall(r"^\d+\. ", trip, re.MULTILINE)) == 10
    files = {word for word in code(trip) if word.endswith(".py")}
    assert len(files) <= 8
    assert files <= TRACKED


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_link_in_a_document_leads_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        name, _, anchor = unquote(target).partition("#")
        file = (document.parent / name).resolve() if name else document
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file.read_text("utf-8")), target


COMPARED = [
    row.strip("| ").rsplit(" | ", 1)
    for row in (HOUSE / "docs" / "comparison.md").read_text("utf-8").splitlines()
    if row.startswith("| ") and not row.startswith("| | ")
]


@pytest.mark.parametrize(("row", "verdict"), COMPARED, ids=lambda cell: cell.split(" | ")[0][:40])
def test_no_row_of_the_comparison_is_behind_without_a_reason(row: str, verdict: str) -> None:
    assert re.search(r"\*\*(ahead|equal|behind)\*\*", verdict)
    _, behind, reason = verdict.partition("**behind**")
    assert not behind or len(reason.split()) >= 8, row
