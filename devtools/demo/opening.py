"""The order in which a demo comes to life."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
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

PATIENCE = 60.0
LINE_PROCESSES = ("web", "worker", "clock")


@asynccontextmanager
async def opened(site: Site, line: Line, file: Path) -> AsyncIterator[Crew]:
    """Redis, tables, the sample line, the phone company, then the line; ended all together."""
    commands = read_procfile(HOUSE / "Procfile")
    around = Surroundings(site.environment(), site.folder)
    crew = Crew()
    try:
        await crew.add(Member("redis", redis_command(site.redis, site.folder), around))
        await crew.add(Member("company", _company(site, line), around))
        await Member("release", commands["release"], around).once()
        for kind in LINE_PROCESSES:
            await crew.add(Member(kind, commands[kind], around))
        await Member("apply", _apply(file), around).once()
        await _answers(f"{site.company_url}/company/clock", crew)
        await _answers(f"{site.line_url}/healthz", crew)
        yield crew
    finally:
        await crew.end()


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
    return [sys.executable, "-m", "flask", "--app", "ivr_app", "apply", str(file)]


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
