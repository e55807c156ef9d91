"""The mail server of the demo is as strict as a provider, and the line's mailer gets in."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from devtools.demo.mailroom import Mailroom, write_certificate
from devtools.demo.site import Site, choose_site
from service.channels.email import Mail, MailDeferredError, Mailer
from service.channels.letter import Letter

T = TypeVar("T")
MAIL = Mail("sanne@example.org", Letter("nl", "Incident 1001", ("Niveau 1",)), "<1@example.org>")


@pytest.fixture
def site() -> Iterator[Site]:
    chosen = choose_site({})
    write_certificate(chosen.certificate, chosen.certificate_key)
    yield chosen
    chosen.clear()


def finished(work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: Playwright, which other tests use, leaves its loop in this one."""
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, work).result()


async def sent(site: Site, mailer: Mailer) -> list[dict[str, str]]:
    mailroom = Mailroom(site)
    server = await mailroom.open()
    try:
        await asyncio.to_thread(mailer.send, MAIL)
    finally:
        server.close()
    return mailroom.letters


def mailer_of(site: Site) -> Mailer:
    told = site.environment({})
    return Mailer(told["MAIL_URL"], told["MAIL_FROM"])


def test_a_mail_of_the_line_comes_in(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", site.environment({})["SSL_CERT_FILE"])
    (letter,) = finished(sent(site, mailer_of(site)))
    assert (letter["to"], letter["subject"]) == (MAIL.to, MAIL.letter.subject)
    assert not caplog.messages, "the terminal of the demo has no lines of a library"


def test_a_process_that_does_not_trust_it_sends_nothing(site: Site) -> None:
    with pytest.raises(MailDeferredError, match="certificate"):
        finished(sent(site, mailer_of(site)))


def test_nothing_is_taken_without_tls_and_a_login(site: Site) -> None:
    async def tried() -> None:
        server = await Mailroom(site).open()
        try:
            await asyncio.to_thread(in_clear)
        finally:
            server.close()

    def in_clear() -> None:
        with smtplib.SMTP("127.0.0.1", site.mail, timeout=5) as session:
            session.sendmail("line@example.org", [MAIL.to], "Subject: x\r\n\r\nx")

    with pytest.raises(smtplib.SMTPSenderRefused):
        finished(tried())
