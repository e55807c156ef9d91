"""Every mail finds its place: a new incident, a known one, or a list for people."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from routing import events
from routing.call import Entitlement
from routing.contracts import EmailLevel1
from routing.correspondence import CustomerMessage
from routing.incident import Incident, IncidentSource, IncidentState
from routing.line import Channel
from routing.message import CONTACT, Message, Via
from routing.notify.customer import CustomerNews
from routing.page import PageResult
from service.bootstrap import Services
from service.mail_in import intake, limits
from service.mail_in.intake import MailIntake, read_level
from service.mail_threads import engineer_address, message_id
from store.db.engine import reading
from store.log.received_mails import MailState, ReceivedMail, ReceivedMails
from store.people.lines import apply_line
from store.tables.log import files, messages
from tests.conftest import Clock
from tests.mail_in.conftest import EMAIL, FLORIST, MAILBOX, tagged, write
from tests.store.cast import BAKERY, LINE

TakeIn = Callable[[bytes], ReceivedMail]
FLEUR = "fleur@bloemen.example"
STRANGER = "x@elders.example"


def find(services: Services, key: str | None) -> Incident:
    case = services.call_service.calls.find_by_incident(key or "")
    assert case is not None and case.incident is not None
    return case.incident


def said(services: Services, incident: Incident) -> Sequence[CustomerMessage]:
    return services.call_service.calls.correspondence.find_messages(incident.key)


def sent(services: Services, reader: str = CONTACT) -> list[Message]:
    with reading(services.engine) as connection:
        found = connection.scalars(messages.select().with_only_columns(messages.c.value))
        return [message for message in found if message.reader == reader]


def opened(services: Services, take_in: TakeIn, **given: str) -> Incident:
    return find(services, take_in(write(**given).as_bytes()).incident)


def test_a_mail_of_a_proven_contact_opens_an_incident_of_their_contract(
    services: Services, take_in: TakeIn
) -> None:
    mail = write("De oven staat stil.\nAl een uur.", Subject="Oven [2]", Message_ID="<1@bakkerij>")
    mail.add_attachment(b"PK", maintype="application", subtype="zip", filename="log.zip")
    taken = take_in(mail.as_bytes())
    incident = find(services, taken.incident)
    assert (taken.state, taken.sender, taken.why) == (
        MailState.LODGED, EMAIL, "dkim=pass for bakkerij.example",
    )  # fmt: skip
    assert (incident.source, incident.urgency) == (IncidentSource.EMAIL, 2)
    assert (incident.contract, incident.contact) == ("100234", "Pieter Jansen")
    assert incident.entitlement is Entitlement.ENTITLED
    (message,) = said(services, incident)
    assert (message.words, message.door) == ("De oven staat stil.\nAl een uur.", Via.EMAIL)
    assert (message.verified, message.mail_id) == (True, "<1@bakkerij>")
    (file,) = services.call_service.calls.correspondence.find_files(incident.key)
    assert (file.name, file.size, file.contract) == ("log.zip", 2, "100234")
    assert [(m.to, m.words) for m in sent(services)] == [(EMAIL, CustomerNews.OPENED)]


def test_the_mail_itself_goes_once_it_is_stored_as_a_message(
    services: Services, take_in: TakeIn
) -> None:
    assert take_in(write().as_bytes()).file is None
    with reading(services.engine) as connection:
        assert connection.execute(files.select()).all() == []


def test_a_mail_of_nobody_proven_is_an_unverified_incident_and_answered(
    services: Services, take_in: TakeIn
) -> None:
    taken = take_in(write(proven=False).as_bytes())
    incident = find(services, taken.incident)
    assert (incident.contract, incident.entitlement) == (None, Entitlement.UNVERIFIED)
    (message,) = said(services, incident)
    assert (message.by, message.verified) == (EMAIL, False)
    assert [(m.to, m.words) for m in sent(services)] == [(EMAIL, CustomerNews.RECEIVED)]


def test_a_proven_address_of_no_contact_is_unverified(services: Services, take_in: TakeIn) -> None:
    incident = opened(services, take_in, sender=STRANGER)
    assert incident.contract is None
    assert incident.entitlement is Entitlement.UNVERIFIED


def test_a_mail_about_level_1_wakes_nobody(services: Services, take_in: TakeIn) -> None:
    for number, sender in enumerate((EMAIL, STRANGER)):
        incident = opened(services, take_in, sender=sender, Subject=f"[1] stil {number}")
        assert incident.urgency == 1
        assert not incident.rings
        assert incident.pages == ()
        assert not incident.escalation.phase.seeking


def test_a_contract_may_say_that_a_mail_about_level_1_rings_people(
    services: Services, take_in: TakeIn, clock: Clock
) -> None:
    pages = replace(BAKERY, email_level_1=EmailLevel1.PAGE)
    apply_line(services.engine, LINE, [pages, FLORIST], clock())
    assert opened(services, take_in, Subject="[1] stil").escalation.phase.seeking
    unproven = find(services, take_in(write(proven=False, Subject="[1]").as_bytes()).incident)
    assert not unproven.escalation.phase.seeking
    assert not unproven.rings


def test_the_same_mail_by_two_doors_is_one(services: Services, take_in: TakeIn) -> None:
    mail = write(Message_ID="<1@bakkerij.example>").as_bytes()
    first = take_in(mail)
    assert take_in(mail).id == first.id
    other = take_in(b"Received: from elsewhere\n" + mail)
    assert (other.state, other.incident) == (MailState.DUPLICATE, first.incident)
    assert len(said(services, find(services, first.incident))) == 1


def test_a_copy_without_message_id_is_known_and_another_mail_is_not(take_in: TakeIn) -> None:
    first = take_in(write().as_bytes())
    copy = take_in(b"Received: from elsewhere\n" + write().as_bytes())
    assert copy.state is MailState.DUPLICATE
    assert take_in(write("Iets anders.").as_bytes()).incident != first.incident


def test_a_message_id_that_is_used_again_loses_no_mail(take_in: TakeIn) -> None:
    first = take_in(write("Een", Message_ID="<same@x>").as_bytes())
    second = take_in(write("Twee", Message_ID="<same@x>").as_bytes())
    assert second.state is MailState.LODGED
    assert second.incident != first.incident


# Replies.


def test_a_reply_to_the_signed_address_is_a_message_of_the_incident(
    services: Services, take_in: TakeIn, clock: Clock
) -> None:
    incident = opened(services, take_in)
    services.call_service.happen(
        events.WaitsForCustomer(incident.key, "sanne", Via.CONSOLE, "Welke oven?", "n1")
    )
    reply = write("De linker.\n\n> Welke oven?", To=f"Lijn <{tagged(services, incident.number)}>")
    taken = take_in(reply.as_bytes())
    after = find(services, incident.key)
    assert (taken.state, taken.incident) == (MailState.THREADED, incident.key)
    assert said(services, after)[-1].words == "De linker.\n\n> Welke oven?"
    assert said(services, after)[-1].verified
    assert after.waiting_since is None


def test_an_unproven_reply_is_kept_and_answered_and_moves_no_clock(
    services: Services, take_in: TakeIn
) -> None:
    incident = opened(services, take_in)
    services.call_service.happen(
        events.WaitsForCustomer(incident.key, "sanne", Via.CONSOLE, "Welke oven?", "n1")
    )
    taken = take_in(write("Ik.", proven=False, To=tagged(services, incident.number)).as_bytes())
    after = find(services, incident.key)
    assert (taken.state, taken.incident) == (MailState.THREADED, incident.key)
    assert not said(services, after)[-1].verified
    assert after.waiting_since is not None
    (answer,) = [m for m in sent(services) if m.words == CustomerNews.RECEIVED_REPLY]
    assert answer.to == EMAIL


def test_a_contact_of_another_contract_is_unverified_at_this_incident(
    services: Services, take_in: TakeIn
) -> None:
    incident = opened(services, take_in)
    take_in(write("Ik.", sender=FLEUR, To=tagged(services, incident.number)).as_bytes())
    assert not said(services, incident)[-1].verified


@pytest.mark.parametrize("change", [lambda tag: tag[:-1] + "a", lambda tag: "a" * len(tag)])
def test_a_guessed_tag_opens_an_incident_of_its_own(
    services: Services, take_in: TakeIn, change: Callable[[str], str]
) -> None:
    incident = opened(services, take_in)
    name, _, host = tagged(services, incident.number).rpartition("@")
    number, _, tag = name.rpartition(".")
    guess = f"{number}.{change(tag)}@{host}"
    if guess == tagged(services, incident.number):
        guess = f"{number}.{tag[:-1]}b@{host}"
    taken = take_in(write("Ik ben het.", sender=FLEUR, To=guess).as_bytes())
    assert taken.state is MailState.LODGED
    assert taken.incident != incident.key


def test_the_tag_of_one_incident_is_none_of_another(services: Services, take_in: TakeIn) -> None:
    ours, theirs = opened(services, take_in), opened(services, take_in, sender=FLEUR)
    tag = tagged(services, ours.number).replace(str(ours.number), str(theirs.number), 1)
    assert take_in(write("Ik.", To=tag).as_bytes()).incident not in (ours.key, theirs.key)


def test_a_proven_contact_threads_by_reference_and_nobody_else_does(
    services: Services, take_in: TakeIn
) -> None:
    incident = opened(services, take_in, Message_ID="<first@bakkerij>")
    ours = message_id(services.settings.secret_key, MAILBOX, "a message", incident.number)
    for place, header in enumerate(({"In_Reply_To": ours}, {"References": "<first@bakkerij>"})):
        reply = write(f"Nog iets {place}", **header)
        assert take_in(reply.as_bytes()).incident == incident.key
        other = write(f"Iets anders {place}", sender=FLEUR, **header)
        assert take_in(other.as_bytes()).incident != incident.key
        unproven = write(f"Nog meer {place}", proven=False, **header)
        assert take_in(unproven.as_bytes()).incident != incident.key


def test_a_mail_about_a_merged_incident_is_about_the_one_it_was_merged_into(
    services: Services, take_in: TakeIn
) -> None:
    first, second = opened(services, take_in), opened(services, take_in, words="Weer de oven")
    services.call_service.happen(
        events.Merged(second.key, first.key, "sanne", Via.CONSOLE, "the same oven")
    )
    reply = write("Nog iets", To=tagged(services, second.number))
    assert take_in(reply.as_bytes()).incident == first.key


def test_a_stranger_whose_report_was_merged_is_answered_under_its_own_number(
    services: Services, take_in: TakeIn
) -> None:
    ours, theirs = opened(services, take_in), opened(services, take_in, sender=STRANGER)
    services.call_service.happen(
        events.Merged(theirs.key, ours.key, "sanne", Via.CONSOLE, "the same oven")
    )
    reply = write("Nog iets", STRANGER, To=tagged(services, theirs.number))
    assert take_in(reply.as_bytes()).incident == ours.key
    told = [(m.incident, m.words) for m in sent(services) if m.to == STRANGER]
    assert told == [
        (theirs.key, CustomerNews.RECEIVED), (theirs.key, CustomerNews.RECEIVED_REPLY),
    ]  # fmt: skip


def test_an_engineer_answers_the_mail_of_a_page(
    services: Services, take_in: TakeIn, clock: Clock
) -> None:
    sanne = replace(LINE.engineers[0], email="sanne@example.org")
    apply_line(
        services.engine, replace(LINE, engineers=(sanne, *LINE.engineers[1:])), [BAKERY], clock()
    )
    incident = opened(services, take_in)
    secret = services.settings.secret_key
    to = engineer_address(secret, MAILBOX, incident.number, "sanne")
    words = "De monteur komt om drie uur.\n\n> Incident"
    taken = take_in(write(words, sender="sanne@example.org", To=to).as_bytes())
    assert (taken.state, taken.incident) == (MailState.FOLLOWED, incident.key)
    assert sent(services, "sanne")[0].to == "sanne@example.org"
    other = take_in(write("OK", sender=STRANGER, To=to).as_bytes())
    assert (other.state, other.incident) == (MailState.REFUSED, incident.key)


# Mails of programs.


def test_an_absent_person_is_not_answered_and_nothing_moves(
    services: Services, take_in: TakeIn, mails: ReceivedMails
) -> None:
    incident = opened(services, take_in)
    before = len(sent(services))
    away = write("Ik ben er niet.", To=tagged(services, incident.number))
    away["Auto-Submitted"] = "auto-replied"
    taken = take_in(away.as_bytes())
    assert (taken.state, taken.why) == (MailState.AUTOMATIC, "Auto-Submitted")
    assert taken.file is not None
    assert len(said(services, incident)) == 1
    assert len(sent(services)) == before


def test_our_own_mail_that_comes_back_is_not_answered(take_in: TakeIn) -> None:
    assert take_in(write(sender=MAILBOX).as_bytes()).state is MailState.AUTOMATIC


def test_a_naive_answering_program_gets_few_answers(services: Services, take_in: TakeIn) -> None:
    for place in range(limits.ANSWERS_PER_HOUR + 3):
        assert take_in(write(f"antwoord {place}", sender=STRANGER).as_bytes()).incident
    assert len(sent(services)) == limits.ANSWERS_PER_HOUR


def test_a_flood_of_one_sender_waits_for_people(
    services: Services, take_in: TakeIn, clock: Clock
) -> None:
    for place in range(limits.INCIDENTS_PER_HOUR):
        take_in(write(f"mail {place}", sender=STRANGER).as_bytes())
    held = take_in(write("een te veel", sender=STRANGER).as_bytes())
    assert (held.state, held.incident) == (MailState.HELD, None)
    assert held.file is not None
    assert take_in(write("van een ander").as_bytes()).state is MailState.LODGED
    clock.tick(3601)
    assert take_in(write("later", sender=STRANGER).as_bytes()).state is MailState.LODGED


def test_mails_in_the_name_of_a_contact_do_not_count_against_them(take_in: TakeIn) -> None:
    for place in range(limits.INCIDENTS_PER_HOUR):
        take_in(write(f"mail {place}", proven=False).as_bytes())
    assert take_in(write("nog een", proven=False).as_bytes()).state is MailState.HELD
    assert take_in(write("van mij").as_bytes()).state is MailState.LODGED


def test_a_flood_of_many_senders_who_are_not_proven_waits_for_people(
    take_in: TakeIn, mails: ReceivedMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNVERIFIED_INCIDENTS", 4)
    for place in range(4):
        sender = f"w{place}@elders.example"
        assert take_in(write(f"mail {place}", sender).as_bytes()).state is MailState.LODGED
    held = take_in(write("een te veel", "w4@elders.example").as_bytes())
    assert (held.state, held.file is None) == (MailState.HELD, False)
    assert take_in(write("van een klant").as_bytes()).state is MailState.LODGED


def test_unproven_messages_about_an_incident_wait_for_people_beyond_some_an_hour(
    services: Services, take_in: TakeIn, clock: Clock
) -> None:
    incident, other = opened(services, take_in), opened(services, take_in, words="Iets anders")
    to = tagged(services, incident.number)
    for place in range(limits.UNVERIFIED_MESSAGES):
        reply = write(f"mail {place}", f"w{place}@elders.example", To=to)
        assert take_in(reply.as_bytes()).state is MailState.THREADED
    held = take_in(write("een te veel", STRANGER, To=to).as_bytes())
    assert (held.state, held.incident) == (MailState.HELD, incident.key)
    assert len(said(services, incident)) == limits.UNVERIFIED_MESSAGES + 1
    assert take_in(write("van de klant", To=to).as_bytes()).state is MailState.THREADED
    elsewhere = write("ergens anders", STRANGER, To=tagged(services, other.number))
    assert take_in(elsewhere.as_bytes()).state is MailState.THREADED
    assert MailIntake(services).read_again(held.id)
    assert MailIntake(services).read_next()
    assert len(said(services, incident)) == limits.UNVERIFIED_MESSAGES + 3


def test_beyond_the_budget_only_the_head_of_an_unproven_mail_is_kept(
    services: Services, take_in: TakeIn, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BUDGET", 300_000)
    book = services.call_service.calls.correspondence

    def attach(place: int, sender: str = STRANGER) -> list[tuple[str, int]]:
        mail = write(f"mail {place}", sender)
        mail.add_attachment(b"x" * 150_000, maintype="a", subtype="b", filename="log.zip")
        taken = take_in(mail.as_bytes())
        assert taken.state is MailState.LODGED
        return [(file.name, file.size) for file in book.find_files(taken.incident or "")]

    assert attach(1) == [("log.zip", 150_000)]
    assert attach(2) == [("mail.eml", limits.HEAD)]
    assert attach(3, EMAIL) == [("log.zip", 150_000)]
    program = b"Auto-Submitted: auto-generated\n" + write("y" * 150_000, STRANGER).as_bytes()
    taken = take_in(program)
    head = b"".join(book.read_file(taken.file or ""))
    assert (taken.state, head) == (MailState.AUTOMATIC, program[: limits.HEAD])
    with reading(services.engine) as connection:
        assert len(connection.execute(files.select()).all()) == 4
    clock.tick(24 * 3600)
    assert attach(4) == [("log.zip", 150_000)]


BOUNCE = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org
To: line@example.org
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r

It did not arrive.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; pieter@bakkerij.example
Action: failed
Status: 5.1.1
--r
Content-Type: text/rfc822-headers

Message-ID: {mail_id}

--r--
"""


def test_a_bounce_marks_the_mail_that_did_not_arrive(services: Services, take_in: TakeIn) -> None:
    incident = opened(services, take_in)
    (message,) = sent(services)
    mail_id = message_id(services.settings.secret_key, MAILBOX, message.id, incident.number)
    taken = take_in(BOUNCE.format(mail_id=mail_id).encode())
    assert (taken.state, taken.incident) == (MailState.BOUNCE, incident.key)
    after, text = sorted(sent(services), key=lambda one: one.channel)
    assert (after.result, after.reason) == (PageResult.UNDELIVERED, "the mail came back: 5.1.1")
    assert (text.channel, text.words, text.result) == (Channel.SMS, after.words, None)


def test_a_forged_bounce_marks_nothing(services: Services, take_in: TakeIn) -> None:
    incident = opened(services, take_in)
    taken = take_in(BOUNCE.format(mail_id=f"<{incident.number}.aa.bb@example.org>").encode())
    assert (taken.state, taken.incident) == (MailState.BOUNCE, None)
    assert sent(services)[0].result is None


# What cannot be read, and what is too large.


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 100, b"Subject: x\n\nwie?", b"\n\nx"])
def test_a_mail_of_nobody_is_kept_and_shown(
    services: Services, take_in: TakeIn, mails: ReceivedMails, data: bytes
) -> None:
    taken = take_in(data)
    assert taken.state is MailState.UNREADABLE
    assert b"".join(services.call_service.calls.correspondence.read_file(taken.file or "")) == data
    assert mails.page([MailState.UNREADABLE]) == [taken]


def test_a_bomb_is_an_incident_with_the_mail_itself(services: Services, take_in: TakeIn) -> None:
    bomb = b"From: x@elders.example\nSubject: bom\nContent-Type: multipart/mixed; boundary=a\n\n"
    taken = take_in(bomb + b"--a\n\nx\n" * 5000)
    (file,) = services.call_service.calls.correspondence.find_files(taken.incident or "")
    assert (file.name, file.size) == ("mail.eml", taken.size)


def test_a_long_text_is_a_file_too(services: Services, take_in: TakeIn) -> None:
    taken = take_in(write("lang " * 10_000).as_bytes())
    (message,) = said(services, find(services, taken.incident))
    assert len(message.words) < intake.LONGEST_WORDS + 10
    assert len(message.files) == 1


def test_a_mail_that_fails_again_and_again_is_left_to_people(
    services: Services, mails: ReceivedMails, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(data: bytes) -> None:
        raise RuntimeError("what nobody thought of")

    monkeypatch.setattr(intake, "read_mail", fail)
    reader = MailIntake(services)
    known = reader.store([write().as_bytes()], "mailbox")
    for _ in range(intake.MOST_ATTEMPTS - 1):
        with pytest.raises(RuntimeError):
            reader.read_next()
        clock.tick(60)
    assert reader.read_next()
    found = mails.find(known)
    assert found is not None
    assert (found.state, found.why) == (
        MailState.UNREADABLE, "the line could not handle it (RuntimeError)",
    )  # fmt: skip


def test_two_readers_share_the_mails(services: Services, clock: Clock) -> None:
    first, second = MailIntake(services), MailIntake(services)
    for place in range(4):
        first.store([write(f"mail {place}").as_bytes()], "mailbox")
    assert [one.read_next() for one in itertools.islice(itertools.cycle((first, second)), 5)] == [
        True, True, True, True, False,
    ]  # fmt: skip


def test_a_crash_after_the_event_makes_nothing_twice(
    services: Services, mails: ReceivedMails, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = MailIntake(services)
    mail = write(proven=False)
    mail.add_attachment(b"PK", maintype="application", subtype="zip", filename="log.zip")
    known = reader.store([mail.as_bytes()], "mailbox")
    with monkeypatch.context() as crash:
        crash.setattr(ReceivedMails, "settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            reader.read_next()
    assert not reader.read_next()
    clock.tick(121)  # the lease ends
    assert reader.read_next()
    found = mails.find(known)
    assert found is not None and found.state is MailState.LODGED
    assert len(said(services, find(services, found.incident))) == 1
    assert len(services.call_service.calls.correspondence.find_files(found.incident or "")) == 1
    assert len(sent(services)) == 1


@pytest.mark.parametrize(
    ("subject", "words", "level"),
    [
        ("Oven", "", 3),
        ("[1] Oven", "", 1),
        ("Oven [ 2 ]", "", 2),
        ("[niveau 2] Oven", "", 2),
        ("[P1] Oven", "", 1),
        ("Oven niveau 4", "", 4),
        ("Level: 2 oven", "", 2),
        ("Oven [12]", "", 3),
        ("Re: [1042] oven", "", 3),
        ("Niveau 10", "", 3),
        ("1 oven", "", 3),
        ("Oven", "Naam: Pieter\nNiveau: 1 (bedrijf staat stil)\nTekst", 1),
        ("Oven", "Level = 2", 2),
        ("Oven", "het niveau: 2 van drie", 3),
        ("Oven [4]", "Niveau: 1", 4),
    ],
)
def test_the_level_is_what_the_subject_or_a_line_of_the_form_says(
    subject: str, words: str, level: int
) -> None:
    assert read_level(subject, words) == level


def test_a_contact_of_two_contracts_names_one(
    services: Services, take_in: TakeIn, clock: Clock
) -> None:
    pieter = FLORIST.contacts[0]
    both = replace(FLORIST, contacts=(replace(pieter, email=EMAIL),))
    apply_line(services.engine, LINE, [BAKERY, both], clock())
    assert opened(services, take_in, words="zomaar").contract is None
    assert opened(services, take_in, words="voor 100300").contract == "100300"
    assert opened(services, take_in, words="y", Subject="100234: oven").contract == "100234"


def test_of_two_contracts_the_valid_one_is_not_guessed(
    services: Services, take_in: TakeIn, clock: Clock
) -> None:
    expired = replace(BAKERY, valid_until=clock().date() - dt.timedelta(days=1))
    both = replace(FLORIST, contacts=(*FLORIST.contacts, BAKERY.contacts[0]))
    apply_line(services.engine, LINE, [expired, both], clock())
    assert opened(services, take_in).contract is None


def test_a_closed_incident_keeps_the_mail_and_stays_closed(
    services: Services, take_in: TakeIn
) -> None:
    incident = opened(services, take_in)
    for event in (events.Responded, events.Closed):
        services.call_service.happen(event(incident.key, "sanne", Via.CONSOLE))
    take_in(write("Toch nog iets.", To=tagged(services, incident.number)).as_bytes())
    assert find(services, incident.key).state is IncidentState.CLOSED
    assert said(services, incident)[-1].words == "Toch nog iets."


def test_a_mail_with_nothing_but_a_subject_is_a_message(
    services: Services, take_in: TakeIn
) -> None:
    incident = opened(services, take_in, words="", Subject="Oven stil")
    assert said(services, incident)[0].words == "Oven stil"
