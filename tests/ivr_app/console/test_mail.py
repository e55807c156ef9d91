"""Managers see what became of every mail, and take as a customer's what was not placed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.bootstrap import Services
from service.mail_in.intake import MailIntake
from store.log.received_mails import MailState, ReceivedMails
from tests.mail_in.conftest import MAIL_SETTINGS, write

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def services(board: Services) -> Services:
    """The console's services, reading mail."""
    return replace(board, settings=board.settings.model_copy(update=MAIL_SETTINGS))


def read(services: Services, *mails: bytes) -> None:
    intake = MailIntake(services)
    for mail in mails:
        intake.store([mail], "mailbox")
    while intake.read_next():
        pass


def test_a_manager_sees_what_was_not_placed_and_nobody_below(signed_in, services) -> None:
    read(services, b"Subject: " + EVIL.encode() + b"\n\nwie?", write().as_bytes())
    page = signed_in("manager").get("/mail/").text
    assert "onleesbaar" in page
    assert "&lt;script&gt;" in page
    assert EVIL not in page
    assert "nieuw incident" not in page
    assert "nieuw incident" in signed_in("manager").get("/mail/?shown=customers").text
    assert signed_in("manager").get("/mail/?shown=other").status_code == 404
    for role in ("engineer", "viewer"):
        assert signed_in(role).get("/mail/").status_code == 403


def test_the_mail_itself_is_a_download_that_nothing_opens(signed_in, services) -> None:
    read(services, b"Subject: x\n\n" + EVIL.encode())
    (mail,) = ReceivedMails(services.engine).page()
    answer = signed_in("manager").get(f"/mail/{mail.id}.eml")
    assert answer.data == b"Subject: x\n\n" + EVIL.encode()
    assert answer.mimetype == "application/octet-stream"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert signed_in("engineer").get(f"/mail/{mail.id}.eml").status_code == 403
    assert signed_in("manager").get("/mail/nothing.eml").status_code == 404


def test_a_kept_mail_is_taken_as_a_customers(signed_in, services) -> None:
    away = write("Het is echt van mij.")
    away["Precedence"] = "bulk"
    read(services, away.as_bytes())
    mails = ReceivedMails(services.engine)
    (mail,) = mails.page()
    assert mail.state is MailState.AUTOMATIC
    signed_in("manager").post(f"/mail/{mail.id}/take")
    read(services)
    (mail,) = mails.page()
    assert (mail.state, mail.file) == (MailState.LODGED, None)
    assert "Mail aangenomen" in signed_in("admin").get("/audit_log").text
    ruud = signed_in("manager")
    ruud.post(f"/mail/{mail.id}/take")
    assert "wordt niet meer bewaard" in ruud.get("/mail/").text


def test_a_mail_of_nobody_can_be_taken_too(signed_in, services) -> None:
    read(services, b"Subject: oven\n\nstaat stil")
    mails = ReceivedMails(services.engine)
    (mail,) = mails.page()
    signed_in("manager").post(f"/mail/{mail.id}/take")
    read(services)
    (mail,) = mails.page()
    assert mail.state is MailState.LODGED


def test_pages_of_mails_follow_each_other(signed_in, services, monkeypatch) -> None:
    from ivr_app.console import mail as view

    monkeypatch.setattr(view, "PAGE_SIZE", 2)
    read(services, *(f"Subject: onderwerp-{place}\n\nx".encode() for place in range(5)))
    seen, address, ruud = [], "/mail/", signed_in("manager")
    while address:
        page = ruud.get(address).text
        seen += [f"onderwerp-{place}" for place in range(5) if f"onderwerp-{place}" in page]
        address = page.partition('rel="next" href="/console')[2].partition('"')[0]
        address = address.replace("&amp;", "&")
    assert sorted(seen) == [f"onderwerp-{place}" for place in range(5)]
