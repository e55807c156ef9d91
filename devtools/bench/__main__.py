"""`make bench`: every goal of speed in one run, each figure printed beside its goal.

Exits with 1 if a goal is missed by more than the spread of its figure.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from devtools.bench import capacity, cast, reading, rings, rota, steps, watching, webhooks
from devtools.bench.figures import Figure
from devtools.bench.processes import (
    Process,
    compare_commands,
    describe_machine,
    measure_idle,
    measure_memory,
    running,
)
from devtools.bench.report import fill_page, list_missed, render_figures
from devtools.bench.site import (
    ACCOUNT,
    FRESH,
    TOKEN,
    YEARS,
    Site,
    create_database,
    postgresql_server,
    prepared,
    sqlite_file,
)
from devtools.phone_company.company import Account
from devtools.phone_company.driver.office import Office
from devtools.processes.embedded_redis import embedded_redis

PAGE = Path("docs/operate/performance.md")
KEPT = Path(tempfile.gettempdir()) / "priority-line-bench"
"""Where the years stay for the next run: some 20 GB, which may be deleted at any time."""

MIGRATIONS = Path("store/migrations/versions")
MANY = (1_000_000, 10_000_000)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured."""

    log: tuple[int, int] = (1_000, 20_000)  # contracts and calls before the run
    rounds: int = 5
    waves: int = 3  # of whole calls in a round beside the bare view
    steps: float = 2.0  # seconds for each pace in a round
    crowd: int = 50  # callers who press at once; somewhat fewer call one by one
    rates: Sequence[int] = capacity.RATES
    goals: tuple[int, int] = (1_800, 1_500)  # calls a minute on SQLite, on PostgreSQL
    keeps: float = 5.0  # seconds at each number of calls a minute
    long_rounds: int = 3  # of what takes long: rings, and calls while people look
    idle: float = 4.0  # seconds in a round


@dataclass
class Run:
    """What was found so far, by the name of its table in the page."""

    scale: Scale
    redis: str
    folder: Path
    figures: dict[str, list[Figure]] = field(default_factory=dict)

    def site(self, name: str, log: tuple[int, int], database: str, **more: str) -> Site:
        """A line of its own."""
        crew = self.scale.crowd if more else webhooks.CREW
        files = {"FALLBACK_FILE": f"{self.folder}/{name}.json", "MEDIA_DIR": f"{self.folder}/media"}
        where = {"DATABASE_URL": database, "REDIS_URL": self.redis}
        return prepared(name, log, cast.paper(crew, rings.GRANTED), **where, **files, **more)

    def part(self, name: str, measure: Callable[[], list[Figure]]) -> None:
        """Measure a part, and print it with the time that it took."""
        with _timed(name):
            found = measure()
        self.figures.setdefault(name, []).extend(found)
        sys.stdout.write(f"\n## {name}\n\n{render_figures(found)}\n")
        sys.stdout.flush()


def main() -> int:
    """Measure; ``YEARS=1`` adds the millions, ``WRITE=1`` puts the tables into the page."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to end"))
    with ExitStack() as stack:
        redis = stack.enter_context(embedded_redis({}))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="line-")))
        run = Run(Scale(), redis, folder)
        with _timed("the whole run"):
            measure(run, years=bool(os.environ.get("YEARS")))
            measure_postgresql(run)
    if os.environ.get("WRITE"):
        write_page(run)
    missed = list_missed(chain.from_iterable(run.figures.values()))
    sys.stdout.write("".join(f"missed: {line}\n" for line in missed))
    return 1 if missed else 0


def measure(run: Run, *, years: bool = False) -> None:
    """Everything, one after the other."""
    fresh = run.site(FRESH, run.scale.log, sqlite_file(FRESH, run.folder))
    bare = run.site(webhooks.BARE, (0, 0), sqlite_file("bare", run.folder))
    sites = [fresh]
    if years:
        with _timed("years"):
            sites.append(run.site(YEARS, MANY, sqlite_file(_name_of_years(), KEPT)))
    scale = run.scale
    crew = min(webhooks.CREW, scale.crowd)
    run.part("webhooks", lambda: webhooks.contest(bare, sites, scale.rounds, scale.waves, crew))
    run.part("command", lambda: compare_commands(fresh.environment, scale.rounds))
    if years:
        run.part("queries", lambda: reading.measure(sites))
        rota.main()
    for site in sites:
        site.close()
    measure_whole_line(run)


def _name_of_years() -> str:
    """The name of the database that is kept for this schema; others are deleted."""
    KEPT.mkdir(exist_ok=True)
    schema = b"".join(file.read_bytes() for file in sorted(MIGRATIONS.glob("*.py")))
    name = f"{YEARS}-{hashlib.blake2b(schema, digest_size=4).hexdigest()}"
    for file in KEPT.glob(f"{YEARS}*"):
        if not file.name.startswith(name):
            file.unlink()
    return name


def measure_whole_line(run: Run) -> None:
    """All processes together, on SQLite, with a phone company."""
    how = run.scale
    with _started(run, "SQLite", sqlite_file("calls", run.folder)) as line:
        site, web, others = line.site, line.web, [line.worker, line.clock]
        run.part("idle", lambda: measure_idle(others, how.rounds, how.idle))
        run.part("steps", lambda: steps.measure(site, how.rounds, how.steps))
        run.part("rings", lambda: rings.measure(site, line.office, how.long_rounds, how.crowd))
        run.part(
            "capacity",
            lambda: capacity.find_pace(site, how.goals[0], how.rates, how.keeps, [web, *others]),
        )
        run.part("memory", lambda: measure_memory(web, others))
        run.part("watching", lambda: watching.measure(site, how.long_rounds, how.keeps))
        run.part("memory", lambda: measure_memory(web, [], after="the console was opened"))


def measure_postgresql(run: Run) -> None:
    """Calls a minute on a PostgreSQL of our own, on the same machine."""
    how = run.scale
    with postgresql_server() as found:
        if found is None:
            sys.stdout.write("PostgreSQL is not installed here, and not measured.\n")
            return
        address, server = found
        with _started(run, "PostgreSQL", create_database(address, "calls")) as line:
            site, processes = line.site, [line.web, line.worker, line.clock, server]
            run.part(
                "capacity",
                lambda: capacity.find_pace(site, how.goals[1], how.rates, how.keeps, processes),
            )


@dataclass(frozen=True, slots=True)
class Line:
    """All processes of a line, and its phone company."""

    site: Site
    office: Office
    web: Process
    worker: Process
    clock: Process


@contextmanager
def _started(run: Run, name: str, database: str) -> Iterator[Line]:
    """A line on this database, warm, and a phone company in which speech takes no time."""
    with ExitStack() as stack:
        office = stack.enter_context(Office(Account(ACCOUNT, TOKEN, speech=0.0)))
        site = run.site(name, run.scale.log, database, TWILIO_API_URL=office.url)
        root = site.carrier.public_url
        voice, status = f"{root}/voice/incoming", f"{root}/voice/status"
        office.number(cast.LINE, voice_url=voice, status_callback=status)
        begun = [
            stack.enter_context(running(kind, site.environment))
            for kind in ("web", "worker", "clock")
        ]
        stack.callback(site.close)
        yield Line(site, office, *begun)


def write_page(run: Run) -> None:
    """Put what was found into the page."""
    tables = {name: render_figures(found) for name, found in run.figures.items()}
    tables["machine"] = f"{describe_machine()}.\n"
    PAGE.write_text(fill_page(PAGE.read_text(), tables))


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    sys.stderr.write(f"{what}: {took:.0f} s, {os.getloadavg()[0]:.1f} processes at work\n")


if __name__ == "__main__":
    sys.exit(main())
