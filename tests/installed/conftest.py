"""The package as a stranger gets it: built once, and installed for each Python of this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
UV = (sys.executable, "-m", "uv", "--quiet", "--no-progress")
UNREACHED = ("Failed to fetch", "dns error", "error sending request", "no solution found")
OLDEST = 11
RUNNING = "{}.{}".format(*sys.version_info)
"""The version of Python that runs all other tests."""


def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{words}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done


def find_pythons() -> dict[str, str]:
    """A Python of each version that is new enough, by version, from the path and from pyenv."""
    places = os.environ.get("PATH", "").split(os.pathsep)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places += [str(folder) for folder in sorted(pyenv.glob("*/bin"))]
    found = {RUNNING: sys.executable}
    for file in (file for place in places for file in Path(place).glob("python3.*")):
        version = re.fullmatch(r"python(3\.(\d+))", file.name)
        if version and int(version[2]) >= OLDEST and runs(file):
            found.setdefault(version[1], str(file))
    return dict(sorted(found.items()))


def runs(python: Path) -> bool:
    """Whether it is a Python that can be used: pyenv puts names on the path that lead nowhere."""
    asked = subprocess.run([python, "-c", "import venv"], capture_output=True, check=False)
    return asked.returncode == 0


PYTHONS = find_pythons()


def tracked() -> list[str]:
    """The files of the project, as version control knows them."""
    return run("git", "ls-files", "-z", cwd=HOUSE).stdout.rstrip("\0").split("\0")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was built from it.

    The tracked files are built in a copy: a build leaves its own files beside the source.
    """
    folder = tmp_path_factory.mktemp("built")
    for name in tracked():
        copy = folder / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOUSE / name, copy, follow_symlinks=False)
    command = [*UV, "build", "--python", sys.executable, "--out-dir", folder, folder / "source"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode and any(words in done.stderr for words in UNREACHED):
        pytest.skip("no packages can be reached from here, so nothing can be built")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    """The wheel."""
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The programs of an environment that was empty, for one Python, with these extras."""
    made: dict[str, Path] = {}

    def install(version: str, extras: str = "") -> Path:
        if version not in made:
            made[version] = tmp_path_factory.mktemp(f"python{version}") / "venv"
            run(*UV, "venv", "--python", PYTHONS[version], made[version])
        programs = made[version] / "bin"
        run(*UV, "pip", "install", "--python", programs / "python", f"{wheel}{extras}")
        return programs

    return install
