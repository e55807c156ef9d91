"""Mails of the line at a real mail server: tried again, or given up with the server's code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from routing.decision import Case, Decision
from routing.jobs import Job, SendPage
from routing.line import Channel, Paging
from routing.message import DUTY_MANAGER, Message
from routing.page import Page, PageResult
from service.channels.email import EmailSender, Mailer
from settings import Settings
from store.db.engine import writing
from store.log.timeline import read_incident_timeline
from store.people.lines import apply_line
from store.tables.work import jobs
from tests.mail_server import Postbox, mail_server
from tests.routing.test_paging import SANNES_MAIL, lonely, person, told
from tests.store.cast import BAKERY, LINE, incident
from workers.context import WorkerContext, make_context
from workers.jobs import MAX_ATTEMPTS, run_job

A_WHILE = dt.timedelta(minutes=1)
REFUSED = "550 5.1.1 <sanne@example.org> is unknown"
GIVEN_UP = "given up, the mail server: 451 4.7.1"
FIRST_NUMBER = 1001
WHY = "the mail server refuses: 550 5.1.1"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def port(postbox: Postbox) -> Iterator[int]:
    with mail_server(postbox) as port:
        yield port


@pytest.fixture
def context(settings: Settings, port: int) -> Iterator[WorkerContext]:
    """A process that sends mail there."""
    named = {"mail_url": f"smtp://127.0.0.1:{port}", "mail_from": "line@example.org"}
    made = make_context(settings.model_copy(update=named))
    apply_line(made.services.engine, LINE, (BAKERY,), made.clock())
    yield made
    made.notifier.close()
    made.services.engine.dispose()


def write_letter(context: WorkerContext) -> Message:
    """A mail to the duty manager that is due now."""
    letter = Message(
        "letter-1",
        LINE.id,
        context.clock(),
        DUTY_MANAGER,
        Channel.EMAIL,
        "duty@example.org",
        "nl",
        "daily_cap",
        (("name", "Sanne de Vries"), ("cap", 40)),
    )
    context.services.call_service.calls.messages.send([letter], context.clock())
    return letter


def attempt(context: WorkerContext, after: dt.timedelta = A_WHILE) -> None:
    """Do the one errand that is due by then."""
    (job,) = context.queue.claim(context.clock() + after)
    run_job(job, context)


def kept(context: WorkerContext, letter: Message) -> Message:
    found = context.services.call_service.calls.messages.find(letter.id)
    assert found is not None
    return found


def test_a_mail_that_is_put_off_comes_again_until_it_is_taken(
    context: WorkerContext, postbox: Postbox
) -> None:
    letter = write_letter(context)
    postbox.to_recipient = "451 4.7.1 come back later"
    with capture_logs() as logged:
        attempt(context)
    assert [entry["why"] for entry in logged] == ["the mail server: 451 4.7.1"]
    postbox.to_recipient, postbox.breaks = "250 OK", True
    attempt(context, 2 * A_WHILE)
    assert (kept(context, letter).result, postbox.mails) == (None, [])
    postbox.breaks = False
    attempt(context, 3 * A_WHILE)
    assert kept(context, letter).result is PageResult.SENT
    assert len(postbox.mails) == 1
    assert context.queue.claim(context.clock() + 4 * A_WHILE) == []


def test_a_mail_that_is_refused_for_good_is_over_and_keeps_the_code(
    context: WorkerContext, postbox: Postbox
) -> None:
    letter = write_letter(context)
    postbox.to_recipient = REFUSED
    attempt(context)
    assert (kept(context, letter).result, kept(context, letter).reason) == (PageResult.FAILED, WHY)
    assert context.queue.claim(context.clock() + 2 * A_WHILE) == []


def try_for_the_last_time(context: WorkerContext, errand: str) -> None:
    """Do this errand as it is done after most of a day of tries."""
    with writing(context.services.engine) as connection:
        last = {"attempt": MAX_ATTEMPTS - 1}
        connection.execute(update(jobs).where(jobs.c.id == errand).values(last))
    for job in context.queue.claim(context.clock()):
        if job.lease.job == errand:
            run_job(job, context)


def test_a_letter_that_is_given_up_says_so_and_why(
    context: WorkerContext, postbox: Postbox
) -> None:
    written = replace(write_letter(context), id="letter-2", incident="incident-1")
    book = context.services.call_service.calls
    book.save(Case(), Decision(Case(incident=incident())), context.clock())
    (errand,) = book.messages.send([written], context.clock())
    postbox.to_recipient = "451 4.7.1 come back later"
    try_for_the_last_time(context, errand)
    assert (kept(context, written).result, kept(context, written).reason) == (
        PageResult.FAILED,
        GIVEN_UP,
    )
    timeline = read_incident_timeline(context.services.engine, FIRST_NUMBER)
    assert timeline is not None
    sent = [step for step in timeline.steps if step.event == "notification"]
    assert [(step.result, step.reason) for step in sent] == [
        (PageResult.FAILED, f"daily_cap: {GIVEN_UP}")
    ]


def test_a_page_that_is_given_up_says_so_and_why(context: WorkerContext, postbox: Postbox) -> None:
    book, now = context.services.call_service.calls, context.clock()
    page = Page("page-1", now, "sanne", Channel.EMAIL, "sanne@example.org")
    matter = Case(incident=incident(pages=(page,)))
    decision = Decision(matter, jobs=(Job(now, SendPage(page.id, page.channel)),))
    _, (errand,) = book.save(Case(), decision, now)
    postbox.to_recipient = "451 4.7.1 come back later"
    try_for_the_last_time(context, errand)
    after = context.services.call_service.leg(page.id).incident
    assert after is not None
    assert [(one.result, one.reason) for one in after.pages] == [(PageResult.FAILED, GIVEN_UP)]


def test_a_page_that_is_refused_for_good_shows_the_code(port: int, postbox: Postbox) -> None:
    floor = lonely(engineers=person(email=SANNES_MAIL), paging=Paging((Channel.EMAIL,)))
    mailer = Mailer(f"smtp://127.0.0.1:{port}", "line@example.org")
    floor.send_by(Channel.EMAIL, EmailSender(mailer, "a secret of the test"))
    postbox.to_data = REFUSED
    call = floor.critical()
    (page,) = told(floor)
    assert (page.result, page.reason) == (PageResult.FAILED, WHY)
    notes = [note.reason for _, _, note in floor.book.rows.journal if note.leg == page.id]
    assert any(WHY in reason for reason in notes)
    assert floor.incident(call).acknowledged_by is None
