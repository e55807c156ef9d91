"""A terminal: commands typed at a line of their own, in this process or in a shell."""

import datetime as dt
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from devtools.phone_company.company import Account
from devtools.phone_company.driver.office import Office
from service.bootstrap import build_services
from settings import read_settings
from store.work.redis_client import NoJobNotifier
from tests.web_app import web_app
from workers.context import make_context
from workers.jobs import run_job

THREE = "- {id: milan, name: Milan Visser, phones: ['+31612345603'], languages: [en]}\nschedules:"
HOUSE = Path(__file__).parents[3]
PAPER = """
line:
  name: MSA Plus prioriteitslijn
  number: "+31201234567"
  texts_from: "+3197010200000"
  timezone: Europe/Amsterdam
  languages: [nl, en]
  office_hours: {days: [mon, tue, wed, thu, fri], hours: "09:00-18:00"}
  last_resort: "+31207654321"
engineers:
  - {id: sanne, name: Sanne de Vries, phones: ["+31612345601", "+31208881101"]}
  - {id: joris, name: Joris Bakker, phones: ["+31612345602"]}
schedules:
  - {id: primary, shifts: [{people: [sanne]}]}
  - {id: night, shifts: [{people: [joris], hours: "18:00-09:00"}]}
escalation:
  steps: [{ring: [primary], for: 30s}, {ring: [night], for: 20s}]
contracts:
  - contract: "100234"
    customer: Bakkerij Jansen BV
    plan: msa_plus
    contacts:
      - {name: Pieter Jansen, phone: "+31612345678", pin: "482913", language: nl}
"""


@pytest.fixture
def environment(tmp_path, migrated_file):
    """What a process of this line is told: Redis and the carrier are away."""
    shutil.copy(migrated_file, tmp_path / "line.db")
    return {
        "DATABASE_URL": f"sqlite:///{tmp_path}/line.db",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
        "TWILIO_AUTH_TOKEN": "t0ken",
        "TWILIO_API_URL": "http://127.0.0.1:1",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "SECRET_KEY": "a secret of the terminal, never guessed",
        "FALLBACK_FILE": f"{tmp_path}/fallback.json",
        "MEDIA_DIR": f"{tmp_path}/media",
    }


@pytest.fixture
def board(environment):
    """The switchboard behind the terminal."""
    made = build_services(read_settings(environment), NoJobNotifier())
    yield made
    made.engine.dispose()


def runner_of(board):
    """Type commands; what one printed is in ``stdout`` and ``stderr`` of the result."""
    runner = web_app(board).test_cli_runner()

    def run(*words, keys=None):
        result = runner.invoke(args=[str(word) for word in words], input=keys)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        return result

    return run


@pytest.fixture
def type_in(board):
    """Type a command on the line of this test."""
    return runner_of(board)


@pytest.fixture
def type_with(environment):
    """Type a command with other settings: ``type_with("doctor", MAIL_URL="smtp://…")``."""
    boards = []

    def run(*words, **settings):
        board = build_services(read_settings(environment | settings), NoJobNotifier())
        boards.append(board)
        return runner_of(board)(*words)

    yield run
    for board in boards:
        board.engine.dispose()


@pytest.fixture
def objects(type_in):
    """Type a command that must succeed with --json; gives back the objects."""

    def run(*words):
        result = type_in(*words, "--json")
        assert result.exit_code == 0, result.stderr
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run


PRIORITY_LINE = (sys.executable, "-m", "ivr_app.cli")
FLASK = (str(Path(sys.executable).with_name("flask")), "--app", "ivr_app")
"""Two programs that have the same commands."""


@pytest.fixture
def shell():
    """Type a command in a shell that has only this environment."""

    def run(*words, program=PRIORITY_LINE, **environment):
        return subprocess.run(
            [*program, *map(str, words)],
            cwd=HOUSE,
            env={"PATH": os.environ["PATH"], "ENV_FILE": "", **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def paper(tmp_path):
    """A file with the line; with arguments, one in which a word is changed into another."""

    def write(old="", new=""):
        assert not old or PAPER.count(old) == 1, f"{old!r} is not in the paper just once"
        file = tmp_path / "line.yaml"
        file.write_text(PAPER.replace(old, new) if old else PAPER)
        return file

    return write


APPLIED: dict[str, bytes] = {}
"""What lies in the folder once the line has been applied: its database, and the fallback file."""


@pytest.fixture
def applied(type_in, paper, tmp_path):
    """The line is in the database; where nothing was done there yet, all tests share one apply."""
    untouched = not (tmp_path / "line.db-wal").exists()
    if APPLIED and untouched:
        for name, content in APPLIED.items():
            (tmp_path / name).write_bytes(content)
        return
    assert type_in("apply", paper()).exit_code == 0
    if untouched:
        with closing(sqlite3.connect(tmp_path / "line.db")) as connection:
            connection.execute("VACUUM INTO ?", (str(tmp_path / "applied.db"),))
        APPLIED["line.db"] = (tmp_path / "applied.db").read_bytes()
        APPLIED["fallback.json"] = (tmp_path / "fallback.json").read_bytes()


@pytest.fixture
def office(environment):
    """The company that the settings name."""
    account = Account(environment["TWILIO_ACCOUNT_SID"], environment["TWILIO_AUTH_TOKEN"])
    with Office(account, manual=True) as office:
        environment["TWILIO_API_URL"] = office.url
        office.number("+3197010200000")
        yield office


@pytest.fixture
def three(type_in, paper):
    """A line with a third engineer."""
    assert type_in("apply", paper("schedules:", f"  {THREE}")).exit_code == 0


@pytest.fixture
def swap(type_in):
    """Give a shift away on a day of 2030, by the hour; the carrier is away unless there is one."""

    def run(give, take, start="24T18:00", end="25T09:00", schedule="primary"):
        times = ("--from", f"2030-12-{start}", "--to", f"2030-12-{end}")
        return type_in("swap", "--schedule", schedule, *times, "--give", give, "--take", take)

    return run


@pytest.fixture
def on_call(objects):
    """Who is on call in a schedule, from midnight of the 24th to midnight of the 26th."""

    def ask(schedule="primary"):
        span = ("--from", "2030-12-24T00:00", "--to", "2030-12-26T00:00")
        found = objects("oncall", "--schedule", schedule, *span)
        return [(row["start"][8:13], *row["on_call"]) for row in found]

    return ask


@pytest.fixture
def work(board):
    """Do what is due, as a worker would; with ``after``, that many seconds later."""
    context = make_context(board.settings)

    def run(after=0):
        at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=after)
        for job in context.queue.claim(at + dt.timedelta(seconds=1)):
            run_job(job, context)

    yield run
    context.job_context.carrier.close()
    context.notifier.close()
    context.services.engine.dispose()
