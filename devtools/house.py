"""Figures of the code's structure, beside their goals: ``make house``.

Each figure says how easily a newcomer finds a file: how many arrows lead in and out of it, how
many modules stand beside it, and how many names mean two things.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("routing", "carrier", "store", "config", "service", "ivr_app", "workers", "settings")
ROOT_MODULES = ("gunicorn_conf.py",)
LARGE_ENOUGH = 100
"""A module of so many lines is a subject of its own, even where only one other imports it."""


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root of the project, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def imports(self) -> tuple[ast.Import | ast.ImportFrom, ...]:
        """Every import statement, wherever in the module."""
        return tuple(node for node in self.nodes if isinstance(node, ast.Import | ast.ImportFrom))

    @property
    def name(self) -> str:
        """The dotted name by which others import it."""
        parts = self.path.removesuffix(".py").removesuffix("/__init__").split("/")
        return ".".join(parts)

    @property
    def package(self) -> str:
        """The folder that it is in; '.' for the root."""
        return str(Path(self.path).parent)

    @property
    def is_face(self) -> bool:
        """True for the ``__init__.py`` of a package."""
        return self.path.endswith("__init__.py")

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.text.splitlines())


@dataclass(frozen=True)
class Figure:
    """One measured value, the value before the house was built again, and the goal."""

    what: str
    before: float
    now: float
    at_most: float

    @property
    def met(self) -> bool:
        """True where the value is within its goal."""
        return self.now <= self.at_most


def read_modules(*rooms: str) -> list[Module]:
    """The modules of these rooms, and of the root, as version control knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [path for path in listed.stdout.split() if (ROOT / path).exists()]
    wanted = [path for path in paths if path.split("/")[0] in rooms or path in ROOT_MODULES]
    kept = [path for path in wanted if "migrations/versions" not in path]
    return [Module(path, (ROOT / path).read_text("utf-8")) for path in kept]


def imported_modules(module: Module, known: set[str]) -> set[str]:
    """The modules of the project that a module imports, wherever in it."""
    found: set[str] = set()
    for node in module.imports:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return (found & known) - {module.name}


def import_statements(module: Module, known: set[str]) -> int:
    """How many import statements of a module name another module of the project."""
    rooms = {name.split(".")[0] for name in known}
    count = 0
    for node in module.imports:
        if isinstance(node, ast.ImportFrom) and node.module:
            count += node.module.split(".")[0] in rooms
        elif isinstance(node, ast.Import):
            count += any(alias.name in known for alias in node.names)
    return count


def classes_defined_twice(modules: list[Module]) -> list[str]:
    """The names that two classes of the product share."""
    names = Counter(
        node.name for module in modules for node in module.nodes if isinstance(node, ast.ClassDef)
    )
    return sorted(name for name, count in names.items() if count > 1)


def single_importer_modules(modules: list[Module]) -> list[str]:
    """Modules that only one other imports and that are too small to be a subject of their own."""
    known = {module.name for module in modules}
    importers = Counter(chain.from_iterable(imported_modules(m, known) for m in modules))
    return sorted(
        module.path
        for module in modules
        if importers[module.name] == 1 and module.lines < LARGE_ENOUGH and not module.is_face
    )


def package_sizes(modules: list[Module]) -> Counter[str]:
    """How many modules each package has, its ``__init__.py`` left out."""
    return Counter(module.package for module in modules if not module.is_face)


def import_circles(modules: list[Module], late: frozenset[tuple[str, str]]) -> list[list[str]]:
    """The groups of modules that import each other, at any distance and wherever in a module.

    ``late`` names arrows that are left out: the importer, and the module that it imports.
    """
    known = {module.name for module in modules}
    arrows = {
        module.name: {
            name for name in imported_modules(module, known) if (module.name, name) not in late
        }
        for module in modules
    }
    reached = {name: _reachable(name, arrows) for name in arrows}
    circles = {
        tuple(sorted(other for other in reached[name] if name in reached[other]))
        for name in arrows
        if name in reached[name]
    }
    return [list(circle) for circle in sorted(circles)]


def _reachable(start: str, arrows: dict[str, set[str]]) -> set[str]:
    """All modules that the arrows lead to from this one."""
    reached: set[str] = set()
    ahead = list(arrows[start])
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead.extend(arrows[name])
    return reached


def defined_names(module: Module) -> set[str]:
    """The names that a module defines at its top level; what it imports is left out."""
    found: set[str] = set()
    for node in _statements(module.tree.body):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.For | ast.With | ast.AugAssign):
            stores = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            found |= {name.id for name in stores if isinstance(name.ctx, ast.Store)}
    return found


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those within ``if`` and ``try`` included."""
    for node in body:
        yield node
        for part in ("body", "orelse", "handlers", "finalbody"):
            if isinstance(node, ast.If | ast.Try):
                inner = getattr(node, part, [])
                yield from _statements([n for n in inner if isinstance(n, ast.stmt)])


def imported_names(module: Module) -> Iterator[tuple[str, str]]:
    """Each name that a module imports from another: the other's name, and the name."""
    for node in module.imports:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def borrowed_names(modules: list[Module]) -> list[str]:
    """Imports that ask a module for a name that it has only imported itself.

    The face of a package may hand out what a module of the package defines.
    """
    known = {module.name: module for module in modules}
    defined = {module.name: defined_names(module) for module in modules}
    problems = []
    for module in modules:
        for source, name in imported_names(module):
            if source not in known or name in defined[source] or f"{source}.{name}" in known:
                continue
            origins = [origin for origin, handed in imported_names(known[source]) if handed == name]
            of_its_own = any(origin.startswith(f"{source}.") for origin in origins)
            if not (known[source].is_face and of_its_own):
                problems.append(f"{module.path} imports {name} of {source}, which imports it")
    return sorted(problems)


def measure(modules: list[Module]) -> Iterator[Figure]:
    """Each figure of the house."""
    known = {module.name for module in modules}
    lines = sum(module.lines for module in modules)
    imports = sum(import_statements(module, known) for module in modules)
    importers = Counter(chain.from_iterable(imported_modules(m, known) for m in modules))
    single = sum(importers[module.name] == 1 for module in modules if not module.is_face)
    conditions = sum(isinstance(node, ast.IfExp) for module in modules for node in module.nodes)
    classes = sum(isinstance(node, ast.ClassDef) for module in modules for node in module.nodes)
    sizes = [module.lines for module in modules if not module.is_face]
    yield Figure("files of the product", 523, len(modules), 300)
    yield Figure("internal imports per 1,000 lines", 69, 1000 * imports / lines, 35)
    yield Figure("modules with one importer, %", 39, 100 * single / len(modules), 20)
    yield Figure("modules in the largest package", 76, max(package_sizes(modules).values()), 20)
    yield Figure(
        "class names defined twice, %", 11, 100 * len(classes_defined_twice(modules)) / classes, 0
    )
    yield Figure("conditional expressions per 1,000 lines", 21, 1000 * conditions / lines, 10)
    yield Figure("lines of the longest file", 150, max(sizes), 500)
    yield Figure(
        "median lines of a file, as 10,000 / lines", 10000 / 67, 10000 / median(sizes), 100
    )


def main() -> int:
    """Print each figure beside the value before and the goal; 1 where a goal is missed."""
    figures = list(measure(read_modules(*PRODUCT)))
    print(f"{'figure':44}{'before':>8}{'now':>8}{'at most':>9}")  # noqa: T201
    for figure in figures:
        mark = "" if figure.met else "  missed"
        print(  # noqa: T201
            f"{figure.what:44}{figure.before:8.0f}{figure.now:8.1f}{figure.at_most:9.0f}{mark}"
        )
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
