"""The lock holds every package of production at one version, each file by its hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

TEXTS = re.split(r"\n(?=[a-z])", Path("requirements.lock").read_text().split("\n", 2)[2])
PINS = [Requirement(text.split("\\")[0]) for text in TEXTS]
PROJECT = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
WANTED = [
    Requirement(row)
    for row in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgresql"])
]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_each_python_gets_what_is_required_at_one_version_that_will_do(
    wanted: Requirement, python: str
) -> None:
    linux = {"sys_platform": "linux", "implementation_name": "cpython"}
    running = default_environment() | linux
    running |= {"python_version": python, "python_full_version": f"{python}.7"}
    name = wanted.name.lower().replace(".", "-")
    pins = [pin for pin in PINS if pin.name == name]
    (locked,) = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(running)]
    (at,) = locked.specifier
    assert at.operator == "=="
    assert wanted.specifier.contains(at.version)


def test_no_package_comes_without_its_hashes() -> None:
    assert [text for text in TEXTS if "--hash=sha256:" not in text] == []
