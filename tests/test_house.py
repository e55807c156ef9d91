"""The house keeps its rules: which room may know which, and how long anything may grow."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from devtools import house
from routing.journal import JournalEvent

HOUSE = Path(__file__).parent.parent
ROOMS = ("routing", "carrier", "store", "config", "service", "ivr_app", "workers", "devtools")
HALL = ("settings", "gunicorn_conf")
"""What stands at the root of the project, and is no room."""

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
APPLICATION = ("ivr_app/application.py", "ivr_app/__init__.py")
SIDES = ("cli", "console", "portal", "api")
"""Where somebody asks: what two of them need stands beside them, in the front door itself."""
LONGEST_FILE = 500
LONGEST_TEST = 700
MOST_MODULES = 20
TOO_MANY = {
    "devtools/phone_company": (23, "it mirrors the parts of the carrier's own interface"),
    "devtools/simulation": (33, "each invariant and each kind of person is a module"),
}
"""Packages that are larger than they may be: how many modules they may have, and why. Numbers only
go down; an entry goes when its package is small enough."""

LATE = frozenset({("ivr_app", "ivr_app.application")})
"""Imports inside a function: the application is loaded when it is made, so that a command starts
sooner."""

WRITES_TWIML = ("carrier/", "devtools/")

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common"}


@cache
def tracked(pattern: str) -> list[Path]:
    """The files of the project, as the version control knows them."""
    listed = subprocess.run(
        ["git", "ls-files", pattern], cwd=HOUSE, check=True, capture_output=True, text=True
    )
    return [HOUSE / name for name in listed.stdout.split() if (HOUSE / name).exists()]


@cache
def source() -> list[Path]:
    """Every Python file that runs in production."""
    return [file for file in tracked("*.py") if room_of(file) in (*ROOMS, *HALL)]


def room_of(file: Path) -> str:
    first = file.relative_to(HOUSE).parts[0]
    return first.removesuffix(".py")


def named(file: Path) -> str:
    return str(file.relative_to(HOUSE))


@cache
def module_of(file: Path) -> house.Module:
    """A file, parsed once for all tests."""
    return house.Module(named(file), file.read_text("utf-8"))


def tree(file: Path) -> ast.Module:
    return module_of(file).tree


@cache
def imports(file: Path) -> set[str]:
    """The first names of all that a file imports."""
    found = set()
    for node in module_of(file).imports:
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
        for node in module_of(file).imports
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(barred)
    ]
    assert strays == []


@pytest.mark.parametrize("side", SIDES)
def test_command_line_console_and_api_are_known_to_nobody_but_the_application(side: str) -> None:
    strays = [
        f"{named(file)} imports {node.module}"
        for file in source()
        if not named(file).startswith((f"ivr_app/{side}/", *APPLICATION))
        for node in module_of(file).imports
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
    itself = "ivr_app/cli/health.py"  # it asks the web of its own container
    around = ("carrier/outbound.py", "devtools/", itself)
    strays = [
        f"{named(file)}: {ast.unparse(node)}"
        for file in source()
        if not named(file).startswith(around)
        for node in module_of(file).nodes
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
        if "versions" not in file.parts  # a migration is one list of tables
        if (count := len(file.read_text().splitlines())) > LONGEST_FILE
    ]
    assert long == []


def test_no_test_file_is_longer_than_a_subject_of_tests_needs() -> None:
    """A test file of several subjects is not found by the name of the one that broke."""
    long = [
        f"{named(file)}: {count} lines"
        for file in tracked("tests/*.py")
        if (count := len(file.read_text().splitlines())) > LONGEST_TEST
    ]
    assert long == []


@cache
def product() -> list[house.Module]:
    """The modules of the product."""
    rooms = (*house.PRODUCT, *HALL)
    return [
        module
        for module in product_and_tools()
        if module.path.split("/")[0].removesuffix(".py") in rooms
    ]


@cache
def product_and_tools() -> list[house.Module]:
    """The modules of the product and of the tools around it."""
    return [module_of(file) for file in source() if "versions" not in file.parts]


def test_no_modules_import_each_other() -> None:
    """Modules in a circle can be understood, tested and loaded only all together."""
    assert house.import_circles(product(), LATE) == []


def test_each_late_import_is_still_needed() -> None:
    """An exception that is no longer used would hide the next circle."""
    circles = house.import_circles(product(), frozenset())
    inside = [arrow for arrow in LATE if any(set(arrow) <= set(circle) for circle in circles)]
    assert set(inside) == LATE


def test_a_class_name_means_one_class() -> None:
    """Two classes of one name are mixed up in logs, in searches and in talk."""
    assert house.classes_defined_twice(product()) == []


def test_each_name_is_imported_from_the_module_that_defines_it() -> None:
    """A second import path hides a definition, and a search for the uses of a name misses some.
    Only the face of a package may hand out what its own modules define."""
    assert house.borrowed_names(product_and_tools()) == []


def test_no_package_has_more_modules_than_a_reader_scans() -> None:
    """A reader finds a file by its name where a package has about twenty."""
    limits = {package: limit for package, (limit, _) in TOO_MANY.items()}
    large = {
        package: size
        for package, size in house.package_sizes(product_and_tools()).items()
        if size > limits.get(package, MOST_MODULES)
    }
    assert large == {}


def test_each_package_that_may_be_larger_still_is() -> None:
    """An exception that is no longer needed would let its package grow again."""
    sizes = house.package_sizes(product_and_tools())
    assert [package for package in TOO_MANY if sizes[package] <= MOST_MODULES] == []


def modules_that_import(prefix: str) -> set[str]:
    """The modules of product and tools that import a package, or a part of it."""
    return {
        module.path
        for module in product_and_tools()
        if any(
            f"{source}.{name}.".startswith(f"{prefix}.")
            for source, name in house.imported_names(module)
        )
    }


def test_only_the_carrier_writes_twiml() -> None:
    """A second carrier needs one other package, not a search through all views."""
    writers = modules_that_import("twilio.twiml") | modules_that_import("carrier.twiml.element")
    writers |= {module.path for module in product_and_tools() if "<Response" in module.text}
    assert {path for path in writers if not path.startswith(WRITES_TWIML)} == set()


def glossary() -> list[str]:
    """The terms of the glossary."""
    rows = (HOUSE / "docs" / "concepts" / "glossary.md").read_text("utf-8").splitlines()
    return re.findall(r"\*\*(.+?)\*\*", " ".join(row for row in rows if row.startswith("| **")))


def test_each_term_of_the_glossary_is_used() -> None:
    """A term that nobody uses is one more word to learn for nothing."""
    files = [file for file in (*source(), *tracked("docs/*.md")) if file.name != "glossary.md"]
    words = " ".join(file.read_text("utf-8").lower().replace("_", " ") for file in files)
    unused = [
        term for term in glossary() if not re.search(rf"\b{re.escape(term.lower())}s?\b", words)
    ]
    assert (len(glossary()) > 10, unused) == (True, [])


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


def test_each_process_that_is_started_ends_with_the_one_that_started_it() -> None:
    """Nobody else would end it when a run is interrupted."""
    calls = (
        (file, node)
        for file in [*tracked("tests/*.py"), *tracked("devtools/*.py")]
        if "Popen" in (text := file.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "subprocess.Popen"
    )
    untied = [
        f"{file.relative_to(HOUSE)}:{node.lineno}"
        for file, node in calls
        if "preexec_fn" not in {keyword.arg for keyword in node.keywords}
    ]
    assert untied == []


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
    mocks = re.compile(
        r"^\s*(import mock|from mock)\b|unittest\.mock|from unittest import mock", re.M
    )
    mocked = [
        named(file)
        for file in tracked("tests/*.py")
        if file != Path(__file__) and mocks.search(file.read_text("utf-8"))
    ]
    assert mocked == []


EVENTS = frozenset(event.value for event in JournalEvent)


def is_event_text(node: ast.expr) -> bool:
    """Whether the expression spells a journal event, alone or in a tuple, list or set."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(is_event_text(each) for each in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def spelled_events(module: ast.Module) -> Iterator[ast.expr]:
    """Comparisons with the event of an entry, new entries, and tables whose keys are events."""
    for node in ast.walk(module):
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            of_event = any(getattr(side, "attr", "") == "event" for side in sides)
            if of_event and any(is_event_text(side) for side in sides):
                yield node
        elif isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name == "in_" and getattr(getattr(called, "value", None), "attr", "") == "event":
                yield from (each for each in node.args if is_event_text(each))
            if name == "JournalEntry" and any(is_event_text(each) for each in node.args[:1]):
                yield node
        elif isinstance(node, ast.Dict) and len(node.keys) > 2:
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            if len(keys) == len(node.keys) and EVENTS.issuperset(keys):
                yield node


def test_no_journal_event_is_spelled_outside_its_enum() -> None:
    """On-call pay, drills and refused numbers read the journal. A renamed event that one of them
    still spells would miscount without an error. mypy checks the entries that routing writes."""
    strays = [
        f"{named(file)}:{node.lineno}" for file in source() for node in spelled_events(tree(file))
    ]
    assert strays == []


def test_every_journal_event_is_written_by_routing() -> None:
    """An event that nothing writes is a reader's mistake waiting to happen."""
    written = {
        node.attr
        for file in source()
        if room_of(file) == "routing"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "JournalEvent"
    }
    assert sorted(set(JournalEvent.__members__) - written) == []


@pytest.mark.parametrize(
    "code",
    [
        'entry.event == "accepted"',
        'journal.c.event.in_(("accepted", "leg_ended"))',
        'JournalEntry("accepted", "why")',
        'LANES = {"placed": 1, "accepted": 2, "bridged": 3}',
    ],
)
def test_a_spelled_journal_event_is_found(code: str) -> None:
    assert len(list(spelled_events(ast.parse(code)))) == 1
