"""The house keeps its rules: which room may know which, and how long anything may grow."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
ROOMS = ("routing", "carrier", "store", "config", "service", "ivr_app", "workers", "devtools")
HALL = ("settings", "gunicorn_conf")
"""The two modules at the root of the project."""

MAY_KNOW = {
    "routing": set(),
    "carrier": {"routing"},
    "store": {"routing"},
    "config": {"routing"},
    "service": {"carrier", "store", "routing", "config", "settings"},
    "ivr_app": {"carrier", "store", "routing", "config", "service", "settings"},
    "workers": {"carrier", "store", "routing", "config", "service", "settings"},
    "settings": set(),
}
"""Which package may import which: arrows go down, and web and workers never know each other.
``devtools`` and the tests are not the product; they may import everything."""

ROUTING_STANDS_ON = {"phonenumbers"}
CORNERS = ("oncall", "notify", "escalation", "incidents", "engineer", "caller")
"""The corners of routing; each may know those before it."""
SIDES = ("cli", "console", "api")
"""Where somebody asks: what two of them need stands beside them, in the front door itself."""
LONGEST_FILE = 500
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}


def tracked(pattern: str) -> list[Path]:
    """The files of the project, as the version control knows them."""
    listed = subprocess.run(
        ["git", "ls-files", pattern], cwd=HOUSE, check=True, capture_output=True, text=True
    )
    return [HOUSE / name for name in listed.stdout.split() if (HOUSE / name).exists()]


def source() -> list[Path]:
    """Every Python file that runs in production."""
    return [file for file in tracked("*.py") if room_of(file) in (*ROOMS, *HALL)]


def room_of(file: Path) -> str:
    first = file.relative_to(HOUSE).parts[0]
    return first.removesuffix(".py")


def named(file: Path) -> str:
    return str(file.relative_to(HOUSE))


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def imports(file: Path) -> set[str]:
    """The first names of all that a file imports."""
    found = set()
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("room", MAY_KNOW)
def test_each_room_knows_only_the_rooms_it_may(room: str) -> None:
    inside = {*ROOMS, *HALL, "tests"}
    strays = [
        f"{named(file)} imports {other}"
        for file in source()
        if room_of(file) == room
        for other in imports(file) & inside - {room} - MAY_KNOW[room]
    ]
    assert strays == []


@pytest.mark.parametrize("corner", CORNERS)
def test_the_corners_of_routing_look_one_way(corner: str) -> None:
    barred = tuple(f"routing.{name}" for name in CORNERS[CORNERS.index(corner) + 1 :])
    strays = [
        f"{named(file)} imports {node.module}"
        for file in source()
        if file.parent.name == corner and room_of(file) == "routing"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(barred)
    ]
    assert strays == []


@pytest.mark.parametrize("side", SIDES)
def test_command_line_console_and_api_are_known_to_nobody_but_the_application(side: str) -> None:
    strays = [
        f"{named(file)} imports {node.module}"
        for file in source()
        if not named(file).startswith((f"ivr_app/{side}/", "ivr_app/__init__"))
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"ivr_app.{side}.")
    ]
    assert strays == []


WAYS_OUT = re.compile(
    r"(requests\.(get|post|put|patch|delete|head|options|request|Session)"
    r"|smtplib\.(SMTP|SMTP_SSL)|(urllib\.request\.)?urlopen|(socket\.)?create_connection"
    r"|(http\.client\.)?HTTPS?Connection|(urllib3\.)?PoolManager)"
)
"""What would speak to a service outside without the deadline and the breaker of the one way out."""


def test_one_way_alone_leads_out_of_the_house() -> None:
    around = ("carrier/outbound.py", "devtools/")
    strays = [
        f"{named(file)}: {ast.unparse(node)}"
        for file in source()
        if not named(file).startswith(around)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call) and WAYS_OUT.fullmatch(ast.unparse(node.func))
    ]
    assert strays == []


def test_routing_stands_on_the_standard_library_alone() -> None:
    import sys

    allowed = set(sys.stdlib_module_names) | {"routing"} | ROUTING_STANDS_ON
    strays = [
        f"{named(file)} imports {other}"
        for file in source()
        if room_of(file) == "routing"
        for other in imports(file) - allowed
    ]
    assert strays == []


def test_no_file_is_longer_than_one_subject_needs() -> None:
    long = [
        f"{named(file)}: {count} lines"
        for file in source()
        if (count := len(file.read_text().splitlines())) > LONGEST_FILE
    ]
    assert long == []


def test_modules_are_called_after_what_they_are() -> None:
    assert [named(file) for file in source() if EMPTY_NAMES & {file.stem, file.parent.name}] == []


def test_whatever_others_may_use_says_what_it_is() -> None:
    silent = [
        f"{named(file)}: {name}"
        for file in source()
        if "migrations" not in file.parts
        for name, node in public(tree(file))
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def public(module: ast.Module) -> list[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef]]:
    """The module, its public classes and functions, and their public methods."""
    found: list[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef]] = [("module", module)]
    for node in module.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            found.append((node.name, node))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            methods = [child for child in node.body if isinstance(child, ast.FunctionDef)]
            found += [(f"{node.name}.{m.name}", m) for m in methods if not m.name.startswith("_")]
    return found


def test_no_test_fails_because_a_machine_is_slow() -> None:
    elapsed = re.compile(r"assert .*(monotonic|perf_counter|process_time|time\.time)\(\) - ")
    timed = [
        f"{named(file)}: {row.strip()}"
        for file in tracked("tests/*.py")
        for row in file.read_text().splitlines()
        if elapsed.search(row)
    ]
    assert timed == []


def test_nothing_is_mocked() -> None:
    mocked = [named(file) for file in tracked("tests/*.py") if "mock" in imports(file)]
    patched = [
        named(file)
        for file in tracked("tests/*.py")
        if file != Path(__file__) and "unittest.mock" in file.read_text()
    ]
    assert mocked + patched == []
