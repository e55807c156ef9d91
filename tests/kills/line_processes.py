"""The real processes of the line, as the Procfile names them, and what becomes of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import requests

from config.line import parse_line_file
from devtools.phone_company.company import Account
from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.driver.office import Office
from devtools.processes import HOUSE
from devtools.processes.ports import free_ports, is_open
from devtools.processes.procfile import read_procfile
from devtools.processes.redis import redis_command
from devtools.processes.tied import tied_to_us
from routing.incident import Incident
from service.bootstrap import now
from settings import read_settings
from store.db.engine import open_engine
from store.db.schema import migrate
from store.log.call_repository import SqlCallRepository
from store.people.hashing import Argon2PinVerifier
from store.people.lines import apply_line
from tests.stories.stage import LINE, PIETER, PIN
from tests.webhook_receiver import SECRET
from tests.words import words_of

LEVEL_1 = (("1", words_of("confirm_level_1")), ("1", words_of("parked")))
FIRST_CALL = ((f"{PIN}#", words_of("urgency_menu")), *LEVEL_1)
LATER_CALL = ((f"{PIN}#", words_of("about_new")), ("2", words_of("urgency_menu")), *LEVEL_1)
ACCOUNT = Account("AC" + "a1" * 16, "t0ken", speech=0.0)
PATIENCE = 60.0
STARTS_WITHIN = 90.0  # seconds; a machine that does much else starts nothing quickly
T = TypeVar("T")


def until(seen: Callable[[], T | None], what: str, patience: float = PATIENCE) -> T:
    """Ask until there is an answer; these are other processes, so there is no event to wait for."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = seen()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {patience} s: {what}")


class Works:
    """Redis, web, worker and clock as processes that can be killed and started again."""

    all_of_them: tuple[str, ...] = ("redis", "web", "worker", "clock")
    passed_on: tuple[int, ...] = ()

    def __init__(self, office: Office, folder: Path, database_url: str) -> None:
        self.office, self.folder = office, folder
        self.calls = 0
        self.port, self.redis_port = free_ports(2)
        self.environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "TWILIO_ACCOUNT_SID": ACCOUNT.sid,
            "TWILIO_AUTH_TOKEN": ACCOUNT.token,
            "TWILIO_API_URL": office.url,
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "PORT": str(self.port),
            "SECRET_KEY": "a secret of the story",
            "WEBHOOK_TICKETS": SECRET,
            "FALLBACK_FILE": str(folder / "fallback.json"),
            "MEDIA_DIR": str(folder / "media"),
        }
        self.settings = read_settings(self.environment)
        self.engine = open_engine(self.settings.database_url)
        self.commands = read_procfile(HOUSE / "Procfile")
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self, paper: str) -> None:
        migrate(self.engine)
        read = parse_line_file(paper, Argon2PinVerifier(self.settings.pin_pepper).hash)
        apply_line(self.engine, read.line, read.contracts, now())
        url = self.environment["PUBLIC_URL"]
        self.office.number(
            LINE,
            voice_url=f"{url}/voice/incoming",
            voice_fallback_url=f"{url}/voice/fallback",
            status_callback=f"{url}/voice/status",
            sms_url=f"{url}/sms/incoming",
        )
        for name in self.all_of_them:
            self.start(name)
        for name in ("redis", "web"):
            self.await_port(name)
        ready = f"{url}/readyz"
        until(
            lambda: requests.get(ready, timeout=STARTS_WITHIN).json()["worker_seen_s"],
            "a worker",
            STARTS_WITHIN,
        )

    def start(self, name: str) -> None:
        """Start a process in a session of its own, so that all of it can be killed at once."""
        command = self.redis() if name == "redis" else self.command(name)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=HOUSE,
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=tied_to_us(),
                pass_fds=self.passed_on,
            )

    def command(self, name: str) -> list[str]:
        return ["sh", "-c", f"exec {self.commands[name]}"]

    def redis(self) -> list[str]:
        data = self.folder / "redis"
        data.mkdir(exist_ok=True)
        return redis_command(self.redis_port, data)

    def await_port(self, name: str) -> None:
        port = self.redis_port if name == "redis" else self.port
        until(lambda: is_open(port), f"{name} answers", STARTS_WITHIN)

    def kill(self, name: str) -> None:
        """kill -9, children and all; of Redis the data too."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if name == "redis":
            shutil.rmtree(self.folder / "redis")

    def come_back(self, name: str) -> None:
        """Start it again."""
        self.start(name)
        if name in ("redis", "web"):
            self.await_port(name)

    def recover(self) -> None:
        """Hang up all telephones, and start again whatever was killed."""
        for leg in self.office.legs:
            if not leg.over:
                self.office.hang_up(leg)
        for name in self.all_of_them:
            if name not in self.running:
                self.come_back(name)

    def call_level_1(self) -> Handset:
        """Pieter calls about something new; unless it is his first call he is asked whether."""
        caller = self.office.dial(PIETER, LINE)
        self.calls += 1
        for keys, answer in FIRST_CALL if self.calls == 1 else LATER_CALL:
            caller.until_asked(timeout=PATIENCE)
            caller.press(keys)
            caller.until_hears(answer, timeout=PATIENCE)
        return caller

    def incident(self) -> Incident:
        """The incident of the last call."""
        number = 1000 + self.calls
        matter = SqlCallRepository(self.engine).find_by_number(number)
        assert matter is not None
        assert matter.incident is not None
        return matter.incident

    def take(self, *numbers: str) -> Handset:
        """Answer the next of these phones that rings, and press the digit that it hears."""
        engineer = self.office.answer_next(*numbers, timeout=PATIENCE)
        said = engineer.until_hears("om aan te nemen", timeout=PATIENCE)
        engineer.press(said.split("Toets ")[1][0])
        return engineer

    def close(self) -> None:
        for name in list(self.running):
            self.kill(name)
        self.engine.dispose()


W = TypeVar("W", bound=Works)


@contextmanager
def at_work(folder: Path, paper: str, database_url: str, kind: type[W] = Works) -> Iterator[W]:
    """Everything started, and everything ended again."""
    with Office(ACCOUNT) as office:
        works = kind(office, folder, database_url)
        try:
            works.prepare(paper)
            yield works
        finally:
            works.close()
