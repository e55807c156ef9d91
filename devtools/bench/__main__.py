"""`make bench`: everything in one run, printed, and written to `docs/performance.md`."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from devtools.bench import cast, databases, errands, reading, rings, watching
from devtools.bench.capacity import paces
from devtools.bench.machine import description, load
from devtools.bench.report import Findings, page
from devtools.bench.server import running
from devtools.bench.site import FRESH, YEARS, Site, prepared
from devtools.bench.webhooks import BARE, contest
from devtools.processes.embedded_redis import embedded_redis

PAGE = Path("docs/performance.md")
FEW = (1_000, 0)
MANY = (1_000_000, 10_000_000)
KEPT = Path(tempfile.gettempdir()) / "priority-line-bench"
"""Where the years stay for the next run: some 20 GB, which may be deleted at any time."""


def main() -> None:
    """Measure; ``BENCH=quick``, or a PostgreSQL that ``TEST_DATABASE_URL`` names, leaves out the
    years and only prints."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to end"))
    quick = os.environ.get("BENCH") == "quick" or databases.POSTGRESQL
    with embedded_redis({}) as redis, tempfile.TemporaryDirectory(prefix="line-") as folder:
        found = measure(redis, folder, quick=quick)
    text = page(found)
    sys.stdout.write(text)
    if not quick:
        PAGE.write_text(text)


def measure(redis: str, folder: str, *, quick: bool) -> Findings:
    """Everything, one after the other."""
    found = Findings(description(), databases.NAME, MANY)
    fresh = _site(FRESH, FEW, databases.empty("fresh", folder), redis)
    bare = _site(BARE, (0, 0), databases.empty("bare", folder), redis)
    sites = [fresh]
    if not quick:
        KEPT.mkdir(exist_ok=True)
        with _said("years"):
            sites.append(_site(YEARS, MANY, f"sqlite:///{KEPT}/years.db", redis))
    with _said("webhooks"):
        found.contest = contest(bare, sites, 3 if quick else 8, 20.0 if quick else 60.0)
    if not quick:
        with _said("what is looked up"):
            found.looks = reading.times(sites)
    with _said("steps"):
        found.steps = {site.name: _steps(site) for site in sites}
    with _said("rings and calls a minute"):
        _whole_calls(found, databases.empty("calls", folder), redis, 3 if quick else 8)
    return found


def _site(name: str, years: tuple[int, int], database: str, redis: str) -> Site:
    return prepared(name, years, cast.paper(), DATABASE_URL=database, REDIS_URL=redis)


def _steps(site: Site) -> list[float]:
    with running("worker", site.environment), running("clock", site.environment):
        seconds = list(errands.delays(site))
    site.clear()
    return seconds


def _whole_calls(found: Findings, database: str, redis: str, rounds: int) -> None:
    paper = cast.paper(crew=rings.ALONE + rings.AT_ONCE, granted=rings.GRANTED)
    with rings.company() as office, ExitStack() as stack:
        more = {"DATABASE_URL": database, "REDIS_URL": redis, "TWILIO_API_URL": office.url}
        site = prepared("calls", FEW, paper, **more)
        office.number(
            cast.LINE,
            voice_url=f"{site.carrier.public_url}/voice/incoming",
            status_callback=f"{site.carrier.public_url}/voice/status",
        )
        names = ("web", "worker", "clock")
        begun = [stack.enter_context(running(name, site.environment)) for name in names]
        one_by_one = rings.one_by_one(office)
        site.clear()
        found.rings = {"one by one": one_by_one, "at once": rings.all_at_once(office)}
        site.clear()
        found.paces = paces(site)
        found.watched = watching.contest(site, rounds)
        found.memory = {each.name: list(each.memory().values()) for each in begun}


@contextmanager
def _said(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    sys.stderr.write(f"{what}: {took:.0f} s, {load():.1f} processes at work\n")


if __name__ == "__main__":
    main()
