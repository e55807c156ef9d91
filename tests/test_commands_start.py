"""A command starts soon: it imports what it needs, and shows an example of itself."""

import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ivr_app.cli.main import COMMANDS, PROGRAM, main

PROJECT = Path(__file__).parents[1]
HEAVY = ("flask", "sqlalchemy", "alembic", "pydantic", "twilio", "redis", "authlib", "settings")
UNNEEDED = (
    *("flask", "alembic", "twilio", "redis", "rq", "requests", "structlog", "argon2", "psycopg"),
    *("authlib", "ruamel.yaml", "phonenumbers", "carrier", "service", "routing.events"),
    *("store.tables.log", "sqlalchemy.dialects.postgresql"),
)
"""What `oncall` does not need to read a line from SQLite."""

SETTINGS = {
    "ENV_FILE": "",
    "FLASK_SKIP_DOTENV": "1",
    "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
    "TWILIO_AUTH_TOKEN": "t0ken",
    "PUBLIC_URL": "http://127.0.0.1:1",
    "SECRET_KEY": "a secret of the terminal",
}


def run(*words, **options):
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, **options)


PROGRAMS = {
    "priority-line": ("ivr_app.cli.main", "main", []),
    "flask": ("flask.cli", "cli", ["--app", "ivr_app"]),
}


def find_imported(program, words, modules, **where):
    """Those of these modules that are imported once a command has run."""
    module, command, options = PROGRAMS[program]
    script = (
        f"import sys; from {module} import {command}; "
        f"{command}({[*options, *words]}, standalone_mode=False); "
        f"print('imported:', *sorted(set({modules}) & set(sys.modules) - {{'{program}'}}))"
    )
    result = run(sys.executable, "-c", script, cwd=PROJECT, **where)
    printed, *found = result.stdout.splitlines()[-1].split()
    assert printed == "imported:", result.stderr
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_oncall_of_a_file_imports_nothing_heavy(program):
    assert find_imported(program, ["oncall", "--file", "line.yaml"], HEAVY) == []


def test_oncall_of_a_database_imports_only_what_reads_a_line(tmp_path):
    environment = SETTINGS | {"DATABASE_URL": f"sqlite:///{tmp_path}/line.db"}
    environment |= {"FALLBACK_FILE": f"{tmp_path}/fallback.json"}
    here = {"cwd": PROJECT, "env": environment}
    for words in (("migrate",), ("apply", "line.yaml")):
        assert run(sys.executable, "-m", "ivr_app.cli", *words, **here).returncode == 0
    for program in PROGRAMS:
        assert find_imported(program, ["oncall"], UNNEEDED, env=environment) == []


def test_help_imports_no_command():
    script = (
        "import sys; from ivr_app.cli.main import main; "
        "main(['--help'], standalone_mode=False); "
        "print('modules:', *sorted(n for n in sys.modules if n.startswith(('ivr_app', 'routing'))))"
    )
    result = run(sys.executable, "-c", script, cwd=PROJECT)
    zones = ["routing", "routing.oncall", "routing.oncall.zonedata"]
    modules = ["ivr_app", "ivr_app.cli", "ivr_app.cli.main", *zones]
    assert result.stdout.splitlines()[-1].split() == ["modules:", *modules]


def test_a_command_is_completed_without_importing_any():
    context = main.make_context("priority-line", [], resilient_parsing=True)
    found = [item.value for item in main.shell_complete(context, "swa")]
    assert found == ["swap", "swaps"]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_found_under_its_name(name):
    assert main.get_command(None, name).name == name


def commands(command, above=()):
    """A command and all below it, each with the words above it."""
    yield command, above
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from commands(inner, (*above, command.name))


def parsed(words):
    """The command that runs when these words are typed; raises UsageError for wrong ones."""
    context = main.make_context(PROGRAM, list(words))
    while isinstance(context.command, click.Group) and context._protected_args:
        rest = [*context._protected_args, *context.args]
        name, command, left = context.command.resolve_command(context, rest)
        context = command.make_context(name, left, parent=context)
    return context.command


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_shows_an_example_that_it_takes(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in ("line.yaml", "contracts.csv", "absences.ics"):
        (tmp_path / file).touch()
    for command, _ in commands(main.get_command(None, name)):
        typed = command.epilog.partition(f"  {PROGRAM} ")[2]
        found = parsed(shlex.split(typed))
        inner = command.commands.values() if isinstance(command, click.Group) else ()
        assert found in (command, *inner), typed
