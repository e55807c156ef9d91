"""Local time is read with the pinned zone data, in every process and test, on every machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zoneinfo
from importlib.resources import files
from pathlib import Path

import pytest

from routing.oncall.zonedata import zone_data

HOUSE = Path(__file__).parent.parent
ENTRIES = (
    "ivr_app",
    "ivr_app.cli.main",
    "gunicorn_conf",
    "workers.__main__",
    "workers.clock",
    "workers.release",
    "devtools.demo.__main__",
    "devtools.simulation.__main__",
    "devtools.bench.__main__",
)
"""What the lines of the Procfile and of the Makefile start."""
LINE = """
line:
  name: MSA Plus prioriteitslijn
  number: "+31201234567"
  timezone: Europe/Amsterdam
  languages: [nl]
  office_hours: {days: [mon], hours: "09:00-18:00"}
  last_resort: "+31207654321"
engineers: [{id: sanne, name: Sanne de Vries, phones: ["+31612345601"]}]
schedules: [{id: primary, shifts: [{people: [sanne], hours: "09:00-17:00"}]}]
escalation: {steps: [{ring: [primary], for: 30s}]}
"""


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that believes Amsterdam to keep the time of Greenwich."""
    folder = tmp_path / "zoneinfo"
    (folder / "Europe").mkdir(parents=True)
    utc = files("tzdata.zoneinfo").joinpath("UTC").read_bytes()
    (folder / "Europe" / "Amsterdam").write_bytes(utc)
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "",
        "PYTHONTZPATH": str(folder),
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "a token of the tests",
        "PUBLIC_URL": "http://line.test",
        "SECRET_KEY": "a key of the tests, long enough for anybody",
    }


@pytest.mark.parametrize("program", [("ivr_app.cli",), ("flask", "--app", "ivr_app")], ids=str)
def test_a_machine_with_other_zone_data_has_the_same_people_on_call(
    machine: dict[str, str], tmp_path: Path, program: tuple[str, ...]
) -> None:
    file = tmp_path / "line.yaml"
    file.write_text(LINE)
    command = ["oncall", "--json", "--file", str(file), "--at", "2026-03-02T08:30Z"]
    done = subprocess.run(
        [sys.executable, "-m", *program, *command], cwd=HOUSE, env=machine, capture_output=True
    )
    assert json.loads(done.stdout)["on_call"] == ["sanne"], done.stderr


IMPORT_EACH = """
import os, sys, zoneinfo
# once for all of them
import aiohttp, alembic, argon2, flask, holidays, phonenumbers, prometheus_client, pydantic
import redis, requests, rq, ruamel.yaml, sqlalchemy, structlog, twilio.rest, werkzeug.serving

for entry in sys.argv[1:]:
    if os.fork() == 0:
        try:
            __import__(entry)
            print(entry, zoneinfo.TZPATH, flush=True)
        finally:
            os._exit(0)
    os.wait()
"""


def test_no_process_reads_a_zone_of_its_machine(machine: dict[str, str]) -> None:
    command = [sys.executable, "-c", IMPORT_EACH, *ENTRIES]
    done = subprocess.run(command, cwd=HOUSE, env=machine, capture_output=True, text=True)
    assert done.stdout.splitlines() == [f"{entry} ()" for entry in ENTRIES], done.stderr


def test_so_does_every_test() -> None:
    assert zoneinfo.TZPATH == ()


@pytest.mark.parametrize("file", ["pyproject.toml", "requirements.lock"])
def test_all_hosts_get_the_same_release(file: str) -> None:
    rows = (HOUSE / file).read_text().splitlines()
    found = [row.split()[0].strip('",') for row in rows if "tzdata=" in row]
    assert found == [f"tzdata=={zone_data()}"]
