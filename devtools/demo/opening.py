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
from devtools.demo.terminal import LINE_COMMAND
from devtools.processes.process import Surroundings
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
    around = Surroundings(site.environment(), site.folder, home=site.folder)
    crew = Crew()

    def announce(name: str, command: str | Sequence[str]) -> Member:
        say(f"  {name:<9}{PURPOSES[name]}")
        return Member(name, command, around)

    say(f"Starting, with logs in {_shorten(site.folder)}/:")
    try:
        await crew.add(announce("redis", redis_command(site.redis, site.folder)))
        await crew.add(announce("company", _company(site, line)))
        await announce("release", [*LINE_COMMAND, "release"]).once()
        for kind in LINE_PROCESSES:
            await crew.add(announce(kind, [*LINE_COMMAND, kind]))
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


def _shorten(folder: Path) -> Path:
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _company(site: Site, line: Line) -> list[str]:
    voice = f"{site.line_url}/voice"
    who = ["--port", str(site.company), "--account", site.account, "--token", site.token]
    numbers = dict.fromkeys((line.number, line.texts_from))
    return [
        *(*LINE_COMMAND, "simulator", *who),
        *(part for number in numbers for part in ("--number", number)),
        *("--voice-url", f"{voice}/incoming", "--voice-fallback-url", f"{voice}/fallback"),
        *("--status-url", f"{voice}/status", "--sms-url", f"{site.line_url}/sms/incoming"),
    ]


def _apply(file: Path) -> list[str]:
    return [*LINE_COMMAND, "apply", str(file)]


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
