"""The package installs into an empty environment and runs outside the checkout."""

import shlex
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import click
import pytest

from ivr_app.cli.main import COMMANDS, PROGRAM, find_version, main

PROJECT = Path(__file__).parents[1]
HEAVY = ("flask", "sqlalchemy", "alembic", "pydantic", "twilio", "redis", "authlib", "settings")
UNNEEDED = (
    *("flask", "alembic", "twilio", "redis", "rq", "requests", "structlog", "argon2", "psycopg"),
    *("authlib", "ruamel.yaml", "phonenumbers", "carrier", "service", "routing.events"),
    *("store.tables.log", "sqlalchemy.dialects.postgresql"),
)
"""What `oncall` does not need to read a line from SQLite."""

SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
    "TWILIO_AUTH_TOKEN": "t0ken",
    "PUBLIC_URL": "http://127.0.0.1:1",
    "SECRET_KEY": "a secret of the terminal",
}
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
UNREACHED = ("Could not find a version", "connection", "Temporary failure", "No matching")


def run(*words, **options):
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, **options)


def build_wheel(folder):
    """Build the tracked files, in a copy: a build leaves its own files beside the source."""
    for name in run("git", "ls-files", cwd=PROJECT).stdout.split():
        if (PROJECT / name).is_file():
            copy = folder / "source" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, copy)
    built = run(*PIP, "wheel", "--no-deps", "-w", folder, folder / "source")
    if built.returncode and any(words in built.stderr for words in UNREACHED):
        pytest.skip("pip reaches no packages from here, so no wheel can be built")
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("priority_line-*.whl")
    return wheel


def install(wheel, folder):
    """Make an environment with the wheel; its dependencies are those of this process."""
    venv.create(folder, with_pip=False)
    python = folder / "bin/python"
    done = run(*PIP, "--python", python, "install", "--no-deps", wheel)
    assert done.returncode == 0, done.stderr
    packages = run(python, "-c", "import site; print(site.getsitepackages()[0])").stdout.strip()
    (Path(packages) / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    return folder / "bin"


@pytest.mark.packaging
def test_the_package_runs_outside_the_checkout(tmp_path):
    """One test, so that one process builds the wheel; it lasts about half a minute."""
    programs = install(build_wheel(tmp_path), tmp_path / "venv")
    command = programs / "priority-line"
    environment = {
        "PATH": str(programs),
        "DATABASE_URL": f"sqlite:///{tmp_path}/line.db",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    } | SETTINGS
    outside = {"cwd": tmp_path, "env": environment}
    assert run(command, "--version", **outside).stdout == f"priority-line {find_version()}\n"
    for words in (("check", PROJECT / "line.yaml"), ("migrate",), ("calls",)):
        result = run(command, *words, **outside)
        assert result.returncode == 0, result.stderr
    ask = (
        "import ivr_app; client = ivr_app.create_app().test_client(); "
        "print(ivr_app.__file__, client.get('/console/', follow_redirects=True).status_code)"
    )
    result = run(programs / "python", "-c", ask, **outside)
    assert result.returncode == 0, result.stderr
    where, status = result.stdout.split()
    assert (where.startswith(str(tmp_path)), status) == (True, "200")


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
