"""Reads the mailbox of MAILBOX_URL, and the mails that came in by any door.

Both are threads of the clock. One keeps a connection to the mail server, which says at once when a
mail arrives (IDLE), and stores each mail as it is. Only then does the mail leave the folder: while
the database is away, mails stay where they are. The other reads the stored mails. Any number of
clocks may do both: a mail that two of them fetch is stored once.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import structlog
from sqlalchemy.exc import SQLAlchemyError

from carrier.outbound import build_tls_context
from service.channels.email import is_local
from service.health import MAILBOX_BEAT
from service.logging import LoopGuard, Outage, error_cause
from service.mail_in.intake import MAILBOX, MailIntake
from service.mail_in.limits import LARGEST
from store.db.engine import describe_error
from workers.context import WorkerContext

LOOK_EVERY = 0.5
"""Seconds between two looks for stored mails that wait."""

IDLE_SECONDS = 5.0
"""Seconds of one IDLE. Its end proves that the server is still there. A mail that arrives while the
folder is searched is announced with the end of that search, where nobody looks: the next search
finds it."""

POLL_SECONDS = 20.0
"""Seconds between two looks into a mailbox whose server has no IDLE."""

TIMEOUT = 30.0
"""Seconds that the server may be silent while it answers."""

LONGEST_PAUSE = 60.0
PIECE = 1024 * 1024
"""Bytes of a mail that are fetched at once."""

HEAD = 1024 * 1024
"""Bytes that are fetched of a mail that is too large."""

MOST_AT_ONCE = 100
HANDLED = "Handled"
"""The folder that mails move to once they are stored."""

KEYWORD = "PriorityLine"
"""Marks a stored mail in a mailbox where nothing can be moved."""

_log = structlog.get_logger("mailbox")


class Server(Protocol):
    """The commands of an IMAP server that are used here: those of imapclient."""

    def __getattr__(self, name: str) -> Any: ...


def start_mail(context: WorkerContext, end: Event) -> Sequence[Thread]:
    """Read stored mails, and the mailbox if one is set, until the stop signal."""
    intake, arrived = MailIntake(context.services), Event()
    threads = [Thread(target=_read_stored, args=(intake, arrived, end), name="mails", daemon=True)]
    url = context.services.settings.mailbox_url
    if url is not None:
        mailbox = Mailbox(url, intake, arrived)
        keep = Thread(target=_keep_reading, args=(mailbox, context, end), name=MAILBOX, daemon=True)
        threads.append(keep)
    for thread in threads:
        thread.start()
    return threads


def _read_stored(intake: MailIntake, arrived: Event, end: Event) -> None:
    turns = LoopGuard("mails")

    def read() -> None:
        while not end.is_set() and intake.read_next():
            pass

    while not end.is_set():
        arrived.wait(LOOK_EVERY)
        arrived.clear()
        if not turns.take(read):
            end.wait(LOOK_EVERY)


def _keep_reading(mailbox: Mailbox, context: WorkerContext, end: Event) -> None:
    """Connect again whenever the connection or the database is lost, with growing pauses."""
    outage, pause = Outage("mailbox not read"), 1.0

    def looked() -> None:
        nonlocal pause
        pause = 1.0
        outage.record_recovery()
        context.heartbeats.beat(MAILBOX_BEAT, MAILBOX, context.clock())

    while not end.is_set():
        try:
            mailbox.read(end, looked)
        except SQLAlchemyError as error:
            outage.record_failure(f"the database: {describe_error(error)}")
        except Exception as error:  # whatever the server does, the next connection may be better
            outage.record_failure(describe_mailbox_error(error))
        end.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


class UnsafeMailboxError(Exception):
    """The server would get the password without TLS."""


def describe_mailbox_error(error: Exception) -> str:
    """Why the mailbox cannot be read; the words of the server are left out."""
    from imapclient.exceptions import IMAPClientError, LoginError

    if isinstance(error, UnsafeMailboxError):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold: {error.verify_message}"
    if isinstance(error, LoginError):
        return "it refuses the user or the password"
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    if isinstance(error, IMAPClientError):
        return "it refuses a command, or the connection was lost"
    return error_cause(error)


@contextmanager
def connect_mailbox(url: str) -> Iterator[Server]:
    """A session with the folder of this address selected; raises what imapclient raises."""
    from imapclient import IMAPClient  # only a line with a mailbox needs it

    parts = urlsplit(url)
    secure, host = parts.scheme == "imaps", parts.hostname or ""
    client = IMAPClient(
        host, parts.port, ssl=secure, ssl_context=build_tls_context(), timeout=TIMEOUT
    )
    try:
        if not secure:
            _encrypt(client, host)
        client.login(unquote(parts.username or ""), unquote(parts.password or ""))
        client.select_folder(unquote(parts.path.strip("/")) or "INBOX")
        yield client
        with suppress(Exception):  # everything is done already
            client.logout()
    finally:
        with suppress(Exception):
            client.shutdown()


def _encrypt(client: Server, host: str) -> None:
    if client.has_capability("STARTTLS"):
        client.starttls(ssl_context=build_tls_context())
    elif not is_local(host):
        raise UnsafeMailboxError("it offers no STARTTLS, and no password is sent without TLS")


class Mailbox:
    """A folder on a mail server."""

    def __init__(self, url: str, intake: MailIntake, arrived: Event) -> None:
        """Does not connect yet; ``arrived`` is set whenever a mail is stored."""
        self._url, self._intake, self._arrived = url, intake, arrived
        self._stored: set[int] = set()  # of mails that the server lets nobody move or mark
        self._validity: object = None

    def read(self, end: Event, looked: Any) -> None:
        """Store what is in the folder and what arrives, until the stop signal or an error."""
        with connect_mailbox(self._url) as client:
            folder = _find_handled_folder(client)
            while not end.is_set():
                self.store_all(client, folder, end)
                looked()
                self._wait(client, end)

    def store_all(self, client: Server, folder: str | None, end: Event) -> int:
        """Store every mail of the folder that is not stored yet; returns their number."""
        self._forget_numbers(client)
        found = client.search(["UNDELETED", "UNKEYWORD", KEYWORD])
        new = [number for number in found if number not in self._stored]
        for number in new:
            if end.is_set():
                return 0
            if self._store(client, number):
                _finish(client, number, folder)
                self._stored.add(number)
        return len(new)

    def _forget_numbers(self, client: Server) -> None:
        """Numbers of mails mean other mails once the server says so (UIDVALIDITY)."""
        folder = unquote(urlsplit(self._url).path.strip("/")) or "INBOX"
        status = client.folder_status(folder, ["UIDVALIDITY"])
        if status.get(b"UIDVALIDITY") != self._validity:
            self._validity = status.get(b"UIDVALIDITY")
            self._stored.clear()

    def _store(self, client: Server, number: int) -> bool:
        """Store one mail; False if another host has just moved it."""
        size = client.fetch(number, ["RFC822.SIZE"]).get(number, {}).get(b"RFC822.SIZE")
        if size is None:
            return False
        limit = LARGEST if size <= LARGEST else HEAD
        try:
            self._intake.store(_fetch(client, number, limit), MAILBOX, size)
        except _MovedError:
            return False
        self._arrived.set()
        return True

    def _wait(self, client: Server, end: Event) -> None:
        """Wait for the next mail."""
        if not client.has_capability("IDLE"):
            end.wait(POLL_SECONDS)
            client.noop()
            return
        until = time.monotonic() + IDLE_SECONDS
        client.idle()
        try:
            while not end.is_set() and time.monotonic() < until:
                if any(_is_arrival(each) for each in client.idle_check(timeout=1)):
                    break
        finally:
            client.idle_done()


class _MovedError(Exception):
    """The mail is not in the folder any more: another host has stored it."""


def _is_arrival(response: Any) -> bool:
    return isinstance(response, tuple) and len(response) > 1 and response[1] == b"EXISTS"


def _fetch(client: Server, number: int, limit: int) -> Iterator[bytes]:
    """The bytes of a mail, a piece at a time; raises _MovedError if another host moves it."""
    at = 0
    while at < limit:
        size = min(PIECE, limit - at)
        answer = client.fetch(number, [f"BODY.PEEK[]<{at}.{size}>"]).get(number, {})
        piece = next((value for name, value in answer.items() if name.startswith(b"BODY")), None)
        if piece is None or not (piece or at):
            raise _MovedError
        if not piece:
            return
        yield piece
        at += len(piece)
        if len(piece) < size:
            return


def _find_handled_folder(client: Server) -> str | None:
    """The folder that stored mails move to; None if there can be none."""
    name = HANDLED
    with suppress(Exception):
        prefix, _ = client.namespace().personal[0]
        name = f"{prefix}{HANDLED}"
    with suppress(Exception):
        if not client.folder_exists(name):
            client.create_folder(name)
        return name
    return None


def _finish(client: Server, number: int, folder: str | None) -> None:
    """Move a stored mail, or mark it where it cannot be moved."""
    with suppress(Exception):
        client.add_flags(number, [b"\\Seen", KEYWORD])
    if folder is None:
        return
    with suppress(Exception):
        if client.has_capability("MOVE"):
            client.move(number, folder)
        elif client.has_capability("UIDPLUS"):
            client.copy(number, folder)
            client.delete_messages(number)
            client.uid_expunge(number)
