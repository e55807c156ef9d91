"""Wheel and source distribution are whole, and an installed wheel rings a telephone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devtools.processes.surroundings import undisturbed
from devtools.processes.tied import tied_to_us
from service import find_version
from tests.demo.first_call import call_at_level_one
from tests.installed.conftest import HOUSE, PYTHONS, RUNNING, run, tracked

pytestmark = [pytest.mark.packaging, pytest.mark.xdist_group("installed")]

Installed = Callable[..., Path]

NOT_IN_SOURCE = (".gitignore", ".gitattributes", ".git-blame-ignore-revs")
SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
    "TWILIO_AUTH_TOKEN": "t0ken",
    "PUBLIC_URL": "http://127.0.0.1:1",
    "SECRET_KEY": "a secret of the terminal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
FAST = (
    *("tests/config", "tests/test_settings.py", "tests/store/test_engine.py"),
    *(f"tests/routing/test_{name}.py" for name in ("escalation", "lifecycle", "menus", "hours")),
    *("tests/stories/test_escalation.py", "tests/stories/test_texts.py"),
    "tests/ivr_app/test_webhook_form.py",
)
"""Pure rules, files, webhooks, the store, and whole calls."""


def test_the_source_distribution_is_a_whole_checkout(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as source:
        inside = {name.partition("/")[2] for name in source.getnames()}
    assert {name for name in tracked() if name not in NOT_IN_SOURCE} - inside == set()


def test_the_wheel_has_every_file_of_the_line_and_no_test(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        inside = set(packed.namelist())
    ours = re.compile(
        r"(carrier|config|ivr_app|routing|service|settings|store|workers"
        r"|devtools/(demo|phone_company|processes))(/|\.py$)|gunicorn_conf\.py$"
    )
    wanted = {name for name in tracked() if ours.match(name)}
    assert wanted - inside == set()
    rest = {name for name in inside - wanted if ".dist-info/" not in name}
    assert rest == set()


@pytest.mark.parametrize("version", PYTHONS)
def test_an_installed_line_works_in_any_folder(
    installed: Installed, tmp_path: Path, version: str
) -> None:
    programs = installed(version)
    environment = {"PATH": str(programs), "DATABASE_URL": f"sqlite:///{tmp_path}/line.db"}
    outside = {"cwd": tmp_path, "env": environment | SETTINGS}
    command = programs / "priority-line"
    assert run(command, "--version", **outside).stdout == f"priority-line {find_version()}\n"
    for words in (("check", HOUSE / "line.yaml"), ("release",), ("calls",)):
        run(command, *words, **outside)
    ask = (
        "import ivr_app; client = ivr_app.create_app().test_client(); "
        "print(ivr_app.__file__, client.get('/console/', follow_redirects=True).status_code)"
    )
    where, status = run(programs / "python", "-W", "error", "-c", ask, **outside).stdout.split()
    assert (where.startswith(str(programs.parent)), status) == (True, "200")


def test_postgresql_without_its_driver_is_one_sentence(
    installed: Installed, tmp_path: Path
) -> None:
    programs = installed(next(iter(PYTHONS)))
    told = SETTINGS | {"DATABASE_URL": "postgresql://line@127.0.0.1/line"}
    asked = subprocess.run(
        [programs / "priority-line", "calls"],
        cwd=tmp_path,
        env=told,
        capture_output=True,
        text=True,
    )
    assert asked.returncode == 1
    assert "priority-line[postgresql]" in asked.stderr
    assert "Traceback" not in asked.stderr


@contextmanager
def demo_of(programs: Path, home: Path) -> Iterator[str]:
    """The address of the page of a demo, in a folder where nothing else is."""
    told = undisturbed(os.environ) | {"HOME": str(home), "PATH": f"{programs}:/usr/bin:/bin"}
    told.pop("XDG_STATE_HOME", None)
    with subprocess.Popen(
        [programs / "priority-line", "demo"],
        cwd=home,
        env=told,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=tied_to_us(),
    ) as demo:
        assert demo.stdout is not None
        said = next((line for line in demo.stdout if line.startswith("Page:")), "")
        assert said, "it has ended"
        yield said.split()[1]
        demo.send_signal(signal.SIGINT)
        assert demo.wait(60) == 0
    assert list((home / ".local/state/priority-line").iterdir()) == [], "it leaves nothing behind"


@pytest.mark.parametrize("version", PYTHONS)
def test_a_telephone_rings(installed: Installed, tmp_path: Path, version: str) -> None:
    with demo_of(installed(version), tmp_path) as page:
        assert call_at_level_one(page) in ("+31612345601", "+31612345602")


@pytest.mark.parametrize("version", [v for v in PYTHONS if v != RUNNING])
def test_the_fast_tests_pass(installed: Installed, version: str) -> None:
    programs = installed(version, "[postgresql,test]")
    run(programs / "python", "-m", "pytest", "-n", "2", "-q", *FAST, cwd=HOUSE)
