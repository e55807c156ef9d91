"""Where one demo lives: its folder, its ports, its secrets, and what its processes are told."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from devtools.processes import HOUSE, LOOPBACK, WorksError
from devtools.processes.ports import free_ports
from devtools.processes.surroundings import undisturbed

FAVOURITE_PORT = 8000
MAIL_USER = "line"


class DemoError(WorksError):
    """One sentence that says why the demo cannot run."""


@dataclass(frozen=True)
class Site:
    """One demo; ports are on loopback. ``door`` listens already, so that no other demo takes the
    port of the page while this one starts; a browser that comes early waits."""

    visitor: ClassVar[str] = "demo"
    folder: Path
    door: socket.socket
    web: int
    company: int
    redis: int
    mail: int
    account: str = field(default_factory=lambda: "AC" + secrets.token_hex(16))
    token: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    password: str = field(default_factory=lambda: secrets.token_hex(6), repr=False)
    mail_password: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    @property
    def page_url(self) -> str:
        """Where a browser finds the page."""
        return f"http://localhost:{self.door.getsockname()[1]}/"

    @property
    def line_url(self) -> str:
        """Where the phone company reaches the line."""
        return f"http://{LOOPBACK}:{self.web}"

    @property
    def company_url(self) -> str:
        """Where the line reaches the phone company."""
        return f"http://{LOOPBACK}:{self.company}"

    @property
    def database_url(self) -> str:
        """The database of this demo."""
        return f"sqlite:///{self.folder / 'line.db'}"

    @property
    def certificate(self) -> Path:
        """What the mail server of this demo shows, and its processes trust."""
        return self.folder / "mailroom.pem"

    @property
    def certificate_key(self) -> Path:
        """The key of that certificate."""
        return self.folder / "mailroom.key"

    def environment(self, outside: Mapping[str, str] = os.environ) -> dict[str, str]:
        """What the processes of the line are told; no setting of the machine reaches them."""
        return undisturbed(outside) | {
            "PYTHONPATH": str(HOUSE),
            **dict.fromkeys(("no_proxy", "NO_PROXY"), "*"),  # everybody is on this machine
            "DATABASE_URL": self.database_url,
            "REDIS_URL": f"redis://{LOOPBACK}:{self.redis}/0",
            "TWILIO_ACCOUNT_SID": self.account,
            "TWILIO_AUTH_TOKEN": self.token,
            "TWILIO_API_URL": self.company_url,
            "PUBLIC_URL": self.line_url,
            "SECRET_KEY": self.secret,
            "MAIL_URL": f"smtp://{MAIL_USER}:{self.mail_password}@{LOOPBACK}:{self.mail}",
            "SSL_CERT_FILE": str(self.certificate),  # whom the mailer trusts
            "MAIL_FROM": "line@example.org",
            "FALLBACK_FILE": str(self.folder / "fallback.json"),
            "MEDIA_DIR": str(self.folder / "media"),
            "PORT": str(self.web),
            "GUNICORN_CMD_ARGS": f"--bind {LOOPBACK}:{self.web}",  # nobody else on the network
        }

    def clear(self) -> None:
        """Leave nothing of the demo behind."""
        shutil.rmtree(self.folder, ignore_errors=True)


def choose_site(outside: Mapping[str, str] = os.environ) -> Site:
    """A fresh folder and free ports; DemoError when `DEMO_PORT` names one that cannot be had."""
    door = _open_door(outside.get("DEMO_PORT", ""))
    web, company, redis, mail = free_ports(4)
    return Site(_make_folder(outside), door, web, company, redis, mail)


def _make_folder(outside: Mapping[str, str]) -> Path:
    above = _choose_place(outside)
    try:
        above.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="demo-", dir=above))
    except OSError as error:
        raise DemoError(
            f"The demo needs a folder of its own in {above}: {error}. "
            "XDG_STATE_HOME may name another place."
        ) from None


def _choose_place(outside: Mapping[str, str]) -> Path:
    """Return `var` of a checkout; for an installed line, where programs of this user keep state."""
    if (HOUSE / "Procfile").exists():
        return HOUSE / "var"
    state = outside.get("XDG_STATE_HOME") or Path(outside.get("HOME", "/")) / ".local" / "state"
    return Path(state) / "priority-line"


def _open_door(asked: str) -> socket.socket:
    if not asked:
        return _listen(FAVOURITE_PORT) or socket.create_server((LOOPBACK, 0))
    if not (asked.isascii() and asked.isdigit() and 0 < int(asked) < 65536):
        raise DemoError(f"DEMO_PORT must be a port from 1 to 65535, not {asked}.")
    if (door := _listen(int(asked))) is None:
        raise DemoError(f"DEMO_PORT names port {asked}, which is taken or not ours to take.")
    return door


def _listen(port: int) -> socket.socket | None:
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError:
        return None
