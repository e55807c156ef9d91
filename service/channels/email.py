"""Sends emails through the mail server of MAIL_URL, over verified TLS.

The server's certificate is verified wherever TLS is offered, and a password is never sent without
TLS to another machine. A 5xx code is final. Every other failure may be
over in a minute, so the mail is tried again.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import formataddr, parseaddr
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from carrier import outbound
from carrier.client import CarrierClient
from carrier.urls import WebhookUrls
from service.channels.letter import Letter
from service.channels.sender import DeliveryError, DeliveryRefusedError, Notice, Sender
from service.mail_threads import message_id
from settings import Settings

EXCHANGE_SECONDS = 8.0
"""Time limit of a whole exchange; the lease of a mail's job lasts longer."""

LONGEST_SUBJECT = 250
"""Characters; a customer may have written more."""

_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
"""The enhanced status code (RFC 3463) that many servers put before their words."""


class _MessageIds(BaseHeader):
    """The header In-Reply-To or References, an id a line: the standard library would encode an id
    that is longer than a line, and no mail program knows it then."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, parts: dict[str, Any]) -> None:
        """Take the ids as they are."""
        parts["decoded"] = value
        parts["parse_tree"] = None

    def fold(self, *, policy: Policy) -> str:
        """The header as it is sent."""
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"


def _build_policy() -> Policy:
    """Seven-bit encoding, because a server may not support 8BITMIME."""
    headers = HeaderRegistry()
    for name in ("in-reply-to", "references"):
        headers.map_to_type(name, _MessageIds)
    return SMTP.clone(cte_type="7bit", header_factory=headers)


_WIRE_POLICY = _build_policy()


class MailError(Exception):
    """A mail was not sent; ``reason`` is a code or a few words of ours, without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailRefusedError(MailError):
    """The server said no for good (5xx): the same mail would be refused again."""


class MailDeferredError(MailError):
    """The mail was not taken this time: 4xx, a lost connection, or a server that is not safe."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. Its ``id`` is the Message-ID, so that a mail sent twice is known as one."""

    to: str
    letter: Letter
    id: str


@dataclass(frozen=True, slots=True)
class Mailer:
    """``url`` is smtp:// or smtps://, with user and password where the server wants them."""

    url: str = field(repr=False)
    sender: str

    @property
    def server(self) -> str:
        """Host and port, as people read them."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or _default_port(parts.scheme)}"

    def send(self, mail: Mail) -> None:
        """Send one mail; raises MailRefusedError, MailDeferredError, or outbound.RestingError."""
        message, to = self._written(mail), _encode_domain(mail.to)
        with (
            _translate_errors(),
            outbound.exchange("mail", EXCHANGE_SECONDS),
            self._session() as session,
        ):
            if not to.isascii() and not session.has_extn("smtputf8"):
                raise MailRefusedError("the server takes no address with letters such as é")
            session.send_message(message, to_addrs=[to])

    def probe(self) -> str:
        """Do all that comes before a mail (EHLO, STARTTLS, AUTH), then NOOP, and say whether there
        was TLS and a login; raises MailError."""
        with (
            _translate_errors(),
            outbound.exchange("mail", EXCHANGE_SECONDS),
            self._session() as session,
        ):
            code, answer = session.noop()
            if code != 250:
                raise smtplib.SMTPResponseException(code, answer)
            tls = "with TLS" if isinstance(session.sock, ssl.SSLSocket) else "without TLS"
            return f"{tls}, {'logged in' if urlsplit(self.url).username else 'without a login'}"

    def _written(self, mail: Mail) -> EmailMessage:
        message, letter = EmailMessage(_WIRE_POLICY), mail.letter
        message["From"], message["To"] = self.sender, _encode_domain(mail.to)
        message["Subject"] = _tidy(letter.subject)
        if letter.reply_to is not None:
            message["Reply-To"] = formataddr((parseaddr(self.sender)[0], letter.reply_to))
        message["Date"] = dt.datetime.now(dt.UTC)
        message["Message-ID"] = mail.id
        if letter.thread is not None:
            message["In-Reply-To"] = letter.thread.in_reply_to
            message["References"] = " ".join(letter.thread.references)
        # No answer of an absent person comes back.
        message["Auto-Submitted"] = "auto-replied" if letter.answer else "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"  # as Exchange calls it
        message.set_content(letter.write_text())
        message.add_alternative(letter.write_html(), subtype="html")
        message["Content-Language"] = letter.language
        return message

    @property
    def _domain(self) -> str:
        return parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        session = self._connected()
        try:
            session.ehlo_or_helo_if_needed()
            self._encrypt(session)
            self._log_in(session)
            yield session
            with suppress(OSError, smtplib.SMTPException):  # the mail has been taken already
                session.quit()
        finally:
            session.close()

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "localhost", parts.port or _default_port(parts.scheme)
        # We name ourselves by the sender's domain: asking for our own name may wait for a DNS.
        if parts.scheme == "smtps":
            return _BoundTlsSession(host, port, self._domain, context=outbound.build_tls_context())
        return _BoundSession(host, port, self._domain)

    def _encrypt(self, session: smtplib.SMTP) -> None:
        if not isinstance(session, smtplib.SMTP_SSL) and session.has_extn("starttls"):
            session.starttls(context=outbound.build_tls_context())
            session.ehlo()

    def _log_in(self, session: smtplib.SMTP) -> None:
        parts = urlsplit(self.url)
        if not parts.username:
            return
        encrypted = isinstance(session.sock, ssl.SSLSocket)
        if not encrypted and not is_local(parts.hostname or "localhost"):
            raise MailDeferredError("it offers no STARTTLS, and no password is sent without TLS")
        session.login(unquote(parts.username), unquote(parts.password or ""))


class _BoundSession(smtplib.SMTP):
    """A session that obeys the deadline of its exchange."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return outbound.connect(host, port)


class _BoundTlsSession(smtplib.SMTP_SSL, _BoundSession):
    """The same, encrypted from the first byte."""


def _tidy(subject: str) -> str:
    """A subject on one line, without control characters: a line end would begin a header."""
    shown = "".join(c if c.isprintable() else " " for c in subject)
    return " ".join(shown.split())[:LONGEST_SUBJECT]


@dataclass(frozen=True)
class EmailSender(Sender):
    """Sends notices as emails."""

    setting = "MAIL_URL"
    check = "mail"

    mailer: Mailer
    secret: str = field(repr=False)

    @classmethod
    def is_set_up(cls, settings: Settings) -> bool:
        """True if a mail server is named."""
        return settings.mail_url is not None and settings.mail_from is not None

    @classmethod
    def build(cls, settings: Settings, telephone: CarrierClient, urls: WebhookUrls) -> Self:
        """Send through the mail server of the settings."""
        mailer = Mailer(settings.mail_url or "", settings.mail_from or "")
        return cls(mailer, settings.secret_key)

    def send(self, notice: Notice) -> str:
        """Send an email; returns its Message-ID. Raises DeliveryError without the words of the
        server."""
        letter, mailbox = notice.write_letter(), parseaddr(self.mailer.sender)[1]
        id_ = message_id(self.secret, mailbox, notice.id, letter.number)
        try:
            self.mailer.send(Mail(notice.to, letter, id_))
            return id_
        except MailRefusedError as error:
            why = f"the mail server refuses: {error.reason}"
            raise DeliveryRefusedError(error.reason, why) from error
        except MailDeferredError as error:
            raise DeliveryError(f"the mail server: {error.reason}") from error

    def probe(self) -> str:
        """Log in to the mail server."""
        try:
            how = self.mailer.probe()
        except MailRefusedError as error:
            raise DeliveryError(f"{self.mailer.server} refuses us ({error.reason})") from error
        except MailError as error:
            raise DeliveryError(f"{self.mailer.server} is of no use: {error.reason}") from error
        return f"{self.mailer.server} would take a mail: {how}"


def is_local(host: str) -> bool:
    """True when what is sent to this host never leaves the machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Turn errors of smtplib and TLS into MailRefusedError or MailDeferredError."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _build_error(code, answer) from None
    except smtplib.SMTPResponseException as error:
        raise _build_error(error.smtp_code, error.smtp_error) from None
    except ssl.SSLCertVerificationError as error:
        raise MailDeferredError(f"its certificate does not hold: {error.verify_message}") from None
    except ssl.SSLError as error:
        raise MailDeferredError(f"TLS fails ({error.reason})") from None
    except smtplib.SMTPNotSupportedError as error:
        raise MailDeferredError(f"it cannot do what is needed ({error})") from None
    except outbound.RestingError:
        raise  # nothing was asked, so this was no try
    except (OSError, smtplib.SMTPException) as error:
        raise MailDeferredError(_describe_connection_error(error)) from None


def _build_error(code: int, answer: bytes | str) -> MailError:
    """Leave out the server's text: it may hold the address or the user name."""
    if isinstance(answer, str):  # the server answers in bytes: these are words of the library
        return MailDeferredError("its answer cannot be read")
    enhanced = _ENHANCED.match(answer)
    reason = f"{code} {enhanced[1].decode()}" if enhanced else str(code)
    if 500 <= code <= 599:
        return MailRefusedError(reason)
    return MailDeferredError(reason)


def _describe_connection_error(error: Exception) -> str:
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "it does not answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the connection was lost"


def _encode_domain(address: str) -> str:
    """The address with its domain as DNS spells it; the part before the @ stays as it is."""
    name, _, domain = address.rpartition("@")
    try:
        return f"{name}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


def _default_port(scheme: str) -> int:
    return smtplib.SMTP_SSL_PORT if scheme == "smtps" else smtplib.SMTP_PORT
