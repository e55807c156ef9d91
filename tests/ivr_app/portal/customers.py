"""Customers of the portal in tests: their browsers, and what the line sends them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr_app.portal.session import KEY
from routing.line import Channel
from routing.names import name_key
from service.bootstrap import Services
from service.channels.sender import Notice, Sender
from store.people.sessions import PortalOwner, PortalSessions, SessionLimits
from store.work.jobs import JobQueue
from store.work.metrics import Heartbeats
from store.work.redis_client import NoJobNotifier
from tests.ivr_app.console.staff import token_of
from workers.context import JobContext, WorkerContext, make_job_context
from workers.jobs import run_job

LONG = SessionLimits(dt.timedelta(hours=12), dt.timedelta(days=7))


@dataclass(frozen=True)
class Sent:
    """One mail or text."""

    channel: Channel
    to: str
    subject: str
    words: str

    @property
    def code(self) -> str:
        """The code in it."""
        return re.search(r"\b\d{8}\b", self.words)[0]

    @property
    def link(self) -> str:
        """The path of the link in it, below /portal."""
        return re.search(r"http://localhost/portal(\S+)", self.words)[1]


class Collector(Sender):
    """Sends nothing, and keeps what would be sent."""

    def __init__(self, channel: Channel, sent: list[Sent]) -> None:
        self.channel, self.sent = channel, sent

    @classmethod
    def is_set_up(cls, settings) -> bool:
        return True

    @classmethod
    def build(cls, settings, telephone, urls):
        raise NotImplementedError

    def send(self, notice: Notice) -> str | None:
        words, subject = notice.write(""), ""
        if self.channel is Channel.EMAIL:
            letter = notice.write_letter()
            words, subject = letter.write_text(), letter.subject
        self.sent.append(Sent(self.channel, notice.to, subject, words))
        return None


@dataclass(frozen=True)
class Post(WorkerContext):
    """A worker whose mails and texts are kept."""

    sent: list[Sent] = field(default_factory=list)

    @classmethod
    def of(cls, services: Services) -> Post:
        return cls(
            services, NoJobNotifier(), JobQueue(services.engine), Heartbeats(services.engine)
        )

    @cached_property
    def _kept_context(self) -> JobContext:
        channels = (Channel.SMS, Channel.EMAIL)
        senders = {channel: Collector(channel, self.sent) for channel in channels}
        return replace(make_job_context(self.services), senders=senders)

    @property
    def job_context(self) -> JobContext:
        return self._kept_context

    def deliver(self) -> list[Sent]:
        """Run the jobs that are due; return what they sent."""
        before = len(self.sent)
        for job in self.queue.claim(self.clock() + dt.timedelta(seconds=1)):
            run_job(job, self)
        return self.sent[before:]


class Customer:
    """A browser without a screen: asks for pages below /portal, and sends forms that are ours."""

    def __init__(self, client: FlaskClient, language: str = "nl") -> None:
        self.client, self.headers = client, {"Accept-Language": language}

    def get(self, path: str = "/") -> TestResponse:
        return self.client.get(f"/portal{path}", headers=self.headers)

    def post(self, path: str, **fields) -> TestResponse:
        fields.setdefault("csrf_token", self.token())
        return self.client.post(f"/portal{path}", data=fields, headers=self.headers)

    def token(self) -> str:
        """The proof that a form is ours, as every page has it."""
        return token_of(self.get("/sign-in/nothing").text) or ""

    def ask(self, address: str) -> TestResponse:
        """Ask for a code."""
        return self.post("/sign-in", address=address)

    def come_in(self, services: Services, number: str, name: str, way_in: str = "") -> Customer:
        """Sign in as a contact without the post."""
        now, portal = services.call_service.clock(), services.portal
        account = portal.find_by_name("main", number, name_key(name), now)
        address = portal.proofs.hash_address(way_in or account.addresses[0])
        owner = PortalOwner("main", number, name_key(name), address)
        key = PortalSessions(services.engine, LONG).begin(owner, now)
        site = self.client.application.extensions["portal"].app
        cookie = site.session_interface.get_signing_serializer(site).dumps({KEY: key})
        self.client.set_cookie("portal", cookie, path="/portal")
        return self
