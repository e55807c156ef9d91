"""A command that becomes a process of the line: the one of the Procfile, from any folder."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from devtools.phone_company.__main__ import build_parser
from devtools.processes import HOUSE
from devtools.processes.ports import free_ports
from devtools.processes.procfile import KINDS, read_procfile
from devtools.processes.tied import tied_to_us
from ivr_app.cli.processes import MODULES, simulator
from tests.kills.line_processes import until

TRAP = "raise SystemExit('a file of the working directory was imported')\n"
OURS = ("settings", "config", "store", "service", "workers", "gunicorn_conf", "carrier", "routing")
COMMAND = [sys.executable, "-P", "-m", "ivr_app.cli"]


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A working directory whose files are named like modules of ours."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name in OURS:
        (folder / f"{name}.py").write_text(TRAP)
    return folder


@pytest.fixture
def told(environment: dict[str, str]) -> dict[str, str]:
    return os.environ | environment | {"PYTHONPATH": str(HOUSE)}


@pytest.mark.parametrize("kind", KINDS)
def test_each_process_of_the_procfile_has_a_command(kind: str) -> None:
    words = shlex.split(read_procfile(HOUSE / "Procfile")[kind])[2:]
    web = ["gunicorn", "--config", f"{MODULES['web']}.py", "ivr_app:create_app()"]
    assert words == (web if kind == "web" else ["python", "-m", MODULES[kind]])


def test_release_prepares_the_database_from_any_folder(trap: Path, told: dict[str, str]) -> None:
    told |= {"DATABASE_URL": f"sqlite:///{trap}/new.db"}
    done = subprocess.run([*COMMAND, "release"], cwd=trap, env=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (trap / "new.db").stat().st_size > 0


def test_web_becomes_the_web_server_in_the_same_process(trap: Path, told: dict[str, str]) -> None:
    (port,) = free_ports(1)
    told |= {"PORT": str(port), "GUNICORN_CMD_ARGS": f"--workers 1 --bind 127.0.0.1:{port}"}
    with subprocess.Popen(
        [*COMMAND, "web"], cwd=trap, env=told, preexec_fn=tied_to_us(), stderr=subprocess.PIPE
    ) as web:
        until(lambda: answers(port) or web.poll() is not None, "it answers, or has ended")
        assert answers(port), web.stderr.read() if web.stderr else ""
        command = Path(f"/proc/{web.pid}/cmdline")
        assert not command.exists() or b"gunicorn_conf" in command.read_bytes()
        web.terminate()
        assert web.wait(60) == 0


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=30).ok
    except requests.ConnectionError:
        return False


def test_the_simulator_starts_with_its_options(trap: Path, told: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "simulator", "--account", "AC7", "--number", "+31201234567"],
        cwd=trap,
        env=told,
        preexec_fn=tied_to_us(),
        stdout=subprocess.PIPE,
        text=True,
    ) as company:
        assert company.stdout is not None
        address = company.stdout.readline().strip()
        assert requests.get(f"{address}/company/clock", timeout=30).ok
        company.terminate()
        assert company.wait(60) == 0


def test_the_help_of_the_simulator_names_each_of_its_options() -> None:
    named = set(re.findall(r"--[a-z-]+", simulator.help or ""))
    taken = {option for action in build_parser()._actions for option in action.option_strings}
    assert named == taken - {"-h", "--help"}
