"""Where a measurement takes place: a database with so many years in it, and an environment.

Databases are SQLite files, and those of a PostgreSQL server of our own, which waits for the disk.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, delete, func, or_, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from config.line import parse_line_file
from devtools.bench import cast
from devtools.bench.chaos.postgres import Cluster
from devtools.bench.load import Carrier
from devtools.bench.processes import Process
from devtools.bench.years import Years
from devtools.processes import WorksError
from devtools.processes.ports import free_ports, is_open
from routing.page import Page
from service.bootstrap import Services, build_services
from settings import Settings, read_settings
from store.db.engine import open_engine, reading, writing
from store.db.schema import migrate
from store.people.hashing import Argon2PinVerifier
from store.people.lines import apply_line
from store.tables.log import calls, incidents, journal, pages
from store.tables.work import jobs
from store.work.redis_client import NoJobNotifier

FRESH, YEARS = "fresh", "years"
"""An empty log, and a full one."""

TOKEN = "t0ken"  # noqa: S105  the carrier of a benchmark
ACCOUNT = "AC" + "0" * 32
PATIENCE = 30.0
REST = 10.0
PEPPER = "the benchmark's pepper"


@dataclass(frozen=True)
class Site:
    """A line that can be put under load."""

    name: str
    contracts: int
    environment: Mapping[str, str]
    since: dt.datetime  # what is older belongs to the years

    @property
    def settings(self) -> Settings:
        """The environment, read."""
        return read_settings(self.environment)

    @property
    def carrier(self) -> Carrier:
        """Whoever calls it."""
        return Carrier(int(self.environment["PORT"]), TOKEN)

    @contextmanager
    def services(self) -> Iterator[Services]:
        """Its switchboard, in this process, with a bell that nobody hears."""
        board = build_services(self.settings, NoJobNotifier())
        yield board
        board.engine.dispose()

    @cached_property
    def engine(self) -> Engine:
        """Its database, from this process; until `close`."""
        return open_engine(self.environment["DATABASE_URL"])

    def close(self) -> None:
        """End the connections of this process."""
        self.engine.dispose()

    def find_leg(self, sid: str) -> Page:
        """The leg that rings for a call."""
        theirs = select(calls.c.incident).where(calls.c.sid == sid).scalar_subquery()
        with reading(self.engine) as connection:
            found: Page | None = connection.scalar(
                select(pages.c.value).where(pages.c.incident == theirs, pages.c.live)
            )
        if found is None:
            raise LookupError("nobody is rung for the call")
        return found

    def rest(self) -> None:
        """Wait until worker and clock have done all that is due; not longer than ``REST``."""
        open_jobs = select(func.count()).select_from(jobs).where(jobs.c.done_at.is_(None))
        deadline = time.monotonic() + REST
        while time.monotonic() < deadline:
            with reading(self.engine) as connection:
                due = jobs.c.due_at <= dt.datetime.now(dt.UTC)
                if not connection.scalar(open_jobs.where(due)):
                    return
            time.sleep(0.02)

    def clear(self) -> None:
        """Forget the calls of this run, so that every round and every run finds the same."""
        while True:
            try:
                return self._clear()
            except OperationalError as error:  # a worker writes what we delete
                if "deadlock" not in str(error.orig):
                    raise

    def _clear(self) -> None:
        with writing(self.engine) as connection:
            recent = incidents.c.opened_at >= self.since
            undone = incidents.c.state.in_(("open", "acknowledged"))
            keys = connection.scalars(select(incidents.c.key).where(or_(recent, undone))).all()
            ours = select(calls.c.id).where(calls.c.started_at >= self.since)
            connection.execute(delete(journal).where(journal.c.call.in_(ours)))
            connection.execute(delete(journal).where(journal.c.incident.in_(keys)))
            connection.execute(delete(pages).where(pages.c.incident.in_(keys)))
            connection.execute(delete(incidents).where(incidents.c.key.in_(keys)))
            connection.execute(delete(calls).where(calls.c.started_at >= self.since))
            connection.execute(delete(jobs))


def prepared(name: str, years: tuple[int, int], paper: str, **more: str) -> Site:
    """A migrated database with so many contracts and calls, and the line's file applied;
    ``more`` names the database and whatever else the processes need to know."""
    (port,), folder = free_ports(1), Path(tempfile.gettempdir()) / "priority-line-bench"
    environment = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "SECRET_KEY": "the secret of all benchmarks",
        "PIN_PEPPER": PEPPER,
        "FALLBACK_FILE": str(folder / f"{name}.json"),
        "MEDIA_DIR": str(folder / "media"),
    }
    engine = open_engine(more["DATABASE_URL"])
    _fill(engine, paper, *years)
    engine.dispose()
    return Site(name, years[0], environment | more, dt.datetime.now(dt.UTC))


def _fill(engine: Engine, paper: str, contracts: int, calls: int) -> None:
    migrate(engine)
    locksmith, now = Argon2PinVerifier(PEPPER), dt.datetime.now(dt.UTC)
    years = Years(contracts, calls, locksmith.hash(cast.PIN, "everybody"), now)
    if not years.there(engine):  # applied once more, a file without contracts would take them away
        apply_line(engine, parse_line_file(paper, locksmith.hash).line, [], now)
        years.fill(engine)


def sqlite_file(name: str, folder: Path) -> str:
    """The address of a file in which nothing stands."""
    return f"sqlite:///{folder}/{name}.db"


@contextmanager
def postgresql_server() -> Iterator[tuple[str, Process] | None]:
    """A server that is started here and stopped, and its address; None where there is none."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="line-postgresql-")))
        folder.chmod(0o755)  # the server has a user of its own
        (port,) = free_ports(1)
        try:
            cluster = Cluster(folder, port)
        except WorksError:
            yield None
            return
        runner = stack.enter_context(asyncio.Runner())
        runner.run(cluster.make())
        runner.run(cluster.process.begin())
        stack.callback(lambda: runner.run(cluster.process.end()))
        _await(port)
        yield cluster.url, Process("PostgreSQL", cluster.process.pid or 0)


def create_database(server: str, name: str) -> str:
    """The address of a new database of this server."""
    engine = open_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _await(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_open(port):
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL does not answer")
        time.sleep(0.05)
