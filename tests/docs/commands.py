"""Runs the commands of a document as its reader would type them, on a machine of their own.

A block ``sh`` is typed, from the first of a page to the last, into one shell in an empty folder.
A block ``sh {.not-run}`` is left out, and so is ``sh {.needs-caddy}`` on a machine without Caddy. A
block ``text {.output}`` must be what the block before it printed; ``…`` stands for anything.

The machine is a network and a process table of its own (Linux namespaces), so that the ports of the
documents are free, pages run at the same time, and all that a page starts ends with it. Redis
answers on its usual port. Nothing outside can be reached.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devtools.processes.embedded_redis import redis_server
from devtools.processes.surroundings import undisturbed

HOUSE = Path(__file__).parents[2]
SAMPLES = ("line.yaml", "contracts.csv", ".env.example", "Procfile", "deploy", "docs/*.yaml")
"""What lies in the folder of a page, from the checkout."""
SECONDS = 240

WEB = "http://127.0.0.1:5000"
COMPANY = "http://127.0.0.1:4010"
"""Where pages start the simulated phone company: ``priority-line simulator --port 4010``."""

SETTINGS = {
    "DATABASE_URL": "sqlite:///line.db",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000001",
    "TWILIO_AUTH_TOKEN": "a token of the documents",
    "TWILIO_API_URL": COMPANY,
    "PUBLIC_URL": WEB,
    "SECRET_KEY": "a key of the documents",
    "FALLBACK_FILE": "fallback.json",
    "MEDIA_DIR": "media",
}

RUNNING = f"""
priority-line simulator --port 4010 --account "$TWILIO_ACCOUNT_SID" \\
    --token "$TWILIO_AUTH_TOKEN" --number +31201234567 --number +3197010200000 >company.log 2>&1 &
for process in web worker clock; do priority-line $process >$process.log 2>&1 & done
curl --fail --silent --retry 60 --retry-connrefused --retry-delay 1 --output /dev/null {WEB}/readyz
"""

BEFORE = {"nothing": "", "settings": "", "line": "", "running": RUNNING}
"""What is there before the first command of a page: nothing but Redis; settings, which is what a
page gets that says nothing; a database with the sample line and contracts; all processes too."""

READ = {
    "https://line.example.org": WEB,
    "wss://line.example.org": "ws://127.0.0.1:5000",
    "postgresql://line:PASSWORD@127.0.0.1/line": "$TEST_DATABASE_URL",
}
"""What a reader replaces by their own."""

APPLY = """
from ivr_app.cli.main import main
for words in (["migrate"], ["apply", "line.yaml"], ["contracts", "import", "contracts.csv"]):
    main(words, standalone_mode=False)
"""


def apply_samples(folder: Path) -> Path:
    """Make an SQLite file with the sample line and contracts."""
    machine = Machine(folder)
    subprocess.run(
        [sys.executable, "-c", APPLY],
        cwd=HOUSE,
        env=machine.settings(),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder / "line.db"


FENCE = re.compile(r"^(?P<indent> *)```+ *(?P<info>[^`\n]*)\n(?P<text>.*?)^ *```+ *$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    line: int
    info: str
    text: str

    @property
    def language(self) -> str:
        """The first word behind the fence, without braces and dot."""
        return re.split(r"[\s}]+", self.info.lstrip("{ ."))[0]

    @property
    def is_left_out(self) -> bool:
        """True for commands that cannot be run here."""
        return self.language == "sh" and ".not-run" in self.info

    @property
    def is_run(self) -> bool:
        """True for commands of the reader whose programs are on this machine."""
        needed = re.findall(r"\.needs-([\w-]+)", self.info)
        return self.language == "sh" and not self.is_left_out and all(map(has_program, needed))

    @property
    def is_output(self) -> bool:
        """True for what the commands before it print."""
        return ".output" in self.info


def has_program(name: str) -> bool:
    """True if a program is in the path, or where Debian keeps those of PostgreSQL."""
    return bool(shutil.which(name) or list(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))


def read_blocks(page: str) -> list[Block]:
    """All fenced blocks of a document, in their order, without the indentation of a list."""
    return [
        Block(
            line=page.count("\n", 0, found.start()) + 2,
            info=found["info"].strip(),
            text=re.sub(rf"^{found['indent']}", "", found["text"], flags=re.M),
        )
        for found in FENCE.finditer(page)
    ]


@dataclass(frozen=True)
class Machine:
    """A folder and settings in which the commands of one page run."""

    folder: Path
    before: str = "settings"
    database: Path | None = None
    """An SQLite file with the sample line, copied into the folder."""
    environment: dict[str, str] = field(default_factory=dict)
    programs: dict[str, str] = field(default_factory=dict)
    """What starts a program that a reader types, if not the checkout."""

    def prepare(self) -> None:
        """Copy the samples, and put the programs first in the path."""
        for pattern in SAMPLES:
            for file in HOUSE.glob(pattern):
                goal = self.folder / file.relative_to(HOUSE)
                goal.parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if file.is_dir() else shutil.copy
                copy(file, goal)
        if self.database is not None:
            shutil.copy(self.database, self.folder / "line.db")
        for name, command in (PROGRAMS | self.programs).items():
            program = self.folder / ".bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
            program.chmod(0o755)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script of bash, and end all that it started with it."""
        before = BEFORE[self.before]
        database = [str(HOUSE / ".ci" / "postgresql")] if "$TEST_DATABASE_URL" in script else []
        command = [*namespaces(), *LOOPBACK, *database, "bash", "-c", f"{ON}{before}{script}"]
        try:
            return subprocess.run(
                command,
                cwd=self.folder,
                env=self.settings(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            printed = (late.stdout or b"").decode()
            return subprocess.CompletedProcess(command, 124, f"{printed}\nnot done in {SECONDS} s")

    def settings(self) -> dict[str, str]:
        """The environment of each command."""
        around = undisturbed(os.environ)
        around.pop("TEST_DATABASE_URL", None)  # it is on another machine
        del around["ENV_FILE"]  # a reader may write a .env into the folder
        settings = {} if self.before == "nothing" else SETTINGS
        absolute = {
            "DATABASE_URL": f"sqlite:///{self.folder}/line.db",
            "FALLBACK_FILE": f"{self.folder}/fallback.json",
            "MEDIA_DIR": f"{self.folder}/media",
        }
        given = settings | {name: absolute[name] for name in absolute if name in settings}
        return (
            around
            | {"PATH": f"{self.folder}/.bin:{around['PATH']}", "HOME": str(self.folder)}
            | {"PYTHONPATH": str(HOUSE), "TMPDIR": "/tmp"}  # noqa: S108
            | given
            | self.environment
        )


ON = f"""
set -e -o pipefail
{redis_server()} --port 6379 --bind 127.0.0.1 --save '' --dir "$HOME" >redis.log &
"""

LOOPBACK = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
"""The command that runs another with a loopback interface."""

PROGRAMS = {"priority-line": f"{sys.executable} -m ivr_app.cli"}
"""Of this checkout. All else is the reader's own: a page that starts a process waits for it itself,
because a reader pastes the whole block."""


def namespaces() -> list[str]:
    """The command that runs another with network and processes of its own."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    return ["unshare", *user, "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


def has_namespaces() -> bool:
    """True if this machine lets us have a network and processes of our own."""
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    tried = subprocess.run([*namespaces(), "ip", "link"], capture_output=True, check=False)
    return tried.returncode == 0


MARK = "\x1e"
"""Printed between blocks: no program prints it."""


def run_page(page: str, machine: Machine) -> None:
    """Run the commands of a document; raises AssertionError with what the failing block printed."""
    blocks = list(_list_due(read_blocks(page)))
    typed = [block for block in blocks if block.is_run]
    machine.prepare()
    script = "".join(f"printf '{MARK}'\n{_read(block.text)}\n" for block in typed)
    done = machine.run(script)
    before, *printed = done.stdout.split(MARK)
    assert printed, f"what comes before the page failed:\n{before}"
    assert done.returncode == 0, (
        f"line {typed[len(printed) - 1].line}, exit {done.returncode}:\n"
        f"{typed[len(printed) - 1].text}\n{printed[-1]}"
    )
    last = -1
    for block in blocks:
        last += block.is_run
        if block.is_output:
            assert _is_like(printed[last], block.text), (
                f"line {block.line}: the page shows\n{block.text}\nand it prints\n{printed[last]}"
            )


def _list_due(blocks: Iterable[Block]) -> Iterator[Block]:
    """The commands that are run here, and what they print."""
    due = False
    for block in blocks:
        if block.language == "sh":
            due = block.is_run
        if due and (block.is_run or block.is_output):
            yield block


def _read(text: str) -> str:
    for written, meant in READ.items():
        text = text.replace(written, meant)
    return text


def _is_like(printed: str, shown: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in _read(shown).strip().split("…"))
    return re.search(pattern, printed, re.S) is not None
