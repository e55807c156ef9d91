"""E-mail beside the ringing, through whatever mail server the operator names."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

TIMEOUT = 4.0


@dataclass(frozen=True, slots=True)
class Post:
    """``url`` is smtp:// or smtps://, with user and password where the server wants them."""

    url: str
    sender: str

    def send(self, to: str, subject: str, body: str) -> None:
        """Send one mail; raises OSError or SMTPException."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message.set_content(body)
        parts = urlsplit(self.url)
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with kind(parts.hostname or "localhost", parts.port or 0, timeout=TIMEOUT) as server:
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
