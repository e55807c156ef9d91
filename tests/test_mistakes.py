"""Every deliberate mistake can still be made.

`make mistakes` and `make simulate-bugs` take long and run seldom. These tests run always and name
each entry whose piece of source text a change of the code has renamed or removed.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.mistakes import mistaken, stale
from tests.simulation.bugs import BUGS
from tests.simulation.healed import HEALED

TESTS = Path(__file__).parent
MARKED = re.compile(r"^pytestmark = pytest\.mark\.mistakes$", re.MULTILINE)
LISTS = sorted(file for file in TESTS.rglob("*.py") if MARKED.search(file.read_text("utf-8")))


@pytest.mark.parametrize("file", LISTS, ids=lambda file: file.stem)
def test_each_mistake_edits_text_that_exists(file):
    module = importlib.import_module(".".join(file.relative_to(TESTS.parent).with_suffix("").parts))
    assert stale(module.MISTAKES) == []


def test_lists_of_mistakes_are_found():
    assert len(LISTS) > 5


@pytest.mark.parametrize("bugs", [BUGS, HEALED], ids=["found", "healed"])
def test_each_bug_of_the_simulation_edits_text_that_exists(bugs):
    assert stale(bugs.values()) == []


def right(first, second):
    total = first
    total += second
    return total


def test_a_piece_is_found_across_line_breaks(monkeypatch):
    monkeypatch.setattr(right, "__code__", mistaken(right, "total += second return", "return"))
    assert right(1, 2) == 1


def test_an_entry_that_is_stale_names_its_function_and_its_piece():
    sentence = "tests.test_mistakes.right contains this piece 0 times instead of once: 'third'"
    assert stale([(right, "third", "")]) == [sentence]
    with pytest.raises(AssertionError, match="contains this piece 0 times"):
        mistaken(right, "third", "")
