"""The stage of a story: a real web server, real due work, and a company whose clock we move."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

from flask import Response
from sqlalchemy import String, cast, select
from sqlalchemy.exc import OperationalError
from werkzeug.serving import make_server

from carrier.client import RecordingFetcher
from carrier.fallback import FallbackLine, write_fallback
from carrier.prompts import list_languages
from config.line import parse_line_file
from devtools.phone_company.company import Account
from devtools.phone_company.driver.handset import Handset
from devtools.phone_company.driver.office import Office
from routing.call import Call
from routing.call import Stage as CallStage
from routing.escalation.desk_queue import estimate_wait
from routing.incident import Incident
from routing.page import Page
from service.bootstrap import build_carrier_account, build_services
from service.channels import build_senders
from settings import read_settings
from store.db.engine import reading
from store.db.schema import migrate
from store.people.hashing import Argon2PinVerifier
from store.people.lines import apply_line
from store.tables import all_tables
from store.tables.log import pages
from store.work.jobs import ClaimedJob, JobEnd, JobQueue
from store.work.redis_client import NoJobNotifier
from tests.true_sentences import Moment, find_untrue, find_untrue_whispers
from tests.web_app import web_app
from workers.context import DrillSafeClient, JobContext
from workers.jobs import JOB_HANDLERS
from workers.letters import build_mail_addresses

ACCOUNT = Account("AC" + "a1" * 16, "t0ken")
LINE = "+31201234567"
PIETER = "+31612345678"
STRANGER = "+31687654321"
SANNE = "+31612345601"
SANNES_DESK = "+31208881101"
JORIS = "+31612345602"
LAST_RESORT = "+31207654321"
PIN = "482913"
JOINING = 6  # seconds that it takes to tell both sides that they are connected
CONTRACT = "100234"


BEGINS = dt.datetime(2026, 11, 23, 4, 42, tzinfo=dt.UTC)
"""A Monday, 05:42 in Amsterdam: every story begins before the office opens, whatever the time."""

PREPARED: dict[str, bytes] = {}
"""The database of each paper as it was when its line was opened; of "", with empty tables."""


NO_TIME, HALF_A_SECOND = dt.timedelta(), dt.timedelta(seconds=0.5)
"""After this, what could not be done is looked at again."""

NEXT_WAKING = "SELECT min(wakes_at) FROM jobs WHERE done_at IS NULL"
"""Asked after everything that happens, so it goes to SQLite by the shortest way."""


class Stage:
    """The line and the company around it; every verb returns once all has come to rest."""

    more: ClassVar[Mapping[str, str]] = {}
    """Settings that a kind of story adds."""

    account: ClassVar[Account] = ACCOUNT
    """The account at the company, which speaks its dialect."""

    def __init__(self, office: Office, folder: Path, paper: str) -> None:
        self.office = office
        self.port = 0
        self.database_away = False
        self.looks: sqlite3.Connection | None = None
        environment = {
            "DATABASE_URL": f"sqlite:///{folder}/line.db",
            "TWILIO_ACCOUNT_SID": self.account.sid,
            "TWILIO_AUTH_TOKEN": self.account.token,
            "TWILIO_API_URL": f"{office.url}{self.account.dialect.api}",
            "SECRET_KEY": "a secret of the story",
            "FALLBACK_FILE": f"{folder}/fallback.json",
            "MEDIA_DIR": f"{folder}/media",
            **self.more,
        }
        environment["PUBLIC_URL"] = self.open_door()
        self.settings = read_settings(environment)
        self.services = build_services(self.settings, NoJobNotifier(), clock=self.now)
        self.app = web_app(self.services)
        self.untrue: list[str] = []
        for view in ("voice.wait", "voice.wait_key"):
            self.app.view_functions[view] = self.listen(self.app.view_functions[view])
        whisper = self.app.view_functions["leg.answered"]
        self.app.view_functions["leg.answered"] = self.listen_to_whisper(whisper)
        self.desk = self.services.call_service
        self.due = JobQueue(self.services.engine)
        telephone = DrillSafeClient(build_carrier_account(self.settings))
        addresses, links = self.services.urls, self.services.acknowledge_links
        senders = build_senders(self.settings, telephone, addresses)
        mail_addresses = build_mail_addresses(self.settings)
        self.job_context = JobContext(
            self.desk,
            telephone,
            addresses,
            senders,
            mail_addresses,
            links=links,
            recordings=self.services.recordings,
            recording_fetcher=RecordingFetcher(build_carrier_account(self.settings)),
            portal=self.services.portal,
        )
        self.open(folder, paper)

    def open_door(self) -> str:
        """Make the web server, and return its address."""
        self.server = make_server("127.0.0.1", 0, lambda *a: self.app(*a), threaded=True)
        return f"http://127.0.0.1:{self.server.server_port}"

    def listen(self, view: Callable[..., Any]) -> Callable[..., Response]:
        """Hold what a waiting caller hears against what is so at that moment."""

        def answer(call_id: str, turn: int) -> Response:
            response: Response = view(call_id, turn)
            found = self.desk.read_call(call_id)
            if found.case.call is not None and found.case.incident is not None:
                place = estimate_wait(self.desk.facts(found.line), found.case.incident)
                call, incident = found.case.call, found.case.incident
                moment = Moment(call, incident, self.now(), call.language, place)
                self.untrue += find_untrue(read_sentences(response), moment)
            return response

        return answer

    def listen_to_whisper(self, view: Callable[..., Any]) -> Callable[..., Response]:
        """The same for what an engineer hears first."""

        def answer(leg_id: str) -> Response:
            response: Response = view(leg_id)
            found = self.desk.leg(leg_id)
            if found.call is not None and found.incident is not None:
                leg = found.incident.page(leg_id)
                assert leg is not None
                moment = Moment(found.call, found.incident, self.now(), leg.language)
                self.untrue += find_untrue_whispers(read_sentences(response), moment)
            return response

        return answer

    def open(self, folder: Path, paper: str) -> None:
        """Apply this paper; copy the database where this process applied the paper before."""
        if paper not in PREPARED:
            if "" not in PREPARED:
                migrate(self.services.engine)
                PREPARED[""] = self.content(folder)
            (folder / "line.db").write_bytes(PREPARED[""])
            self.apply(paper)
            PREPARED[paper] = self.content(folder)
        (folder / "line.db").write_bytes(PREPARED[paper])

    def content(self, folder: Path) -> bytes:
        """Return the database as one file, and close it."""
        self.services.engine.dispose()
        copy = folder / "copy.db"
        with closing(sqlite3.connect(folder / "line.db")) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
        content = copy.read_bytes()
        copy.unlink()
        return content

    def now(self) -> dt.datetime:
        return self.office._floor.company.clock.now()

    def apply(self, paper: str) -> None:
        locksmith = Argon2PinVerifier(self.settings.pin_pepper)
        read = parse_line_file(paper, locksmith.hash, list_languages())
        apply_line(self.services.engine, read.line, read.contracts, self.now())

    def dial(self, from_: str = PIETER, **headers: str) -> Handset:
        handset = self.office.dial(from_, LINE, headers or None)
        self.settle()
        return handset

    def call_level_1(self) -> Handset:
        """Pieter calls about something new, is identified and confirms level 1."""
        caller = self.dial()
        self.press(caller, f"{PIN}#")
        self.something_new(caller)
        for key in ("1", "1"):
            self.press(caller, key)
        return caller

    def something_new(self, caller: Handset) -> None:
        """It is about none of the incidents that the contract has open."""
        if self.call(caller).stage is CallStage.ABOUT:
            self.press(caller, "2")

    def take(self, number: str) -> Handset:
        """Pick up the ringing phone and press the key that takes the call."""
        engineer = self.answer(number)
        self.press(engineer, self.leg(engineer).take_key)
        self.advance(JOINING)
        return engineer

    def leg(self, engineer: Handset) -> Page:
        """Our record of the leg that this handset is."""
        legs = [leg for i in self.desk.calls.find_open("main") for leg in self.live(i.key)]
        return next(leg for leg in legs if leg.sid == engineer.sid)

    def live(self, key: str) -> tuple[Page, ...]:
        """The live legs of an incident."""
        matter = self.desk.calls.find_by_incident(key)
        assert matter is not None
        assert matter.incident is not None
        return matter.incident.legs()

    def pages(self) -> Sequence[Page]:
        """Every page of every incident so far, oldest first."""
        with reading(self.services.engine) as connection:
            return connection.scalars(select(pages.c.value).order_by(pages.c.at)).all()

    def record(self, handset: Handset, seconds: float) -> None:
        """Say something once the tone has sounded, and fall silent."""
        while not (handset.asking and handset.asking["verb"] == "Record"):
            self.advance(0.5)
        handset.speak(seconds, "De kassa ligt plat")
        self.advance(seconds + 8)

    def written(self) -> list[str]:
        """Every value of every row of the database."""
        with self.services.engine.connect() as connection:
            columns = [c for table in all_tables().tables.values() for c in table.columns]
            found = [connection.scalars(select(cast(c, String))).all() for c in columns]
        return [str(value) for values in found for value in values]

    def write_fallback(self) -> None:
        """The file that answers when nothing else can, as every process keeps it."""
        phones = (SANNE, SANNES_DESK, JORIS, LAST_RESORT)
        line = FallbackLine(LINE, "MSA Plus prioriteitslijn", "nl", phones)
        write_fallback(self.settings.fallback_file, [line])

    def break_database(self) -> None:
        """The database is away: its file is gone, and nothing can be put in its place."""
        self.database_away = True
        self.stop_looking()
        self.services.engine.dispose()
        database = Path(self.services.engine.url.database or "")
        for part in database.parent.glob("line.db*"):
            part.rename(part.with_name(f"away-{part.name}"))
        database.mkdir()

    def mend_database(self) -> None:
        """The database is back as it was."""
        self.database_away = False
        self.services.engine.dispose()
        database = Path(self.services.engine.url.database or "")
        database.rmdir()
        for part in database.parent.glob("away-line.db*"):
            part.rename(part.with_name(part.name.removeprefix("away-")))

    def ringing(self) -> str:
        """The number of an engineer's phone that rings."""
        numbers = (SANNE, SANNES_DESK, JORIS)
        return next(n for n in numbers if self.office.phone(n).ringing())

    def rings(self, number: str) -> int:
        """How often this phone has been rung so far."""
        return len(self.office.phone(number).handsets)

    def press(self, handset: Handset, digits: str) -> None:
        handset.press(digits)
        self.settle()

    def hang_up(self, handset: Handset) -> None:
        handset.hang_up()
        self.settle()

    def answer(self, number: str) -> Handset:
        handset = self.office.phone(number).answer()
        self.settle()
        return handset

    def advance(self, seconds: float) -> None:
        """Let time pass for both sides, from one moment at which something is due to the next."""
        left = dt.timedelta(seconds=seconds)
        while left > NO_TIME:
            pause = min((left, *self.pauses()))
            self.office.advance(pause.total_seconds())
            self.settle()
            left -= pause

    def pauses(self) -> Iterator[dt.timedelta]:
        """How long the company and the line have nothing to do by themselves from now on."""
        if self.office.due:
            yield self.office.due - self.office.now
        wakes = self.wakes_at()
        if wakes:
            yield wakes - self.now() if wakes > self.now() else HALF_A_SECOND

    def wakes_at(self) -> dt.datetime | None:
        """When the next job is due; None without one, and while the database is away."""
        if self.database_away:
            return None
        if self.looks is None:
            file = f"file:{self.services.engine.url.database}?mode=rw"
            self.looks = sqlite3.connect(file, uri=True, check_same_thread=False)
        ((first,),) = self.looks.execute(NEXT_WAKING).fetchall()
        return first and dt.datetime.fromisoformat(first).replace(tzinfo=dt.UTC)

    def settle(self) -> None:
        """Do all that is due, until neither side has anything left to do."""
        self.office.idle()
        while self.work():
            self.office.idle()

    def work(self) -> int:
        try:
            wakes = self.wakes_at()
            if not wakes or wakes > self.now():
                return 0
            claimed = self.due.claim(self.now())
            for job in claimed:
                self.do(job)
        except OperationalError:
            return 0
        return len(claimed)

    def do(self, job: ClaimedJob) -> None:
        deed, lease = job.command, job.lease
        try:
            event = JOB_HANDLERS[type(deed)](deed, self.job_context, lease.attempt)
            if isinstance(event, JobEnd):
                self.due.end(lease, self.now(), event)
            elif event is not None:
                self.desk.happen(event, finishes=lease)
            else:
                self.due.done(lease, self.now())
        except Exception as error:
            again = self.now() + dt.timedelta(seconds=min(2 ** (lease.attempt - 2), 30))
            self.due.retry(lease, again, type(error).__name__)

    def incident(self) -> Incident:
        (found,) = self.desk.calls.find_open("main")
        return found

    def call(self, handset: Handset) -> Call:
        matter = self.desk.calls.find_by_sid(handset.sid)
        assert matter is not None
        assert matter.call is not None
        return matter.call

    def stop_looking(self) -> None:
        if self.looks is not None:
            self.looks.close()
            self.looks = None

    def close(self) -> None:
        self.stop_looking()
        self.job_context.carrier.close()
        self.services.engine.dispose()


def read_sentences(response: Response) -> list[str]:
    """The sentences of a document."""
    root = ElementTree.fromstring(response.data)  # noqa: S314 - we wrote it
    return ["".join(one.itertext()) for one in root.iter("Say")]


@contextmanager
def on_stage(folder: Path, paper: str, kind: type[Stage] = Stage) -> Iterator[Stage]:
    """Open the company and the line, and close both without leaving anything behind."""
    with Office(kind.account, manual=True, start=BEGINS) as office:
        stage = kind(office, folder, paper)
        serving = threading.Thread(target=stage.server.serve_forever, args=(0.05,))
        serving.start()
        url = stage.settings.public_url
        office.number(
            LINE,
            voice_url=f"{url}/voice/incoming",
            voice_fallback_url=f"{url}/voice/fallback",
            status_callback=f"{url}/voice/status",
            sms_url=f"{url}/sms/incoming",
        )
        try:
            yield stage
        finally:
            stage.server.shutdown()
            stage.close()
            serving.join()
            stage.server.server_close()
