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

from devtools.simulation.run import run
from routing import flow
from routing.engineer import leg
from tests.mistakes import mistaken
from tests.simulation.bugs import BUGS
from tests.simulation.healed import HEALED

HOUSE = Path(__file__).parent.parent.parent
ALL = os.environ.get("BUGS") == "all"
FOUND, HARMLESS = (BUGS, HEALED) if ALL else (dict(list(BUGS.items())[:4]), {})
SEEDS, WITHIN = ("bugs", "1", "more"), 400
"""So many calls of one of these are enough to find each mistake; most need the first forty."""


def made(monkeypatch, function, right, wrong):
    monkeypatch.setattr(function, "__code__", mistaken(function, right, wrong))


@pytest.mark.timeout(300)
def test_nobody_is_lost_whatever_goes_wrong():
    report = run("suite", 80)
    assert report.failure == ""
    assert report.calls == 80


@pytest.mark.timeout(180)
def test_the_same_seed_is_the_same_night_byte_for_byte():
    here = run("again", 12).digest
    there = subprocess.run(
        [sys.executable, "-m", "devtools.simulation", "--seed", "again", "--calls", "12"],
        cwd=HOUSE,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"digest {here}\n" in there.stdout
    assert run("another", 4).digest != here


@pytest.mark.timeout(180)
def test_a_night_that_broke_can_be_seen_again_by_itself(monkeypatch):
    made(monkeypatch, *next(iter(BUGS.values())))
    failure = run("bugs", WITHIN).failure
    told = re.search("make simulate SEED=(.*) CALLS=(.*)", failure)
    assert told is not None
    assert run(told[1], int(told[2])).failure == failure
    assert len(failure.splitlines()) <= 43


def test_time_that_stands_still_is_a_failure(monkeypatch):
    made(monkeypatch, leg.check, "CheckLeg(leg.id), ringing.SETTLE_AFTER", "CheckLeg(leg.id)")
    assert run("bugs", 40).failure.startswith("BROKEN: the night does not end (")


def test_a_decision_without_an_end_is_a_failure(monkeypatch):
    monkeypatch.setattr("devtools.simulation.run.LONGEST", 0.1)
    forever = "while True:\n        pass\n    decision ="
    made(monkeypatch, flow.step, "decision =", forever)
    assert run("bugs", 40).failure.startswith("BROKEN: the night does not end (")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mistake", FOUND.values(), ids=FOUND)
def test_a_mistake_is_found(monkeypatch, mistake):
    made(monkeypatch, *mistake)
    failures = (run(seed, WITHIN).failure for seed in SEEDS)
    assert next(filter(None, failures), "").startswith("BROKEN: ")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mistake", HARMLESS.values(), ids=HARMLESS)
def test_a_mistake_is_healed(monkeypatch, mistake):
    made(monkeypatch, *mistake)
    assert run(SEEDS[0], 200).failure == ""
