"""A line that reads mail, its mails, and whoever else has a contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest

from routing.contracts import Contact
from service.bootstrap import Services, build_services
from service.mail_in.intake import MailIntake
from service.mail_threads import reply_address
from settings import Settings
from store.log.received_mails import ReceivedMail, ReceivedMails
from store.people.lines import apply_line
from store.work.redis_client import NoJobNotifier
from tests.conftest import Clock
from tests.store.cast import BAKERY, EMAIL, LINE

MAILBOX, SERVER = "line@example.org", "mx.example.org"
FLORIST = replace(
    BAKERY,
    number="100300",
    customer="Bloemen BV",
    contacts=(Contact("Fleur Bloem", ("+31612345690",), "hash", "en", "fleur@bloemen.example"),),
)
MAIL_SETTINGS = {
    "mail_url": "smtp://127.0.0.1:9",
    "mail_from": f"Priority Line <{MAILBOX}>",
    "mailbox_trusts": SERVER,
    "mail_form_key": "a key of the tests",
}


@pytest.fixture
def services(settings: Settings, clock: Clock) -> Iterator[Services]:
    """A line with two customers, whose mails are read."""
    made = build_services(settings.model_copy(update=MAIL_SETTINGS), NoJobNotifier(), clock)
    apply_line(made.engine, LINE, [BAKERY, FLORIST], clock())
    yield made
    made.engine.dispose()


@pytest.fixture
def mails(services: Services) -> ReceivedMails:
    return ReceivedMails(services.engine)


@pytest.fixture
def take_in(
    services: Services, mails: ReceivedMails, clock: Clock
) -> Callable[[bytes], ReceivedMail]:
    """Store a mail and read what waits, a second after the one before; returns what became of
    it."""
    intake = MailIntake(services)

    def take(mail: bytes) -> ReceivedMail:
        clock.tick(1)
        known = intake.store([mail], "mailbox")
        while intake.read_next():
            pass
        found = mails.find(known)
        assert found is not None
        return found

    return take


def write(
    words: str = "De oven staat stil.", sender: str = EMAIL, *, proven: bool = True, **headers: str
) -> EmailMessage:
    """A mail as the receiving server stores it; a header's name is written with underscores."""
    mail = EmailMessage()
    domain = sender.rpartition("@")[2]
    verdict = f"dkim=pass header.d={domain}" if proven else "dkim=none"
    mail["Authentication-Results"] = f"{SERVER}; {verdict}"
    given = {"From": sender, "To": MAILBOX, "Subject": "Oven"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in given.items():
        if value:
            mail[name] = value
    mail.set_content(words)
    return mail


def tagged(services: Services, number: int) -> str:
    """The address at which a customer answers about this incident."""
    return reply_address(services.settings.secret_key, MAILBOX, number)
