"""The mail server, where one is named."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from smtplib import SMTP_PORT, SMTP_SSL_PORT
from urllib.parse import urlsplit

from ivr_app.checkup.verdict import Verdict, ok, warn
from routing.line import Channel, Line

TIMEOUT = 3.0


def mail(url: str | None, lines: Sequence[Line]) -> Verdict:
    """Whether mail is on where a line needs it, and whether its server can be reached."""
    if url is None:
        needed = [line.id for line in lines if Channel.EMAIL in line.paging.channels]
        if needed:
            return warn("mail", f"is off, and line {needed[0]} sends mail: set MAIL_URL")
        return ok("mail", "is off: MAIL_URL is not set, and no line needs it")
    parts = urlsplit(url)
    port = parts.port or (SMTP_SSL_PORT if parts.scheme == "smtps" else SMTP_PORT)
    server = f"{parts.hostname}:{port}"
    try:
        socket.create_connection((parts.hostname or "localhost", port), TIMEOUT).close()
    except OSError as error:
        return warn("mail", f"{server} does not answer ({error.strerror or error}): see MAIL_URL")
    return ok("mail", f"{server} answers")
