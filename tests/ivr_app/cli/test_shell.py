"""From a shell, with nothing but environment variables."""

import json

import pytest
from click.testing import CliRunner
from flask.cli import FlaskGroup

from ivr_app import create_app
from tests.ivr_app.cli.conftest import FLASK, PRIORITY_LINE


@pytest.fixture
def without_settings(monkeypatch):
    """Type a command in this process, which has been told nothing of a line."""
    monkeypatch.delenv("TWILIO_ACCOUNT_SID", raising=False)

    def run(*words):
        terminal = FlaskGroup(create_app=create_app)
        return CliRunner().invoke(terminal, [str(word) for word in words])

    return run


@pytest.mark.parametrize("program", [PRIORITY_LINE, FLASK], ids=["priority-line", "flask"])
def test_check_needs_no_settings(shell, paper, program):
    result = shell("check", paper(), program=program)
    assert (result.returncode, result.stdout) == (0, "line main can be applied; warnings: 1\n")
    assert result.stderr.startswith("warning: line 17: escalation.steps[1]: nobody is on call")


def test_oncall_and_route_of_a_file_need_no_settings(without_settings, paper):
    assert without_settings("oncall", "--file", paper()).exit_code == 0
    assert without_settings("route", "--file", paper(), "--contract", "100234").exit_code == 0


def test_whatever_needs_the_line_says_which_setting_is_missing(without_settings, paper):
    for words in (["apply", paper()], ["calls"], ["oncall"]):
        result = without_settings(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("TWILIO_ACCOUNT_SID is missing: ")
        assert result.stderr.count("\n") == 1


def test_so_does_a_web_that_is_begun_without_them(shell):
    result = shell("run", program=FLASK)
    assert result.returncode == 1
    assert result.stderr.startswith("TWILIO_ACCOUNT_SID is missing: ")
    assert result.stderr.count("\n") == 1


def test_a_database_that_is_away_is_a_sentence(shell, environment):
    away = environment | {"DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/none"}
    result = shell("calls", **away)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("The database that DATABASE_URL names cannot be used: ")
    assert "Traceback" not in result.stderr
    assert "secret" not in result.stderr


def test_json_is_alone_on_standard_output(shell, environment, applied):
    result = shell("oncall", "--json", **environment)
    assert [json.loads(line)["schedule"] for line in result.stdout.splitlines()] == [
        "primary",
        "night",
    ]
