"""The command that a newcomer finds in the folder of a demo."""

import subprocess

import pytest

from devtools.demo.hours import LINE_FILE
from devtools.demo.site import choose_site
from devtools.demo.terminal import write_command


@pytest.fixture
def command():
    site = choose_site({})
    yield write_command(site)
    site.clear()


def run(tmp_path, *words):
    return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)


def test_any_command_runs_with_the_settings_of_the_demo_from_anywhere(command, tmp_path):
    checked = run(tmp_path, command, "check", LINE_FILE)
    assert (checked.returncode, checked.stdout[:26]) == (0, "line main can be applied; "[:26])
    asked = run(tmp_path, command, "show", "1001")
    assert "schema is out of date" in asked.stderr
    assert list(tmp_path.iterdir()) == []


def test_nobody_else_on_the_machine_may_read_its_secrets(command):
    assert command.stat().st_mode & 0o077 == 0
