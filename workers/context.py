"""The context of a worker process and of its jobs: services, clients and queues."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from carrier.client import CarrierClient, OutgoingCall, RecordingFetcher
from carrier.urls import WebhookUrls
from routing.call_service import CallService
from routing.drill import PHONE
from routing.events import Heard
from routing.line import Channel
from service.bootstrap import Services, build_carrier_account, build_services
from service.channels import build_senders
from service.channels.sender import Sender
from service.portal import PortalAccess
from service.signed_urls import AcknowledgeLinks
from service.speech import Transcriber, build_transcriber
from settings import Settings, read_settings
from store.log.recordings import RecordingStore
from store.work.carrier_turns import CarrierPace
from store.work.jobs import JobQueue
from store.work.metrics import Heartbeats
from store.work.redis_client import RqJobNotifier, connect_fail_fast
from store.work.tasks import TaskStore
from store.work.webhooks import WebhookLog
from workers.letters import MailAddresses, build_mail_addresses

# The context of a job.


def _skip_lease_check() -> None:
    """A job without a lease cannot lose it."""


class NotYet(Exception):  # noqa: N818 - it is an answer, not a failure
    """The job is to run later, at ``at``; this is no failure."""

    def __init__(self, at: dt.datetime) -> None:
        super().__init__(f"not before {at}")
        self.at = at


class TryAgain(Exception):  # noqa: N818 - the handler has reported the failure
    """The attempt failed, and the next one is at ``at``. ``reason`` is stored, in a few words."""

    def __init__(self, at: dt.datetime, reason: str) -> None:
        super().__init__(reason)
        self.at, self.reason = at, reason


@dataclass(frozen=True)
class JobContext:
    """The services of a job handler.

    ``senders`` are those of the channels that are set up. Without links, pages hold none; without a
    recording store, recordings stay at the carrier; without ``portal``, no codes are sent; without
    ``transcriber``, recordings get no words here; without ``deliveries`` and ``tasks``, those
    jobs fail.
    ``check_lease`` runs before the second request of a job, and raises LeaseLostError.
    ``not_before`` is the turn of a call that waits for other calls.
    """

    call_service: CallService
    carrier: CarrierClient
    urls: WebhookUrls
    senders: Mapping[Channel, Sender]
    mail_addresses: MailAddresses
    links: AcknowledgeLinks | None = None
    recordings: RecordingStore | None = None
    recording_fetcher: RecordingFetcher | None = None
    portal: PortalAccess | None = None
    transcriber: Transcriber | None = None
    deliveries: WebhookLog | None = None
    tasks: TaskStore | None = None
    check_lease: Callable[[], None] = _skip_lease_check
    not_before: dt.datetime | None = None


STUCK_AFTER = 60.0
"""Seconds without a turn after which the loop of a process counts as stuck."""


class Pulse:
    """When the loop of a process last turned, and when the database last answered it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Both are taken as just seen."""
        self._now = now
        self._turned_at = self._answered_at = now()

    def note_turn(self) -> None:
        """The loop has begun another turn."""
        self._turned_at = self._now()

    def note_answer(self) -> None:
        """The database has answered."""
        self._answered_at = self._now()

    def is_stuck(self) -> bool:
        """True when the loop does not turn though the database answers: a restart helps only then.
        A process whose database is away or frozen goes on by itself."""
        now = self._now()
        return now - self._turned_at > STUCK_AFTER > now - self._answered_at


@dataclass(frozen=True)
class WorkerContext:
    """The context of a process; building it connects to neither the database nor Redis."""

    services: Services
    notifier: RqJobNotifier
    queue: JobQueue
    heartbeats: Heartbeats
    pulse: Pulse = field(default_factory=Pulse)
    _of_thread: threading.local = field(default_factory=threading.local)

    def clock(self) -> dt.datetime:
        """The current time of the call service."""
        return self.services.call_service.clock()

    @property
    def job_context(self) -> JobContext:
        """The job context of this thread: threads do not share a carrier client."""
        if not hasattr(self._of_thread, "job_context"):
            self._of_thread.job_context = make_job_context(self.services)
        found: JobContext = self._of_thread.job_context
        return found


def make_context(settings: Settings) -> WorkerContext:
    """Build the context from settings."""
    notifier = RqJobNotifier(connect_fail_fast(settings.redis_url), settings.installation)
    services = build_services(settings, notifier)
    pace = CarrierPace(settings.twilio_account_sid, services.lines.read_call_rates)
    queue = JobQueue(services.engine, pace)
    return WorkerContext(services, notifier, queue, Heartbeats(services.engine))


def make_job_context(services: Services) -> JobContext:
    """Build the job context of one thread."""
    account = build_carrier_account(services.settings)
    carrier = DrillSafeClient(account)
    return JobContext(
        services.call_service,
        carrier,
        services.urls,
        build_senders(services.settings, carrier, services.urls),
        build_mail_addresses(services.settings),
        services.acknowledge_links,
        services.recordings,
        RecordingFetcher(account),
        services.portal,
        build_transcriber(services.settings),
        WebhookLog(services.engine),
        TaskStore(services.engine),
    )


@cache
def process_context() -> WorkerContext:
    """The context of this process, from its environment; raises SettingsError."""
    return make_context(read_settings())


# The carrier client of all jobs: it never calls for a drill.


class DrillSafeClient(CarrierClient):
    """A carrier client that sends no requests about drills."""

    def place(self, placing: OutgoingCall) -> str:
        """Invent an id for a call of a drill; the drill itself answers it."""
        if placing.to == PHONE:
            return f"{PHONE}-{secrets.token_hex(8)}"
        return super().place(placing)

    def placed_since(self, to: str, from_: str, since: dt.datetime) -> str | None:
        """The carrier knows no calls of drills."""
        return None if to == PHONE else super().placed_since(to, from_, since)

    def cancel_call(self, sid: str) -> Heard:
        """A drill rings no telephone, so there is nothing to cancel."""
        return Heard.CANCELED if _is_drill(sid) else super().cancel_call(sid)

    def read_status(self, sid: str) -> Heard:
        """A drill whose state is asked for has ended: the process that held it is gone."""
        return Heard.COMPLETED if _is_drill(sid) else super().read_status(sid)

    def redirect(self, sid: str, url: str) -> None:
        """A drill has nobody to redirect."""
        if not _is_drill(sid):
            super().redirect(sid, url)


def _is_drill(sid: str) -> bool:
    return sid.startswith(f"{PHONE}-")
