"""Every deliberate mistake can still be made.

`make mistakes` and `make simulate-bugs` take long and run seldom. These tests run always and name
each entry whose piece of source text a change of the code has removed.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from devtools.house import PRODUCT
from tests.mistakes import NAME, mistaken, stale
from tests.simulation.bugs import BUGS
from tests.simulation.healed import HEALED

TESTS = Path(__file__).parent
HOUSE = TESTS.parent
MARKED = re.compile(r"^pytestmark = pytest\.mark\.mistakes$", re.MULTILINE)


def _name(file):
    return ".".join(file.relative_to(HOUSE).with_suffix("").parts)


LISTS = sorted(file for file in TESTS.rglob("*.py") if MARKED.search(file.read_text("utf-8")))


@pytest.mark.parametrize("file", LISTS, ids=lambda file: file.stem)
def test_each_mistake_edits_text_that_exists(file):
    assert stale(importlib.import_module(_name(file)).MISTAKES) == []


def test_lists_of_mistakes_are_found():
    assert len(LISTS) > 5


@pytest.mark.parametrize("bugs", [BUGS, HEALED], ids=["found", "healed"])
def test_each_bug_of_the_simulation_edits_text_that_exists(bugs):
    assert stale(bugs.values()) == []


def test_each_mistake_is_made_of_names_that_exist():
    modules = [importlib.import_module(_name(file)) for file in LISTS]
    mistakes = [*BUGS.values(), *HEALED.values(), *(m for each in modules for m in each.MISTAKES)]
    names = {name for _, _, wrong in mistakes for name in NAME.findall(wrong)}
    sources = (file.read_text("utf-8") for room in PRODUCT for file in (HOUSE / room).rglob("*.py"))
    product = {name for source in sources for name in NAME.findall(source)}
    assert names - product == set()


def right(first, second):
    total = first
    total += second
    return total


def renamed(leg, incident):
    count = leg.rounds + 1
    if incident.reached:
        count = 0
    return count


def test_a_piece_is_found_across_line_breaks(monkeypatch):
    monkeypatch.setattr(right, "__code__", mistaken(right, "total += second return", "return"))
    assert right(1, 2) == 1


@pytest.mark.parametrize(
    "piece",
    ["count = page.rounds + 1", "total = leg.rounds + 1", "count = leg.turns + 1"],
)
def test_a_piece_is_found_when_one_of_its_names_was_changed(piece):
    assert stale([(renamed, piece, "")]) == []


def test_a_changed_name_is_changed_in_the_replacement_too(monkeypatch):
    code = mistaken(renamed, "total = leg.rounds + 1", "total = leg.rounds")
    monkeypatch.setattr(renamed, "__code__", code)
    leg = SimpleNamespace(rounds=3, reached=False)
    assert renamed(leg, leg) == 3


@pytest.mark.parametrize(
    ("piece", "why"),
    [
        ("if leg.reached:", "the function still uses leg: this is another condition"),
        ("if page.seen:", "no name is as it was"),
        ("count = other return count", "a name is no number"),
        ("count = count.rounds + 1", "one name is in the place of two"),
    ],
)
def test_a_piece_that_is_no_longer_there_is_stale(piece, why):
    assert len(stale([(renamed, piece, "")])) == 1, why


def test_an_entry_that_is_stale_names_its_function_and_its_piece():
    sentence = "tests.test_mistakes.right contains this piece 0 times instead of once: 'third'"
    assert stale([(right, "third", "")]) == [sentence]
    assert stale([(right, "+= second", "+= third")]) == ["tests.test_mistakes.right knows no third"]
    assert (
        "is no code with '+' instead of 'total = first'"
        in stale([(right, "total = first", "+")])[0]
    )
    with pytest.raises(AssertionError, match="contains this piece 0 times"):
        mistaken(right, "third", "")
