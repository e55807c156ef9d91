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

from routing import flow
from routing.engineer import legs
from simulation.run import run
from tests.routing.test_mutations import mistaken
from tests.simulation.bugs import BUGS
from tests.simulation.healed import HEALED

HOUSE = Path(__file__).parent.parent.parent
ALL = os.environ.get("BUGS") == "all"
FOUND, HARMLESS = (BUGS, HEALED) if ALL else (BUGS[:3], [])
WITHIN = 400
"""So many calls are enough to find each mistake."""


def named(mistakes):
    return [f"{function.__qualname__}: {right[:40]}" for function, right, *_ in mistakes]


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
        [sys.executable, "-m", "simulation", "--seed", "again", "--calls", "12"],
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
    made(monkeypatch, *BUGS[0])
    failure = run("bugs", WITHIN).failure
    told = re.search("make simulate SEED=(.*) CALLS=(.*)", failure)
    assert told is not None
    assert run(told[1], int(told[2])).failure == failure
    assert len(failure.splitlines()) <= 43


def test_time_that_stands_still_is_a_failure(monkeypatch):
    made(monkeypatch, legs.checked, "SettleLeg(leg.id), SETTLE_AFTER", "SettleLeg(leg.id)")
    assert run("bugs", 40).failure.startswith("BROKEN: the night does not end (")


def test_a_decision_without_an_end_is_a_failure(monkeypatch):
    monkeypatch.setattr("simulation.run.LONGEST", 0.1)
    made(monkeypatch, flow.step, "return", "while True:\n        pass\n    return")
    assert run("bugs", 40).failure.startswith("BROKEN: the night does not end (")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("function", "right", "wrong"), FOUND, ids=named(FOUND))
def test_a_mistake_is_found(monkeypatch, function, right, wrong):
    made(monkeypatch, function, right, wrong)
    assert run("bugs", WITHIN).failure.startswith("BROKEN: ")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("function", "right", "wrong", "why"), HEALED if ALL else [], ids=named(HEALED if ALL else [])
)
def test_a_mistake_is_healed(monkeypatch, function, right, wrong, why):
    made(monkeypatch, function, right, wrong)
    assert (run("bugs", 120).failure, why) == ("", why)
