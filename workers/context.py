"""What a process that does errands has at hand."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from carrier.client import CarrierClient, OutgoingCall, RecordingFetcher
from carrier.urls import WebhookUrls
from routing.call_service import CallService
from routing.drill import PHONE
from routing.events import Heard
from service.bootstrap import Services, build_carrier_account, build_services
from service.mailer import Mailer, build_mailer
from service.signed_urls import AcknowledgeLinks
from settings import Settings, read_settings
from store.log.recordings import RecordingStore
from store.work.jobs import CarrierPace, JobQueue
from store.work.metrics import Heartbeats
from store.work.redis_client import RqJobNotifier, impatient

# What a worker has at hand while it does an errand.


class LeaseLostError(Exception):
    """This errand took so long that somebody else does it by now."""


def _skip_lease_check() -> None:
    """Nobody takes away an errand that was leased to nobody."""


@dataclass(frozen=True)
class JobContext:
    """The desk to report to, and the ways out: telephone and mailer (None when mail is off).

    Without a pace, calls are placed as they come; without links, notices carry none;
    without an archive, recordings stay at the carrier. ``hold_on`` is asked before an errand's
    second request, and raises TakenAwayError.
    """

    desk: CallService
    telephone: CarrierClient
    addresses: WebhookUrls
    mailer: Mailer | None = None
    pace: CarrierPace | None = None
    links: AcknowledgeLinks | None = None
    archive: RecordingStore | None = None
    media: RecordingFetcher | None = None
    check_lease: Callable[[], None] = _skip_lease_check


@dataclass(frozen=True)
class WorkerContext:
    """One for each process; made without touching database or Redis."""

    services: Services
    bell: RqJobNotifier
    due: JobQueue
    beats: Heartbeats
    _benches: threading.local = field(default_factory=threading.local)

    def clock(self) -> dt.datetime:
        """The moment, as the desk sees it."""
        return self.services.desk.clock()

    @property
    def bench(self) -> JobContext:
        """The bench of this thread, because a telephone is not shared between threads."""
        if not hasattr(self._benches, "own"):
            self._benches.own = make_job_context(self.services)
        bench: JobContext = self._benches.own
        return bench


def make_context(settings: Settings) -> WorkerContext:
    """Everything that these settings name."""
    bell = RqJobNotifier(impatient(settings.redis_url), settings.installation)
    services = build_services(settings, bell)
    return WorkerContext(services, bell, JobQueue(services.engine), Heartbeats(services.engine))


def make_job_context(services: Services) -> JobContext:
    """The ways out of one thread."""
    pace = CarrierPace(services.engine, services.settings.twilio_account_sid)
    account = build_carrier_account(services.settings)
    return JobContext(
        services.desk,
        DrillSafeClient(account),
        services.addresses,
        build_mailer(services.settings),
        pace,
        services.links,
        services.archive,
        RecordingFetcher(account),
    )


@cache
def process_context() -> WorkerContext:
    """The context of this process, from its environment; raises SettingsError."""
    return make_context(read_settings())


# The telephone that every errand is done with: it rings no drill, whatever it is asked.


class DrillSafeClient(CarrierClient):
    """Asks the carrier for nothing that belongs to a drill; all else it does as any other."""

    def place(self, placing: OutgoingCall) -> str:
        """A drill's call is placed nowhere; whoever holds the drill answers it."""
        if placing.to == PHONE:
            return f"{PHONE}-{secrets.token_hex(8)}"
        return super().place(placing)

    def placed_since(self, to: str, from_: str, since: dt.datetime) -> str | None:
        """The carrier knows of no drill."""
        return None if to == PHONE else super().placed_since(to, from_, since)

    def silence(self, sid: str) -> Heard:
        """Nothing rings."""
        return Heard.CANCELED if _is_drill(sid) else super().silence(sid)

    def heard(self, sid: str) -> Heard:
        """A drill that has to be asked after is over: its holder is gone."""
        return Heard.COMPLETED if _is_drill(sid) else super().heard(sid)

    def redirect(self, sid: str, url: str) -> None:
        """Nobody listens."""
        if not _is_drill(sid):
            super().redirect(sid, url)


def _is_drill(sid: str) -> bool:
    return sid.startswith(f"{PHONE}-")
