"""One incident told to its customer from opening to close: four mails in one thread, or texts."""

from __future__ import annotations

import json

import pytest

from routing import events
from routing.call import Entitlement, Identity
from routing.call_service import lodge
from routing.incident import IncidentSource, IncidentState
from routing.message import Via
from service import mail_threads
from store.log.timeline import StepKind, read_incident_timeline
from tests.mail_server import LOGIN, Postbox, mail_server, make_certificate
from tests.stories.conftest import PAPER
from tests.stories.stage import CONTRACT, PIETER, Stage, on_stage
from tests.stories.test_signature import texts_to

MAIL = "pieter@example.org"
WITH_MAIL = PAPER.replace("language: nl}", f"language: nl, email: {MAIL}}}", 1)
ENGLISH = WITH_MAIL.replace("language: nl", "language: en", 1)
KEY = "ab" * 16


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
        "MAIL_FROM": "Prioriteitslijn <line@example.org>",
    }

    class MailedStage(Stage):
        more = settings
        mails = postbox.mails

    with on_stage(tmp_path, paper, MailedStage) as stage:
        yield stage


def lives_through(stage):
    """A matter from the portal, asked about, answered both ways, and closed; gives its number."""
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
    number = lodge(stage.desk, matter).incident.number
    stage.settle()
    for event in (
        events.AnsweredCustomer(KEY, "1" * 32, "sanne", Via.CONSOLE, "Welke versie?", asks=True),
        events.CustomerWrote(KEY, "2" * 32, "Pieter", Via.EMAIL, "12.1", mail_id="<12@bakkerij>"),
        events.AnsweredCustomer(KEY, "3" * 32, "sanne", Via.CONSOLE, "Werk bij.", responds=True),
        events.Closed(KEY, "sanne", Via.CONSOLE),
    ):
        stage.advance(60)
        stage.desk.happen(event)
        stage.settle()
    assert stage.desk.calls.find_by_incident(KEY).incident.state is IncidentState.CLOSED
    return number


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def told(stage, number):
    """What the timeline shows of the news for the customer."""
    steps = read_incident_timeline(stage.services.engine, number).steps
    news = [step for step in steps if step.event == StepKind.NOTIFICATION]
    return [(s.reason, s.channel, s.result, s.to) for s in news if s.engineer == "contact"]


def test_four_mails_are_one_thread(stage):
    number = lives_through(stage)
    assert [mail["To"] for mail in stage.mails] == [MAIL] * 4
    assert {mail["Subject"] for mail in stage.mails} == {f"Melding {number}: Kassa hapert"}
    ids = [mail["Message-ID"] for mail in stage.mails]
    secret = stage.settings.secret_key
    assert mail_threads.read_message_ids(secret, "line@example.org", ids[:1]) == number
    (start,) = {mail["References"].split()[0] for mail in stage.mails[:2]}
    assert all(start in mail["References"].split() for mail in stage.mails)
    assert [mail["In-Reply-To"] for mail in stage.mails] == [start] * 2 + ["<12@bakkerij>"] * 2
    words = [text_of(mail) for mail in stage.mails]
    assert "Welke versie?" in words[1]
    assert "Werk bij." in words[2]
    assert all(f"/portal/incidents/{number}" in text for text in words)
    assert texts_to(stage, PIETER) == []
    assert told(stage, number) == [
        (f"customer_{news}", "email", "sent", None)
        for news in ("opened", "asked", "answered", "closed")
    ]


def test_an_export_shows_what_the_customer_was_told(stage):
    number = lives_through(stage)
    command = ["export", "Pieter Jansen", "--contract", CONTRACT]
    held = json.loads(stage.app.test_cli_runner().invoke(args=command).stdout)
    steps = held["timeline"][str(number)]
    news = [step for step in steps if step["event"] == StepKind.NOTIFICATION]
    assert ("customer_closed", "sent") in [(step["reason"], step["result"]) for step in news]


@pytest.mark.parametrize("paper", [ENGLISH])
def test_a_contact_who_speaks_english_reads_english(stage):
    lives_through(stage)
    assert ["Dear Pieter Jansen," in text_of(mail) for mail in stage.mails] == [True] * 4


@pytest.mark.parametrize("paper", [PAPER])
def test_a_contact_with_a_telephone_only_gets_texts_without_words(stage):
    stage.advance(6 * 3600)  # it is day: a text that can wait does
    number = lives_through(stage)
    begins = f"Melding {number}, niveau 2, Bakkerij Jansen BV"
    texts = texts_to(stage, PIETER)
    assert len(texts) == 4
    assert all(text.startswith(begins) for text in texts)
    assert all(f"/portal/incidents/{number}" in text for text in texts)
    for hidden in ("Pieter", "versie", "Werk bij", "Kassa", "Sanne"):
        assert not any(hidden in text for text in texts)
    assert stage.mails == []
    assert [channel for _, channel, _, _ in told(stage, number)] == ["sms"] * 4
