"""One incident told to its customer from opening to close: four mails in one thread, or texts."""

from __future__ import annotations

import json
from email.message import EmailMessage

import pytest

from routing import events
from routing.call import Entitlement, Identity
from routing.call_service import lodge
from routing.incident import IncidentSource, IncidentState
from routing.message import Via
from service import mail_threads
from service.mail_in.intake import MailIntake
from store.log.received_mails import ReceivedMails
from store.log.timeline import StepKind, read_incident_timeline
from tests.mail_server import LOGIN, Postbox, mail_server, make_certificate
from tests.stories.conftest import PAPER
from tests.stories.stage import CONTRACT, PIETER, Stage, on_stage
from tests.stories.test_signature import texts_to

MAIL = "pieter@example.org"
WITH_MAIL = PAPER.replace("language: nl}", f"language: nl, email: {MAIL}}}", 1)
ENGLISH = WITH_MAIL.replace("language: nl", "language: en", 1)
KEY = "ab" * 16
MAILBOX, SERVER = "line@example.org", "mx.example.org"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A mail server as providers have it: TLS first, then a login."""
    certificate = make_certificate(tmp_path_factory.mktemp("tls"), "localhost")
    postbox = Postbox()
    with mail_server(postbox, certificate, require_starttls=True, auth_required=True) as port:
        yield postbox, port, certificate


@pytest.fixture
def paper():
    return WITH_MAIL


@pytest.fixture
def stage(tmp_path, paper, server, monkeypatch):
    postbox, port, certificate = server
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    postbox.mails.clear()

    settings = {
        "MAIL_URL": f"smtp://{LOGIN}@localhost:{port}",
        "MAIL_FROM": f"Prioriteitslijn <{MAILBOX}>",
        "MAIL_FORM_KEY": "a key of the story",
        "MAILBOX_TRUSTS": SERVER,
    }

    class MailedStage(Stage):
        more = settings
        mails = postbox.mails

    with on_stage(tmp_path, paper, MailedStage) as stage:
        yield stage


def lodges(stage):
    """The customer lodges a matter in the portal; gives its key."""
    identity = Identity(
        contract=CONTRACT,
        customer="Bakkerij Jansen BV",
        contact="Pieter Jansen",
        plan="msa_plus",
        phone=PIETER,
    )
    matter = events.Lodged(
        key=KEY,
        line="main",
        source=IncidentSource.PORTAL,
        urgency=2,
        language="nl",
        entitlement=Entitlement.ENTITLED,
        identity=identity,
        words="De kassa hapert.",
        subject="Kassa hapert",
    )
    lodge(stage.desk, matter)
    stage.settle()
    return KEY


def mails_in(stage, words, **headers):
    """The customer sends a mail, and the server in front of ours says that it is theirs."""
    mail = EmailMessage()
    mail["Authentication-Results"] = f"{SERVER}; dkim=pass header.d=example.org"
    for name, value in ({"From": MAIL, "To": MAILBOX} | headers).items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    intake = MailIntake(stage.services)
    known = intake.store([mail.as_bytes()], "mailbox")
    assert intake.read_next()
    stage.settle()
    return ReceivedMails(stage.services.engine).find(known).incident


def answers(stage, words):
    """The customer answers our latest mail, as their program does."""
    ours = stage.mails[-1]
    return mails_in(
        stage,
        f"{words}\n\nOp maandag schreef Prioriteitslijn:\n> Welke versie?\n",
        To=str(ours["Reply-To"]),
        Subject=f"Re: {ours['Subject']}",
        Message_ID="<12@bakkerij.example>",
        In_Reply_To=ours["Message-ID"],
        References=f"{ours['References']} {ours['Message-ID']}",
    )


def writes_in_portal(stage, words):
    stage.desk.happen(events.CustomerWrote(KEY, "2" * 32, "Pieter Jansen", Via.PORTAL, words))
    stage.settle()


def goes_on(stage, key, reply):
    """It is asked about, answered both ways, and closed; gives its number."""

    def happens(kind, *about, **more):
        stage.advance(60)
        stage.desk.happen(kind(key, *about, **more))
        stage.settle()

    happens(events.AnsweredCustomer, "1" * 32, "sanne", Via.CONSOLE, "Welke versie?", asks=True)
    stage.advance(60)
    reply(stage, "12.1")
    incident = stage.desk.calls.find_by_incident(key).incident
    assert incident.waiting_since is None
    happens(events.AnsweredCustomer, "3" * 32, "sanne", Via.CONSOLE, "Werk bij.", responds=True)
    happens(events.Closed, "sanne", Via.CONSOLE)
    incident = stage.desk.calls.find_by_incident(key).incident
    assert incident.state is IncidentState.CLOSED
    written = stage.desk.calls.correspondence.find_messages(key)
    assert [one.verified for one in written] == [True] * len(written)
    return incident.number


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def told(stage, number):
    """What the timeline shows of the news for the customer."""
    steps = read_incident_timeline(stage.services.engine, number).steps
    news = [step for step in steps if step.event == StepKind.NOTIFICATION]
    return [(s.reason, s.channel, s.result, s.to) for s in news if s.engineer == "contact"]


def test_four_mails_are_one_thread(stage):
    number = goes_on(stage, lodges(stage), answers)
    assert [mail["To"] for mail in stage.mails] == [MAIL] * 4
    assert {mail["Subject"] for mail in stage.mails} == {f"Melding {number}: Kassa hapert"}
    ids = [mail["Message-ID"] for mail in stage.mails]
    secret = stage.settings.secret_key
    assert mail_threads.read_message_ids(secret, MAILBOX, ids[:1]) == number
    (start,) = {mail["References"].split()[0] for mail in stage.mails[:2]}
    assert all(start in mail["References"].split() for mail in stage.mails)
    assert [mail["In-Reply-To"] for mail in stage.mails] == [start] * 2 + [
        "<12@bakkerij.example>"
    ] * 2
    words = [text_of(mail) for mail in stage.mails]
    assert "Welke versie?" in words[1]
    assert "Werk bij." in words[2]
    assert all(f"/portal/incidents/{number}" in text for text in words)
    assert texts_to(stage, PIETER) == []
    assert told(stage, number) == [
        (f"customer_{news}", "email", "sent", None)
        for news in ("opened", "asked", "answered", "closed")
    ]


def test_a_mail_of_the_customer_begins_the_thread(stage):
    first = "<1@bakkerij.example>"
    key = mails_in(stage, "De kassa hapert.", Subject="Kassa [2]", Message_ID=first)
    number = goes_on(stage, key, answers)
    assert {mail["Subject"] for mail in stage.mails} == {"Re: Kassa [2]"}
    assert len(stage.mails) == 4
    assert [mail["In-Reply-To"] for mail in stage.mails[:2]] == [first] * 2
    assert all(first in mail["References"].split() for mail in stage.mails)
    incident = stage.desk.calls.find_by_number(number).incident
    assert (incident.source, incident.urgency, incident.contract) == ("email", 2, CONTRACT)


def test_a_stranger_reads_a_number_and_no_name(stage):
    stranger = "iemand@else.example"
    key = mails_in(stage, "Alles ligt stil!", From=stranger, Subject="Help")
    (mail,) = stage.mails
    incident = stage.desk.calls.find_by_incident(key).incident
    assert (mail["To"], mail["Auto-Submitted"]) == (stranger, "auto-replied")
    assert f"onder nummer {incident.number}" in text_of(mail)
    assert "+31 20 123 4567" in text_of(mail)


def test_an_export_shows_what_the_customer_was_told(stage):
    number = goes_on(stage, lodges(stage), answers)
    command = ["export", "Pieter Jansen", "--contract", CONTRACT]
    held = json.loads(stage.app.test_cli_runner().invoke(args=command).stdout)
    steps = held["timeline"][str(number)]
    news = [step for step in steps if step["event"] == StepKind.NOTIFICATION]
    assert ("customer_closed", "sent") in [(step["reason"], step["result"]) for step in news]


@pytest.mark.parametrize("paper", [ENGLISH])
def test_a_contact_who_speaks_english_reads_english(stage):
    goes_on(stage, lodges(stage), answers)
    assert ["Dear Pieter Jansen," in text_of(mail) for mail in stage.mails] == [True] * 4


@pytest.mark.parametrize("paper", [PAPER])
def test_a_contact_with_a_telephone_only_gets_texts_without_words(stage):
    stage.advance(6 * 3600)  # it is day: a text that can wait does
    number = goes_on(stage, lodges(stage), writes_in_portal)
    begins = f"Melding {number}, niveau 2, Bakkerij Jansen BV"
    texts = texts_to(stage, PIETER)
    assert len(texts) == 4
    assert all(text.startswith(begins) for text in texts)
    assert all(f"/portal/incidents/{number}" in text for text in texts)
    for hidden in ("Pieter", "versie", "Werk bij", "Kassa", "Sanne"):
        assert not any(hidden in text for text in texts)
    assert stage.mails == []
    assert [channel for _, channel, _, _ in told(stage, number)] == ["sms"] * 4
