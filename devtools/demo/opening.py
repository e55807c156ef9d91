"""The order in which a demo comes to life."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientError, ClientSession

from devtools.demo.crew import Crew, Member
from devtools.demo.site import DemoError, Site
from devtools.processes import HOUSE
from devtools.processes.process import Surroundings
from devtools.processes.procfile import read_procfile
from devtools.processes.redis import redis_command
from routing.line import Line
from settings import read_settings
from store.db.engine import open_engine
from store.people.accounts import Account, Accounts, Role
from store.people.audit import AuditEntry
from store.people.hashing import Passwords

PATIENCE = 60.0
PURPOSES = {
    "redis": "wakes the worker when a job is due",
    "company": "simulates the phone company",
    "release": "creates the database",
    "web": "answers calls and serves the console",
    "worker": "places calls and sends messages",
    "clock": "finds jobs that are overdue",
    "apply": "puts the sample line into the database",
}
"""What each process is for, in the words that a newcomer reads while the demo starts."""
LINE_PROCESSES = ("web", "worker", "clock")


@asynccontextmanager
async def opened(site: Site, line: Line, file: Path) -> AsyncIterator[Crew]:
    """Redis, tables, the sample line, the phone company, then the line; ended all together."""
    commands = read_procfile(HOUSE / "Procfile")
    around = Surroundings(site.environment(), site.folder)
    crew = Crew()

    def announce(name: str, command: str | Sequence[str]) -> Member:
        say(f"  {name:<9}{PURPOSES[name]}")
        return Member(name, command, around)

    say(f"Starting, with logs in {site.folder.relative_to(HOUSE)}/:")
    try:
        await crew.add(announce("redis", redis_command(site.redis, site.folder)))
        await crew.add(announce("company", _company(site, line)))
        await announce("release", commands["release"]).once()
        for kind in LINE_PROCESSES:
            await crew.add(announce(kind, commands[kind]))
        await announce("apply", _apply(file)).once()
        add_account(site)
        await _answers(f"{site.company_url}/company/clock", crew)
        await _answers(f"{site.line_url}/healthz", crew)
        yield crew
    finally:
        await crew.end()


def say(line: str) -> None:
    """Print one line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def add_account(site: Site) -> None:
    """Let the visitor of the demo sign in to the console as an admin."""
    engine = open_engine(site.database_url)
    passwords = Passwords(read_settings(site.environment({})).pin_pepper)
    visitor = Account(0, site.visitor, Role.ADMIN, password_hash=passwords.hash(site.password))
    entry = AuditEntry(dt.datetime.now(dt.UTC), "demo", "cli", "accounts.add")
    Accounts(engine).add(visitor, entry)
    engine.dispose()


def _company(site: Site, line: Line) -> list[str]:
    voice = f"{site.line_url}/voice"
    who = ["--port", str(site.company), "--account", site.account, "--token", site.token]
    numbers = dict.fromkeys((line.number, line.texts_from))
    return [
        *(sys.executable, "-m", "devtools.phone_company", *who),
        *(part for number in numbers for part in ("--number", number)),
        *("--voice-url", f"{voice}/incoming", "--voice-fallback-url", f"{voice}/fallback"),
        *("--status-url", f"{voice}/status", "--sms-url", f"{site.line_url}/sms/incoming"),
    ]


def _apply(file: Path) -> list[str]:
    return [sys.executable, "-m", "ivr_app.cli", "apply", str(file)]


async def _answers(url: str, crew: Crew) -> None:
    deadline = time.monotonic() + PATIENCE
    async with ClientSession() as session:
        while time.monotonic() < deadline:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except (ClientError, TimeoutError):
                await asyncio.sleep(0.05)
    restless = next((member for member in crew.members if member.starts > 1), crew.members[-1])
    raise DemoError(f"Nothing answers at {url}; see {restless.log}.")
