"""A real mail server (aiosmtpd) with TLS, a login and certificates of its own, for tests."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devtools.processes.ports import free_ports

USER, PASSWORD = "line@example.org", "geheim wachtwoord"
"""The one account; the address that holds them escapes both."""

LOGIN = "line%40example.org:geheim%20wachtwoord"
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """Files of a certificate that signs itself: whom to trust, and what the server shows."""

    file: Path
    key: Path


def make_certificate(folder: Path, *names: str) -> Certificate:
    """A certificate for these host names and addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([_named(each) for each in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = Certificate(folder / f"{names[0]}.pem", folder / f"{names[0]}.key")
    certificate.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    certificate.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate


def _named(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass
class Postbox:
    """Keeps the mails that the server took, and answers RCPT and DATA as it is told to."""

    to_recipient: str = "250 OK"
    to_data: str = "250 OK"
    breaks: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    passwords: list[tuple[bytes, bool]] = field(default_factory=list)
    """Each password that came, and whether it came over TLS."""
    encrypted: list[bool] = field(default_factory=list)
    noops: int = 0

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.breaks:
            server.transport.abort()
            return self.to_data
        if self.to_data.startswith("250"):
            self.encrypted.append(session.ssl is not None)
            self.mails.append(message_from_bytes(envelope.content, policy=default))
        return self.to_data

    async def handle_NOOP(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, argument: str
    ) -> str:
        self.noops += 1
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Let the one account in."""
        assert isinstance(data, LoginPassword)
        self.passwords.append((data.password, session.ssl is not None))
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(
    postbox: Postbox, certificate: Certificate | None = None, *, smtps: bool = False, **more: Any
) -> Iterator[int]:
    """A server until the end, on the port that is given; with a certificate it offers STARTTLS, or
    speaks TLS from the first byte."""
    tls = None
    if certificate is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate.file, certificate.key)
    ways = {"ssl_context": tls} if smtps else {"tls_context": tls}
    (port,) = free_ports(1)
    controller = Controller(
        postbox, "127.0.0.1", port, authenticator=postbox.authenticate, **ways, **more
    )
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
