"""The mailbox on a real IMAP server: nothing lost, nothing twice, whatever goes away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.message import EmailMessage
from threading import Event, Thread

import pytest
from sqlalchemy.exc import OperationalError

from service.bootstrap import Services
from service.health import MAILBOX_BEAT
from service.mail_in.intake import MailIntake
from settings import Settings
from store.log.received_mails import MailState, ReceivedMails
from store.people.lines import apply_line
from tests.mail_in import dovecot as imap
from tests.mail_in.conftest import MAIL_SETTINGS, write
from tests.mail_in.dovecot import Dovecot, dovecot
from tests.mail_server import Postbox, mail_server
from tests.store.cast import BAKERY, LINE
from workers import mailbox
from workers.context import WorkerContext, make_context
from workers.jobs import run_job
from workers.mailbox import (
    Mailbox,
    UnsafeMailboxError,
    connect_mailbox,
    describe_mailbox_error,
    start_mail,
)

pytestmark = pytest.mark.skipif(imap.PROGRAM is None, reason=imap.MISSING)


@pytest.fixture(scope="module")
def running() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def server(running: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Dovecot:
    """An empty mailbox, whose certificate this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate.file))
    running.empty()
    return running


class Reading:
    """A reader of the mailbox in a thread, as the clock has one."""

    def __init__(self, url: str, services: Services) -> None:
        self.intake, self.arrived, self.end, self.looks = MailIntake(services), Event(), Event(), 0
        self.looked = Event()
        self._thread = Thread(
            target=Mailbox(url, self.intake, self.arrived).read, args=(self.end, self._look)
        )

    def _look(self) -> None:
        self.looks += 1
        self.looked.set()

    def __enter__(self) -> Reading:
        self._thread.start()
        assert self.looked.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.end.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


def store_all(url: str, services: Services) -> int:
    with connect_mailbox(url) as client:
        folder = mailbox._find_handled_folder(client)
        return Mailbox(url, MailIntake(services), Event()).store_all(client, folder, Event())


def test_a_mail_is_answered_and_the_answer_to_that_comes_back_to_its_incident(
    server: Dovecot, settings: Settings
) -> None:
    """The threads of the clock, a real mailbox and a real mail server."""
    postbox, end = Postbox(), Event()
    with mail_server(postbox) as port:
        told = {"mail_url": f"smtp://127.0.0.1:{port}", "mailbox_url": server.url}
        context = make_context(settings.model_copy(update=MAIL_SETTINGS | told))
        apply_line(context.services.engine, LINE, [BAKERY], context.clock())
        threads = start_mail(context, end)
        try:
            server.deliver(write(sender="x@elders.example", Message_ID="<first@elders>").as_bytes())
            answer = _await_mail(context, postbox, 1)
            assert answer["To"] == "x@elders.example"
            assert answer["In-Reply-To"] == "<first@elders>"
            assert answer["Auto-Submitted"] == "auto-replied"
            reply = write("Nog iets.", sender="x@elders.example", To=answer["Reply-To"])
            server.deliver(reply.as_bytes())
            _await_mail(context, postbox, 2)
        finally:
            end.set()
            for thread in threads:
                thread.join(10)
        second, first = ReceivedMails(context.services.engine).page()
        assert (first.state, second.state) == (MailState.LODGED, MailState.THREADED)
        assert first.incident == second.incident
        assert context.heartbeats.last(MAILBOX_BEAT) is not None
        context.notifier.close()
        context.services.engine.dispose()


def _await_mail(context: WorkerContext, postbox: Postbox, count: int) -> EmailMessage:
    """Send what is due until the line has sent so many mails; returns the last."""
    pause, until = Event(), time.monotonic() + 20
    while len(postbox.mails) < count and time.monotonic() < until:
        for job in context.queue.claim(context.clock()):
            run_job(job, context)
        pause.wait(0.02)
    assert len(postbox.mails) == count
    return postbox.mails[-1]


@pytest.mark.parametrize("way", ["url", "starttls_url"])
def test_mails_are_stored_and_then_moved(
    server: Dovecot, services: Services, mails: ReceivedMails, way: str
) -> None:
    server.deliver(write("een").as_bytes(), write("twee").as_bytes())
    assert store_all(getattr(server, way), services) == 2
    assert (server.count(), server.count("Handled")) == (0, 2)
    assert mails.count_waiting()[0] == 2
    assert store_all(getattr(server, way), services) == 0


def test_a_mail_that_arrives_is_noticed_at_once(
    server: Dovecot, services: Services, mails: ReceivedMails
) -> None:
    with Reading(server.url, services) as reading:
        server.deliver(write().as_bytes())
        assert reading.arrived.wait(5)
    assert reading.intake.read_next()
    (mail,) = mails.page()
    assert (mail.state, mail.door) == (MailState.LODGED, "mailbox")
    assert server.count() == 0


def test_while_the_database_is_away_mails_stay_in_the_mailbox(
    server: Dovecot, services: Services, mails: ReceivedMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("the database", {}, Exception("is away"))

    server.deliver(write().as_bytes())
    with monkeypatch.context() as outage:
        outage.setattr(ReceivedMails, "add", away)
        with pytest.raises(OperationalError):
            store_all(server.url, services)
    assert (server.count(), server.count("Handled")) == (1, 0)
    assert store_all(server.url, services) == 1
    assert (server.count(), len(mails.page())) == (0, 1)


def test_a_crash_before_the_move_stores_no_mail_twice(
    server: Dovecot, services: Services, mails: ReceivedMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.deliver(write().as_bytes())
    with monkeypatch.context() as crash:
        crash.setattr(mailbox, "_finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store_all(server.url, services)
    assert (server.count(), len(mails.page())) == (1, 1)
    assert store_all(server.url, services) == 1
    assert (server.count(), len(mails.page())) == (0, 1)


def test_two_hosts_read_one_mailbox_and_each_mail_once(
    server: Dovecot, services: Services, mails: ReceivedMails
) -> None:
    server.deliver(*(write(f"mail {place}").as_bytes() for place in range(20)))
    hosts = [Thread(target=store_all, args=(server.url, services)) for _ in range(2)]
    for host in hosts:
        host.start()
    for host in hosts:
        host.join(30)
    assert (server.count(), len(mails.page())) == (0, 20)


def test_a_mailbox_in_which_nothing_can_be_moved_is_marked(
    server: Dovecot, services: Services, mails: ReceivedMails
) -> None:
    server.deliver(write().as_bytes())
    for expected in (1, 0):
        with connect_mailbox(server.url) as client:
            reader = Mailbox(server.url, MailIntake(services), Event())
            assert reader.store_all(client, None, Event()) == expected
    assert (server.count(), len(mails.page())) == (1, 1)


def test_of_a_mail_that_is_too_large_the_beginning_is_read(
    server: Dovecot, services: Services, mails: ReceivedMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "LARGEST", 10_000)
    monkeypatch.setattr(mailbox, "HEAD", 5_000)
    mail = write("De oven staat stil.")
    mail.add_attachment(b"x" * 50_000, maintype="application", subtype="zip", filename="log.zip")
    server.deliver(mail.as_bytes())
    store_all(server.url, services)
    assert MailIntake(services).read_next()
    (taken,) = mails.page()
    assert taken.state is MailState.LODGED
    assert taken.size > 50_000
    (message,) = services.call_service.calls.correspondence.find_messages(taken.incident or "")
    assert message.words == "De oven staat stil."


def test_a_large_mail_comes_in_pieces_and_whole(
    server: Dovecot, services: Services, mails: ReceivedMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "PIECE", 1000)
    mail = write("Zie bijlage.")
    content = bytes(range(256)) * 40
    mail.add_attachment(content, maintype="application", subtype="zip", filename="log.zip")
    server.deliver(mail.as_bytes())
    store_all(server.url, services)
    assert MailIntake(services).read_next()
    (taken,) = mails.page()
    book = services.call_service.calls.correspondence
    (file,) = book.find_files(taken.incident or "")
    assert b"".join(book.read_file(file.id)) == content


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("wacht", "fout"), "it refuses the user or the password"),
        (("INBOX", "Nergens"), "it refuses a command, or the connection was lost"),
    ],
)
def test_a_mailbox_that_cannot_be_read_says_why_and_no_secret(
    server: Dovecot, change: tuple[str, str], why: str
) -> None:
    with pytest.raises(Exception) as error, connect_mailbox(server.url.replace(*change)):
        pass
    assert describe_mailbox_error(error.value).startswith(why)


def test_a_server_that_cannot_be_trusted_gets_no_password(
    running: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    for url in (running.url, running.starttls_url):
        with pytest.raises(Exception) as error, connect_mailbox(url):
            pass
        assert describe_mailbox_error(error.value).startswith("its certificate does not hold")


def test_no_password_goes_out_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain:
        def has_capability(self, name: str) -> bool:
            return False

    with pytest.raises(UnsafeMailboxError):
        mailbox._encrypt(Plain(), "mail.example.org")
