"""What the processes of one line share, and how they are begun from the Procfile."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from config.line import parse_line_file
from devtools.bench.chaos.cast import paper
from devtools.bench.chaos.plant import Part, emptied, on_port
from devtools.phone_company.company import Account
from devtools.processes import HOUSE, LOOPBACK
from devtools.processes.process import Process, Surroundings
from devtools.processes.procfile import read_procfile
from devtools.processes.redis import redis_command
from devtools.processes.surroundings import undisturbed
from service.bootstrap import now
from settings import read_settings
from store.db.engine import open_engine
from store.people.hashing import Argon2PinVerifier
from store.people.lines import apply_line

SPEECH = 0.05
"""Callers who have heard it all a thousand times: a sentence takes a twentieth of its time."""


def an_account() -> Account:
    """The line's account at the company."""
    return Account("AC" + secrets.token_hex(16), secrets.token_hex(16), speech=SPEECH)


@dataclass(frozen=True)
class Site:
    """Where everything of one line is, whatever machines it runs on."""

    account: Account
    company_url: str
    public_url: str
    database_url: str
    redis_url: str
    spare_url: str | None = None
    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    def environment(self, folder: Path, port: int) -> Mapping[str, str]:
        """What a process is told whose machine keeps its files in this folder."""
        spare = {"FALLBACK_PUT_URL": self.spare_url, "FALLBACK_URL": self.spare_url}
        return undisturbed(os.environ) | {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "TWILIO_ACCOUNT_SID": self.account.sid,
            "TWILIO_AUTH_TOKEN": self.account.token,
            "TWILIO_API_URL": self.company_url,
            "PUBLIC_URL": self.public_url,
            "SECRET_KEY": self.secret,
            "FALLBACK_FILE": str(folder / "fallback.json"),
            "MEDIA_DIR": str(folder / "media"),
            "PORT": str(port),
            **{name: url for name, url in spare.items() if url},
        }

    def process(self, kind: str, around: Surroundings, name: str = "") -> Process:
        """A process of the Procfile, called like its kind unless there are several."""
        return Process(name or kind, read_procfile(HOUSE / "Procfile")[kind], around)

    async def fill(self, folder: Path, calls: int) -> None:
        """The tables and the line's file; one PIN for all, a hash for each would only take time."""
        environment = self.environment(folder, 5000)
        await self.process("release", Surroundings(environment, folder)).once()
        settings, engine = read_settings(environment), open_engine(self.database_url)
        hashed = lru_cache(Argon2PinVerifier(settings.pin_pepper).hash)
        read = parse_line_file(paper(calls), lambda pin, _owner: hashed(pin, "all"))
        apply_line(engine, read.line, read.contracts, now())
        engine.dispose()


def redis(folder: Path, port: int, address: str = LOOPBACK) -> Part:
    """A Redis that loses all its data when it is killed."""
    data = folder / "redis"
    data.mkdir()
    around = Surroundings(dict(os.environ), folder)
    process = Process("redis", redis_command(port, data, address), around)
    return Part(process, on_port(port, address), emptied(data))
