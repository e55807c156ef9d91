"""Where a measurement takes place: a database with so many years in it, and an environment."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, delete, select

from config.line import parse_line_file
from devtools.bench import cast
from devtools.bench.load import Carrier
from devtools.bench.server import free_port
from devtools.bench.years import Years
from service.bootstrap import Services, build_services
from settings import Settings, read_settings
from store.db.engine import open_engine, writing
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
_UNDONE = incidents.c.state.in_(("open", "acknowledged"))
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

    def clear(self) -> None:
        """Forget the calls of this run, so that every round and every run finds the same."""
        with self.services() as board, writing(board.engine) as connection:
            keys = connection.scalars(select(incidents.c.key).where(_UNDONE)).all()
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
    port, folder = free_port(), Path(tempfile.gettempdir()) / "priority-line-bench"
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
