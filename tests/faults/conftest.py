"""A line in this process: its front door, its clock, its log, and room that can run out."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import structlog
from prometheus_client.parser import text_string_to_metric_families

from carrier.signature import SignatureCheck
from ivr_app import create_app
from ivr_app.context import SERVICES
from service import logging
from service.fallback import refresh_fallback_file
from settings import Settings, read_settings
from store.people.lines import apply_line
from tests.faults.database_user import Tenant
from tests.ivr_app.console.web_process import web_running
from tests.store.cast import LINE, PIETER
from tests.words import words_of
from workers.context import WorkerContext, make_context

SORRY = words_of("sorry")
SANNE = "+31612345601"
CARRIER_WAITS = 15.0
"""Seconds, as Twilio's webhooks; only a web that is held up comes near it."""


class FaultyLine:
    """What a caller, an operator and the watchers get of a line with these settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.context: WorkerContext = make_context(settings)
        self.app = create_app(settings)
        logging.start_logging()
        self.services = self.app.extensions[SERVICES]
        self.http = self.app.test_client()

    def open(self) -> None:
        """The line's file is applied, and the people on call stand in the fallback file."""
        apply_line(self.services.engine, LINE, [], self.context.clock())
        refresh_fallback_file(self.settings.fallback_file, [LINE], self.context.clock())

    def ask(self, path: str, **form: str):
        """The carrier asks, signed."""
        seal = self.services.signature_check
        signature = seal.sign(self.settings.public_url + path, form)
        return self.http.post(path, data=form, headers={"X-Twilio-Signature": signature})

    def call(self, sid: str = "CA1") -> str:
        """What a caller hears first, as TwiML."""
        answer = self.ask("/voice/incoming", CallSid=sid, To=LINE.number, From=PIETER)
        assert answer.status_code == 200
        return answer.text

    def environment(self) -> dict[str, str]:
        """What another process of this line is told."""
        names = ("database_url", "redis_url", "twilio_account_sid", "twilio_auth_token")
        names += ("secret_key", "fallback_file", "media_dir")
        return {name.upper(): str(getattr(self.settings, name)) for name in names}

    def figures(self) -> dict[tuple, float]:
        """What Prometheus would read."""
        found = {}
        for family in text_string_to_metric_families(self.http.get("/metrics").text):
            for sample in family.samples:
                found[(sample.name, *sample.labels.values())] = sample.value
        return found

    def close(self) -> None:
        self.context.notifier.close()
        self.context.services.engine.dispose()
        self.services.engine.dispose()


class RealWeb:
    """A web process of a line, at a port."""

    def __init__(self, port: int, line: FaultyLine) -> None:
        self.port, self.url, self.line = port, f"http://127.0.0.1:{port}", line

    def ask(self, path: str, **form: str) -> requests.Response:
        """The carrier asks, signed, and waits for as long as it does."""
        seal = SignatureCheck(self.url, [self.line.settings.twilio_auth_token])
        headers = {"X-Twilio-Signature": seal.sign(self.url + path, form)}
        return requests.post(self.url + path, form, headers=headers, timeout=CARRIER_WAITS)

    def call(self, sid: str) -> str:
        """What a caller hears first, as TwiML."""
        answer = self.ask("/voice/incoming", CallSid=sid, To=LINE.number, From=PIETER)
        assert answer.status_code == 200
        return answer.text


def has_a_human(twiml: str) -> bool:
    """True when the caller hears that it is our fault, and somebody on call is dialled."""
    return SORRY in twiml and f">{SANNE}</Number>" in twiml


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the line keeps what it keeps."""
    return tmp_path


@pytest.fixture
def line_settings(folder: Path, migrated_file: Path, redis_server_url: str) -> Settings:
    return settings_of(folder, migrated_file, redis_server_url)


def settings_of(folder: Path, migrated_file: Path, redis_url: str) -> Settings:
    """The settings of a line whose database has the tables and nothing in them."""
    shutil.copy(migrated_file, folder / "line.db")
    return read_settings(
        {
            "DATABASE_URL": f"sqlite:///{folder}/line.db",
            "REDIS_URL": redis_url,
            "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
            "TWILIO_AUTH_TOKEN": "a token of the tests",
            "PUBLIC_URL": "http://line.test",
            "SECRET_KEY": "a key of the tests",
            "FALLBACK_FILE": str(folder / "fallback.json"),
            "MEDIA_DIR": str(folder / "media"),
        }
    )


@pytest.fixture
def line(line_settings: Settings) -> Iterator[FaultyLine]:
    """A line that works, until something is done to it."""
    line = FaultyLine(line_settings)
    line.open()
    yield line
    line.close()
    structlog.reset_defaults()


@pytest.fixture
def real_web(line: FaultyLine) -> Iterator[RealWeb]:
    """A real web process of this line."""
    with web_running(line.environment()) as running:
        yield RealWeb(int(running.url.rpartition(":")[2]), line)


@pytest.fixture
def errors(capfd: pytest.CaptureFixture[str]):
    """What was logged so far at the level that wakes somebody: event and why."""

    def look() -> list[tuple[str, str]]:
        rows = [json.loads(row) for row in capfd.readouterr().err.splitlines() if row[:1] == "{"]
        return [(row["event"], row.get("why", "")) for row in rows if row["level"] == "error"]

    return look


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Connections are taken there, and that is all."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield server.getsockname()[1]


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> Iterator[Tenant]:
    """A user of PostgreSQL of this test's own; skips where there is no PostgreSQL."""
    if "TEST_DATABASE_URL" not in os.environ:
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL")
    tenant = Tenant(request.getfixturevalue("postgresql_url"))
    yield tenant
    tenant.close()


class Disk:
    """A disk of its own, of 2 MB, that can be filled to the last byte and made read-only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        run = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
        self.there = subprocess.run(run, capture_output=True).returncode == 0

    def fill(self) -> None:
        """Not a byte is left."""
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            for size in (4096, 1):
                try:
                    while True:
                        filler.write(bytes(size))
                except OSError:
                    continue

    def clear(self) -> None:
        """Room again."""
        (self.folder / "filler").unlink()

    def remount(self, how: str) -> None:
        """``ro`` or ``rw``; nothing may be open on it."""
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)

    def close(self) -> None:
        if self.there:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk; skips where this user may not mount one."""
    disk = Disk(tmp_path / "disk")
    if not disk.there:
        pytest.skip("only root may mount a small disk")
    yield disk
    disk.close()
