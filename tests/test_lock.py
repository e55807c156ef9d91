"""The lock holds every package of production at one version, each file by its hash."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

PINS = re.split(r"\n(?=[a-z])", Path("requirements.lock").read_text().split("\n", 2)[2])
LOCKED = {pin.name: pin for pin in (Requirement(text.split("\\")[0]) for text in PINS)}
WANTED = [Requirement(row) for row in Path("requirements.txt").read_text().splitlines()]


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_the_lock_holds_what_is_required_at_a_version_that_will_do(wanted: Requirement) -> None:
    (pin,) = LOCKED[wanted.name.lower().replace(".", "-")].specifier
    assert pin.operator == "=="
    assert wanted.specifier.contains(pin.version)


def test_no_package_comes_without_its_hashes() -> None:
    assert [pin for pin in PINS if "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("python", ["3.11", "3.12"])
def test_both_pythons_are_served_by_one_lock(python: str) -> None:
    running = default_environment() | {
        "python_version": python,
        "python_full_version": f"{python}.7",
        "sys_platform": "linux",
    }
    left_out = {
        name for name, pin in LOCKED.items() if pin.marker and not pin.marker.evaluate(running)
    }
    assert left_out == {"colorama", "async-timeout"}
