"""Mails and texts to customers, as they arrive at a real mail server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest

from routing import events
from routing.call import DatabaseAge, RecognitionFault, SignatureRequest
from routing.call_service import lodge
from routing.contracts import Contact
from routing.contracts.plans import Door
from routing.correspondence import Author, Upload
from routing.incident import Incident, IncidentKind, IncidentSource, IncidentState
from routing.line import Channel, Paging
from routing.message import CONTACT, Via
from routing.notify import customer
from routing.oncall.local_time import wall
from routing.page import PageResult
from service import mail_threads
from service.channels.email import EmailSender, Mailer
from service.channels.letter import Letter
from service.mail_in.engineer_reply import (
    EngineerMail,
    FollowedMail,
    MailBox,
    handle_engineer_reply,
)
from tests.mail_server import Postbox, mail_server
from tests.routing.floor import BAKERY, ENGINEERS, NOW, PIETER, PIN, SANNE, Floor
from tests.routing.test_reports_by_api import KNOWN
from workers.letters import MailAddresses

SECRET, MAILBOX = "a secret of the letters", "line@example.org"
MAIL = "pieter@example.org"
NIGHT = dt.timedelta(hours=14)


class MailedFloor(Floor):
    """A line that sends mail, and whose customer has an address."""

    def __init__(self, postbox: Postbox, port: int, **changes: Any) -> None:
        super().__init__(**changes)
        self.postbox = postbox
        mailer = Mailer(f"smtp://127.0.0.1:{port}", f"Prioriteitslijn <{MAILBOX}>")
        self.send_by(Channel.EMAIL, EmailSender(mailer, SECRET))
        addresses = MailAddresses("https://line.example", SECRET, MAILBOX, reads=True)
        self.job_context = replace(self.job_context, mail_addresses=addresses)
        self.know(email=MAIL)

    def know(self, **changes: Any) -> Contact:
        """Change the customer's contact."""
        contact = replace(BAKERY.contacts[0], **changes)
        self.people.contracts["main", "100234"] = replace(BAKERY, contacts=(contact,))
        return contact

    @property
    def mails(self) -> list[EmailMessage]:
        return self.postbox.mails

    def calls(self, level: str = "2") -> Incident:
        """The customer calls about something of this level."""
        call = self.dial()
        self.pin(call, PIN)
        self.press(call, level)
        if level == "1":
            self.press(call, "1")
        self.work()
        return self.incident(call)

    def incident_call(self, incident: Incident) -> str:
        """Our id of the call that opened it."""
        assert incident.call is not None
        return incident.call

    def does(self, event: events.Event) -> None:
        self.desk.happen(event)
        self.work()


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Postbox, int]]:
    postbox = Postbox()
    with mail_server(postbox) as port:
        yield postbox, port


@pytest.fixture
def floor(server: tuple[Postbox, int]) -> MailedFloor:
    postbox, port = server
    postbox.mails.clear()
    return MailedFloor(postbox, port)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def walk_through(floor: MailedFloor) -> Incident:
    """An incident from its opening to its end: asked, answered, closed."""
    incident = floor.calls()
    key, by = incident.key, "sanne"
    question = "Welke versie draait u?"
    floor.does(events.AnsweredCustomer(key, "a" * 32, by, Via.CONSOLE, question, asks=True))
    floor.does(events.CustomerWrote(key, "b" * 32, "Pieter", Via.EMAIL, "12.1", mail_id="<x@y>"))
    floor.does(events.AnsweredCustomer(key, "c" * 32, by, Via.CONSOLE, "Zet <b>X</b> uit.\nKlaar."))
    floor.does(events.Responded(key, by, Via.CONSOLE))
    floor.does(events.Closed(key, by, Via.CONSOLE))
    return incident


def test_four_mails_are_one_thread_in_the_customers_language(floor: MailedFloor) -> None:
    incident = walk_through(floor)
    number = incident.number
    assert len(floor.mails) == 4
    assert {mail["To"] for mail in floor.mails} == {MAIL}
    assert {mail["Subject"] for mail in floor.mails} == {f"Melding {number} bij {floor.line.name}"}
    starts = {mail["References"].split()[0] for mail in floor.mails[:2]}
    assert len(starts) == 1
    assert all(starts & set(mail["References"].split()) for mail in floor.mails)
    assert floor.mails[2]["In-Reply-To"] == "<x@y>"
    assert len({mail["Message-ID"] for mail in floor.mails}) == 4
    for mail in floor.mails:
        reply = mail["Reply-To"].addresses[0].addr_spec
        assert mail_threads.read_reply_address(SECRET, MAILBOX, reply) == number
        ids = [mail["Message-ID"]]
        assert mail_threads.read_message_ids(SECRET, MAILBOX, ids) == number
        assert mail["Auto-Submitted"] == "auto-generated"
        assert "Beste Pieter Jansen," in text_of(mail)
        assert f"https://line.example/portal/incidents/{number}" in text_of(mail)
        assert f"https://line.example/portal/incidents/{number}" in html_of(mail)
    assert floor.exchange.texts == []


def test_each_mail_says_what_happened(floor: MailedFloor) -> None:
    walk_through(floor)
    opened, asked, answered, closed = map(text_of, floor.mails)
    assert "geregistreerd onder nummer" in opened
    assert "+31 20 123 4567" in opened
    assert "Welke versie draait u?" in asked
    assert "Zet <b>X</b> uit." in answered
    assert "Zet &lt;b&gt;X&lt;/b&gt; uit.<br>Klaar." in html_of(floor.mails[2])
    assert "gesloten" in closed


def test_no_engineer_and_no_note_is_in_a_mail(floor: MailedFloor) -> None:
    incident = floor.calls()
    floor.does(events.Noted(incident.key, "sanne", Via.CONSOLE, "betaalt nooit", "d" * 32))
    floor.does(events.Responded(incident.key, "sanne", Via.CONSOLE, "even gebeld"))
    floor.does(events.Closed(incident.key, "sanne", Via.CONSOLE, "zeurt"))
    for mail in floor.mails:
        for hidden in ("anne", "betaalt", "zeurt", SANNE):
            assert hidden not in mail.as_string()


def test_nothing_is_told_twice(floor: MailedFloor) -> None:
    incident = floor.calls()
    answer = events.AnsweredCustomer(incident.key, "c" * 32, "sanne", Via.CONSOLE, "Klaar.")
    question = events.WaitsForCustomer(incident.key, "sanne", Via.CONSOLE, "Wat?", "a" * 32)
    for event in (question, question, answer, answer):
        floor.does(event)
    assert len(floor.mails) == 3


def test_a_contact_with_a_telephone_only_gets_texts_without_personal_data(
    floor: MailedFloor,
) -> None:
    floor.know(email=None)
    incident = walk_through(floor)
    assert floor.mails == []
    assert floor.exchange.texts == [PIETER] * 3  # a caller has heard the number
    for words in floor.exchange.bodies:
        assert words.startswith(f"Melding {incident.number}, niveau 2, Bakkerij Jansen BV")
        assert f"https://line.example/portal/incidents/{incident.number}" in words
        for hidden in ("Pieter", "versie", "Zet", "anne"):
            assert hidden not in words


def test_a_plan_without_mail_is_told_by_text(floor: MailedFloor) -> None:
    plans = [replace(plan, doors=(Door.PHONE,)) for plan in floor.line.plans]
    floor.apply(plans=tuple(plans))
    walk_through(floor)
    assert floor.mails == []
    assert all("Bel +31 20 123 4567" in words for words in floor.exchange.bodies)


@pytest.mark.parametrize(("hours", "days"), [(10, 1), (14, 1), (20, 1), (24 + 10, 2)])
def test_news_that_can_wait_is_texted_in_the_morning(
    floor: MailedFloor, hours: int, days: int
) -> None:
    floor.know(email=None)
    floor.now += dt.timedelta(hours=hours)
    incident = floor.calls()
    floor.does(events.AnsweredCustomer(incident.key, "c" * 32, "sanne", Via.CONSOLE, "Klaar."))
    assert floor.exchange.texts == []
    floor.advance(24 * 3600)
    (message,) = [one for one in floor.book.rows.messages.values() if one.reader == CONTACT]
    morning = dt.datetime.combine(NOW.date() + dt.timedelta(days=days), customer.MORNING)
    assert dt.timedelta() <= wall(message.at, floor.line.timezone) - morning < customer.TOGETHER
    assert floor.exchange.texts[:1] == [PIETER]


def test_the_news_of_a_night_is_one_text(floor: MailedFloor) -> None:
    floor.know(email=None)
    floor.now += NIGHT
    incident = floor.calls()
    floor.hang_up(floor.incident_call(incident))
    for nth, event in enumerate(
        (
            events.AnsweredCustomer(incident.key, "1" * 32, "sanne", Via.CONSOLE, "?", asks=True),
            events.AnsweredCustomer(incident.key, "2" * 32, "sanne", Via.CONSOLE, "Klaar."),
            events.Responded(incident.key, "sanne", Via.CONSOLE),
            events.Closed(incident.key, "sanne", Via.CONSOLE),
        )
    ):
        floor.advance(60 * nth)
        floor.does(event)
    floor.advance(24 * 3600)
    to_customer = [w for w in floor.exchange.bodies if w.startswith("Melding")]
    assert len(to_customer) == 1
    assert "is gesloten" in to_customer[0]
    kept = [one for one in floor.book.rows.messages.values() if one.reader == CONTACT]
    results = [one.result for one in sorted(kept, key=lambda one: one.at)]
    assert results == [PageResult.CANCELED, PageResult.CANCELED, PageResult.SENT]


def test_what_a_program_reports_at_night_is_texted_in_the_morning(floor: MailedFloor) -> None:
    floor.know(email=None)
    floor.now += NIGHT
    lodge(floor.desk, replace(KNOWN, source=IncidentSource.API, urgency=3))
    floor.work()
    assert PIETER not in floor.exchange.texts
    lodge(floor.desk, replace(KNOWN, key="e" * 32, urgency=3))  # in the portal: they are awake
    floor.work()
    assert floor.exchange.texts.count(PIETER) == 1


def test_a_request_in_the_portal_is_told_once(floor: MailedFloor) -> None:
    said = SignatureRequest(RecognitionFault.FALSE_POSITIVE, DatabaseAge.NEWEST)
    kind = IncidentKind.SIGNATURE_REQUEST
    lodge(floor.desk, replace(KNOWN, urgency=3, kind=kind, request=said))
    floor.work()
    (mail,) = floor.mails
    assert "Uw verzoek over virusherkenning heeft nummer" in text_of(mail)


def test_level_1_is_texted_at_any_hour(floor: MailedFloor) -> None:
    floor.know(email=None)
    floor.now += NIGHT
    incident = floor.calls("1")
    floor.exchange.texts.clear()
    floor.does(events.AnsweredCustomer(incident.key, "c" * 32, "sanne", Via.CONSOLE, "Klaar."))
    assert floor.exchange.texts == [PIETER]


def test_the_customer_reads_what_we_wait_for(floor: MailedFloor) -> None:
    incident = floor.calls()
    what = "de logbestanden"
    floor.does(events.WaitsForCustomer(incident.key, "sanne", Via.CONSOLE, what, "a" * 32))
    assert "de logbestanden" in text_of(floor.mails[-1])
    assert "anne" not in floor.mails[-1].as_string()


def test_a_forgeable_text_says_that_we_wait_and_not_for_what(floor: MailedFloor) -> None:
    incident = floor.calls()
    floor.does(events.WaitsForCustomer(incident.key, "sanne", Via.TEXT, "is boos", "a" * 32))
    asked = floor.mails[-1]
    assert "boos" not in asked.as_string()
    assert "Wij hebben uw antwoord nodig om verder te gaan" in text_of(asked)


@pytest.mark.parametrize(("count", "words"), [(1, "hoort een bestand"), (2, "horen 2 bestanden")])
def test_a_question_mentions_its_files(floor: MailedFloor, count: int, words: str) -> None:
    incident = floor.calls()
    upload = Upload("main", "a.log", "text/plain", Author.STAFF, "sanne", Via.CONSOLE, None)
    store = floor.book.correspondence
    files = tuple(
        store.write_file(upload, [str(nth).encode()], 100, floor.now).id for nth in range(count)
    )
    question = events.AnsweredCustomer(
        incident.key, "a" * 32, "sanne", Via.CONSOLE, "Past dit?", files, asks=True
    )
    floor.does(question)
    assert words in text_of(floor.mails[-1])


def test_a_forged_mail_puts_no_words_into_a_mail(floor: MailedFloor) -> None:
    incident = floor.calls()
    answer = events.AnsweredCustomer(incident.key, "a" * 32, "sanne", Via.EMAIL, "uw wachtwoord?")
    floor.does(answer)
    assert len(floor.mails) == 1


def test_a_caller_of_no_contract_is_not_written_to(floor: MailedFloor) -> None:
    call = floor.dial("+31687654321")
    floor.press(call, "1")
    floor.contract(call, "0")
    floor.press(call, "2")
    floor.work()
    assert floor.incident(call).contract is None
    assert (floor.mails, floor.exchange.texts) == ([], [])


@pytest.mark.parametrize(
    "subject", ["Kassa\r\nBcc: alle@example.org", "ü" * 900, "<script>", "\x00\x1b[2J\u2028Cc: x@y"]
)
def test_a_subject_cannot_add_a_header(floor: MailedFloor, subject: str) -> None:
    incident = floor.calls()
    stored = floor.book.rows.incidents[incident.key]
    floor.book.rows.incidents[incident.key] = replace(
        stored, subject=subject, source=IncidentSource.EMAIL
    )
    floor.does(events.AnsweredCustomer(incident.key, "c" * 32, "sanne", Via.CONSOLE, "Klaar."))
    mail = floor.mails[-1]
    assert (mail["Bcc"], mail["Cc"]) == (None, None)
    assert mail["Subject"].isprintable()
    assert mail["Subject"].startswith("Re: ")
    assert "<script>" not in html_of(mail)


def test_a_customer_whose_address_is_refused_gets_a_text(floor: MailedFloor) -> None:
    floor.postbox.to_recipient = "550 5.1.1 unknown"
    try:
        incident = walk_through(floor)
    finally:
        floor.postbox.to_recipient = "250 OK"
    assert floor.mails == []
    assert floor.exchange.texts == [PIETER] * 4
    kept = [one for one in floor.book.rows.messages.values() if one.reader == CONTACT]
    assert {one.incident for one in kept} == {incident.key}
    assert [one.result for one in kept if one.channel is Channel.EMAIL] == [PageResult.FAILED] * 4
    assert [one.result for one in kept if one.channel is Channel.SMS] == [PageResult.SENT] * 4


def test_a_text_in_place_of_a_mail_comes_by_day(floor: MailedFloor) -> None:
    floor.now += NIGHT
    incident = floor.calls()
    floor.exchange.texts.clear()
    floor.postbox.to_recipient = "550 5.1.1 unknown"
    try:
        floor.does(events.AnsweredCustomer(incident.key, "c" * 32, "sanne", Via.CONSOLE, "Klaar."))
    finally:
        floor.postbox.to_recipient = "250 OK"
    assert PIETER not in floor.exchange.texts
    floor.advance(24 * 3600)
    assert floor.exchange.texts.count(PIETER) == 1


def test_the_customer_hears_under_which_number_it_goes_on(floor: MailedFloor) -> None:
    first = floor.calls()
    call = floor.dial()
    floor.pin(call, PIN)
    floor.press(call, "2")  # something new
    floor.press(call, "3")
    floor.work()
    second = floor.incident(call)
    floor.hang_up(floor.incident_call(first))
    floor.hang_up(call)
    floor.does(events.Merged(second.key, first.key, "sanne", Via.CONSOLE))
    assert f"gaat verder als melding {first.number}" in text_of(floor.mails[-1])
    reply = floor.mails[-1]["Reply-To"].addresses[0].addr_spec
    assert mail_threads.read_reply_address(SECRET, MAILBOX, reply) == second.number


def test_nobody_is_asked_to_answer_where_nobody_reads(floor: MailedFloor) -> None:
    addresses = MailAddresses("https://line.example", SECRET, MAILBOX)
    floor.job_context = replace(floor.job_context, mail_addresses=addresses)
    floor.calls()
    (mail,) = floor.mails
    assert mail["Reply-To"] is None
    assert "antwoorden" not in text_of(mail)
    assert mail["References"].endswith("@example.org>")


def test_long_message_ids_are_not_encoded(floor: MailedFloor) -> None:
    long = f"<{'a' * 120}@{'b' * 60}.example>"
    incident = floor.calls()
    wrote = events.CustomerWrote(incident.key, "b" * 32, "P", Via.EMAIL, "12.1", mail_id=long)
    floor.does(wrote)
    floor.does(events.AnsweredCustomer(incident.key, "c" * 32, "sanne", Via.CONSOLE, "Klaar."))
    mail = floor.mails[-1]
    sent = dict(mail.raw_items())
    assert sent["In-Reply-To"] == long
    assert long in sent["References"].split()


def test_a_stranger_who_mails_gets_a_number_and_nothing_of_a_contract(floor: MailedFloor) -> None:
    incident = floor.calls()
    facts = floor.desk.facts(floor.line)
    for _ in range(2):
        answer = customer.answer_mail(facts, incident, "x@else.example", "en", "<1@else.example>")
        floor.book.messages.send([answer], floor.now)
        floor.work()
    *_, mail = floor.mails
    assert [mail["To"] for mail in floor.mails] == [MAIL, "x@else.example"]
    assert mail["Auto-Submitted"] == "auto-replied"
    words = text_of(mail)
    assert f"under number {incident.number}" in words
    assert "+31 20 123 4567" in words
    assert "portal/incidents" not in words
    assert "Pieter" not in mail.as_string()
    assert "Bakkerij" not in mail.as_string()


def test_a_stranger_in_a_thread_learns_nothing_of_it(floor: MailedFloor) -> None:
    theirs = "<secret@bakkerij.example>"
    mailed = replace(KNOWN, source=IncidentSource.EMAIL, subject="Kluis open", mail_id=theirs)
    incident = lodge(floor.desk, mailed).incident
    assert incident is not None
    answer = customer.answer_mail(floor.desk.facts(floor.line), incident, "x@y.example", "nl", "1")
    floor.book.messages.send([answer], floor.now)
    floor.work()
    (mail,) = [mail for mail in floor.mails if mail["To"] == "x@y.example"]
    for hidden in ("Kluis", theirs, "Pieter", "Bakkerij"):
        assert hidden not in str(mail.raw_items()) + mail.as_string()


def test_words_are_no_html_and_the_number_is_a_link() -> None:
    said = "<b>Bel</b> +31 20 123 4567"
    html = Letter("nl", "<i>", (said,), closing=(said,), phone="+31201234567").write_html()
    assert html.count("&lt;b&gt;Bel&lt;/b&gt;") == 2
    assert html.count('<a href="tel:+31201234567"') == 2
    assert "<b>" not in html and "<i>" not in html


def test_a_page_by_mail_has_a_button_and_says_who_waits(server: tuple[Postbox, int]) -> None:
    postbox, port = server
    postbox.mails.clear()
    sanne = replace(ENGINEERS[0], email="sanne@example.org")
    paging = Paging((Channel.EMAIL,))
    floor = MailedFloor(postbox, port, engineers=(sanne, ENGINEERS[1]), paging=paging)
    incident = floor.calls("1")
    (page,) = [mail for mail in floor.mails if mail["To"] == "sanne@example.org"]
    words = text_of(page)
    assert "Bakkerij Jansen BV wacht aan de lijn" in words
    assert "Sinds: maandag 5 januari" in words or f"{NOW:%H}" in words
    assert "Antwoord 1001" not in words
    assert "+31 20 123 4567" in words
    assert "antwoorden met OK" in words
    reply = page["Reply-To"].addresses[0].addr_spec
    found = mail_threads.read_engineer_address(SECRET, MAILBOX, reply, lambda _: ("joris", "sanne"))
    assert found == mail_threads.EngineerReply(incident.number, "sanne")


# An engineer answers the mail of a page.


SANNES_MAIL = "sanne@example.org"
BOX = MailBox(MAILBOX, SECRET)


@pytest.fixture
def paged(server: tuple[Postbox, int]) -> MailedFloor:
    """A line that pages Sanne by mail."""
    postbox, port = server
    postbox.mails.clear()
    sanne = replace(ENGINEERS[0], email=SANNES_MAIL)
    paging = Paging((Channel.EMAIL,))
    return MailedFloor(postbox, port, engineers=(sanne, ENGINEERS[1]), paging=paging)


def answers(
    floor: MailedFloor, words: str, id_: str = "<1@sanne.example>", sender: str = SANNES_MAIL
) -> FollowedMail | None:
    """Sanne answers the latest mail to her."""
    mails = [mail for mail in floor.mails if mail["To"] == SANNES_MAIL]
    to = mails[-1]["Reply-To"].addresses[0].addr_spec
    followed = handle_engineer_reply(floor.desk, BOX, EngineerMail(id_, to, sender, words))
    floor.work()
    return followed


def now(floor: MailedFloor, incident: Incident) -> Incident:
    return floor.book.rows.incidents[incident.key]


@pytest.mark.parametrize("words", ["OK", "neem ik", "take\n\nGroet,\nSanne", "1001 ok", "👍"])
def test_an_answer_takes_the_incident_and_says_so(paged: MailedFloor, words: str) -> None:
    incident = paged.calls("1")
    answers(paged, words)
    taken = now(paged, incident)
    assert (taken.state, taken.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "sanne")
    assert "sanne" not in taken.proven
    assert "staat op uw naam" in text_of(paged.mails[-1])
    assert any("by email" in note.reason for _, _, note in paged.book.rows.journal)


def test_the_same_mail_again_does_nothing(paged: MailedFloor) -> None:
    incident = paged.calls("1")
    answers(paged, "OK")
    count = len(paged.mails)
    answers(paged, "OK")
    assert len(paged.mails) == count
    assert now(paged, incident).acknowledged_by == "sanne"


def test_only_the_engineers_own_address_counts(paged: MailedFloor) -> None:
    incident = paged.calls("1")
    followed = answers(paged, "OK", sender="sanne@evil.example")
    assert followed is not None
    assert "own address" in followed.why
    assert now(paged, incident).state is IncidentState.OPEN


def test_a_customers_address_is_left_to_others(paged: MailedFloor) -> None:
    incident = paged.calls("1")
    to = mail_threads.reply_address(SECRET, MAILBOX, incident.number)
    mail = EngineerMail("<1@x>", to, SANNES_MAIL, "OK")
    assert handle_engineer_reply(paged.desk, BOX, mail) is None


def test_the_end_of_a_level_1_needs_the_code_of_the_mail(paged: MailedFloor) -> None:
    incident = paged.calls("1")
    paged.hang_up(paged.incident_call(incident))
    code = dict(now(paged, incident).codes)["sanne"]
    assert f"OK {code}" in text_of(paged.mails[-1])
    answers(paged, "klaar")
    assert now(paged, incident).state is IncidentState.ACKNOWLEDGED
    assert "code uit onze mail" in text_of(paged.mails[-1])
    answers(paged, f"klaar {code}", "<2@sanne.example>")
    assert now(paged, incident).state is IncidentState.RESPONDED


def test_other_words_are_a_note_and_take_nothing(paged: MailedFloor) -> None:
    incident = paged.calls("1")
    answers(paged, "Ik kan niet,\nvraag Joris.")
    assert now(paged, incident).state is IncidentState.OPEN
    (note,) = paged.book.notes.find_all(incident.key)
    assert note.words == "Ik kan niet, vraag Joris."
    assert "niemand heeft het" in text_of(paged.mails[-1])


def test_words_for_the_customer_end_before_the_signature(paged: MailedFloor) -> None:
    incident = paged.calls("1")
    code = dict(now(paged, incident).codes)["sanne"]
    answers(paged, f"klant {code}: Zet hem uit\nen weer aan.\n\nSanne de Vries\n06-12345601")
    (sent,) = paged.book.correspondence.find_messages(incident.key)
    assert sent.words == "Zet hem uit en weer aan."
    to_customer = [mail for mail in paged.mails if mail["To"] == MAIL]
    assert "Zet hem uit en weer aan." in text_of(to_customer[-1])
    assert "Sanne" not in to_customer[-1].as_string()


def test_an_answer_without_words_does_nothing(paged: MailedFloor) -> None:
    incident = paged.calls("1")
    answers(paged, "\n  \n")
    assert now(paged, incident).state is IncidentState.OPEN
    assert f"incident {incident.number}" in text_of(paged.mails[-1])


def test_a_message_to_an_engineer_is_answered_by_mail_not_by_number(paged: MailedFloor) -> None:
    incident = paged.calls("1")
    paged.hang_up(paged.incident_call(incident))
    paged.does(events.Reassigned(incident.key, "sanne", "joris", Via.CONSOLE))
    words, code = text_of(paged.mails[-1]), dict(now(paged, incident).codes)["sanne"]
    assert f"antwoord op deze mail met klaar {code}" in words
    assert f"Antwoord {incident.number}" not in words
    assert f"https://line.example/console/incidents/{incident.number}" in words
