"""A line in virtual time: nobody is lost, the same seed is the same night, and mistakes are found.

``make simulate`` runs as many calls as it is told; ``make simulate-bugs`` makes every mistake.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.run import run
from tests.routing.test_mutations import mistaken
from tests.simulation.bugs import BUGS

HOUSE = Path(__file__).parent.parent.parent
CHOSEN = BUGS if os.environ.get("BUGS") == "all" else BUGS[:3]
WITHIN = 400


@pytest.mark.timeout(300)
def test_nobody_is_lost_whatever_goes_wrong():
    report = run("suite", 160)
    assert report.failure == ""
    assert report.calls == 160


@pytest.mark.timeout(180)
def test_the_same_seed_is_the_same_night_byte_for_byte():
    here = run("again", 40).digest
    for hashes in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-m", "simulation", "--seed", "again", "--calls", "40"],
            cwd=HOUSE,
            env=os.environ | {"PYTHONHASHSEED": hashes},
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"digest {here}\n" in there.stdout
    assert run("another", 40).digest != here


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    CHOSEN,
    ids=[f"{f.__qualname__}: {right[:40]}" for f, right, _ in CHOSEN],
)
def test_a_mistake_is_found(monkeypatch, function, right, wrong):
    monkeypatch.setattr(function, "__code__", mistaken(function, right, wrong))
    failure = run("bugs", WITHIN).failure
    assert failure.startswith("BROKEN: ")
    assert len(failure.splitlines()) <= 43
    told = re.search("make simulate SEED=(.*) CALLS=(.*)", failure)
    assert told is not None
    assert run(told[1], int(told[2])).failure == failure
