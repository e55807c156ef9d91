"""A mail server that keeps every e-mail of the line, so that the page can show it.

It is as strict as a provider: TLS with a certificate that must be verified, then a login.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
import ipaddress
import logging
import ssl
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devtools.demo.site import MAIL_USER, Site
from devtools.processes import LOOPBACK

Json = dict[str, Any]

_LASTS = dt.timedelta(days=365)
# At every login the library warns that it uses an old name of its own, in the terminal of the demo.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class Mailroom:
    """Takes mails from the one account of the demo."""

    def __init__(self, site: Site) -> None:
        """Nothing has come yet."""
        self.letters: list[Json] = []
        self._site = site

    async def open(self) -> asyncio.Server:
        """Take letters on the site's port of loopback until the server is closed."""
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(self._site.certificate, self._site.certificate_key)

        def session() -> SMTP:
            return SMTP(
                self,
                hostname=LOOPBACK,
                tls_context=tls,
                require_starttls=True,
                auth_required=True,
                authenticator=self._let_in,
            )

        return await asyncio.get_running_loop().create_server(session, LOOPBACK, self._site.mail)

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        content = envelope.content
        if isinstance(content, bytes):
            self._keep(message_from_bytes(content, policy=default))
        return "250 kept"

    def _let_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        given = data if isinstance(data, LoginPassword) else LoginPassword(b"", b"")
        right = hmac.compare_digest(given.password, self._site.mail_password.encode())
        return AuthResult(success=right and given.login == MAIL_USER.encode(), handled=False)

    def _keep(self, letter: EmailMessage) -> None:
        self.letters.append(
            {
                "id": f"letter-{len(self.letters) + 1}",
                "to": str(letter["To"]),
                "subject": str(letter["Subject"]),
                "words": _read_words(letter),
                "at": dt.datetime.now(dt.UTC).isoformat(),
            }
        )


def _read_words(letter: EmailMessage) -> str:
    """The plain text of a mail."""
    body = letter.get_body(("plain",))
    if body is None:
        return ""
    return str(body.get_content()).strip()


def write_certificate(file: Path, key_file: Path) -> None:
    """Make a certificate for this machine that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mailroom of the demo")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _LASTS)
        .not_valid_after(now + _LASTS)
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    key_file.touch(mode=0o600)
    key_file.write_bytes(secret)
