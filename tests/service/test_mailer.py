"""Mails through a real mail server: TLS that is verified, a login, and what its codes mean."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from carrier.outbound import BREAKERS, MAX_LATE, RestingError
from service.channels.email import Mail, MailDeferredError, Mailer, MailRefusedError, is_local
from service.channels.letter import Letter
from tests.mail_server import LOGIN, PASSWORD, Postbox, mail_server, make_certificate
from tests.slow_services import endless_welcome, slow

LETTER = Letter("nl", "Incident 1001", ("Eén melding van niveau 1.",))
MAIL = Mail("sanne@example.org", LETTER, "<page-1@example.org>")
ELSEWHERE = "0.0.0.0"  # noqa: S104
"""Leads to this machine and is, by its looks, not this machine."""

FROM = "Priority Line <line@example.org>"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"), "localhost", "127.0.0.1", ELSEWHERE)


@pytest.fixture
def trusted(certificate, monkeypatch):
    """The certificate, which this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    return certificate


@pytest.fixture
def postbox():
    return Postbox()


def mailer(port, scheme="smtp", login=f"{LOGIN}@", host="localhost"):
    return Mailer(f"{scheme}://{login}{host}:{port}", FROM)


def test_a_mail_goes_over_starttls_with_a_login_as_providers_want_it(trusted, postbox):
    with mail_server(postbox, trusted, require_starttls=True, auth_required=True) as port:
        mailer(port).send(MAIL)
    assert postbox.encrypted == [True]
    assert postbox.passwords == [(PASSWORD.encode(), True)]
    (mail,) = postbox.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (FROM, MAIL.to, LETTER.subject)
    assert mail.get_body(("plain",)).get_content().strip() == LETTER.paragraphs[0]
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # it overlooks the TLS of the first byte
def test_a_mail_goes_over_smtps(trusted, postbox):
    own = {"smtps": True, "auth_required": True, "auth_require_tls": False}
    with mail_server(postbox, trusted, **own) as port:
        mailer(port, "smtps").send(MAIL)
    assert [mail["Subject"] for mail in postbox.mails] == [LETTER.subject]


def test_a_mail_has_a_date_and_an_id_that_stays_when_it_is_sent_again(trusted, postbox):
    with mail_server(postbox, trusted) as port:
        mailer(port).send(MAIL)
        mailer(port).send(MAIL)
        mailer(port).send(Mail(MAIL.to, LETTER, "<page-2@example.org>"))
    first, again, other = postbox.mails
    assert abs(parsedate_to_datetime(first["Date"]) - datetime.now(UTC)) < timedelta(hours=1)
    ids = [mail["Message-ID"] for mail in (first, again, other)]
    assert ids == [MAIL.id, MAIL.id, "<page-2@example.org>"]


@pytest.mark.parametrize("smtps", [False, True])
def test_nothing_is_sent_to_a_server_whose_certificate_does_not_hold(certificate, postbox, smtps):
    scheme = "smtps" if smtps else "smtp"
    doubted = pytest.raises(MailDeferredError, match="certificate")
    with mail_server(postbox, certificate, smtps=smtps) as port, doubted:
        mailer(port, scheme).send(MAIL)
    assert (postbox.mails, postbox.passwords) == ([], [])


def test_nothing_is_sent_to_a_server_whose_certificate_is_of_another_name(
    tmp_path, monkeypatch, postbox
):
    other = make_certificate(tmp_path, "mail.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    doubted = pytest.raises(MailDeferredError, match="certificate")
    with mail_server(postbox, other) as port, doubted:
        mailer(port).send(MAIL)
    assert (postbox.mails, postbox.passwords) == ([], [])


def test_no_password_goes_to_another_machine_without_tls(postbox):
    with mail_server(postbox, auth_require_tls=False) as port:
        with pytest.raises(MailDeferredError, match="STARTTLS"):
            mailer(port, host=ELSEWHERE).send(MAIL)
        assert (postbox.mails, postbox.passwords) == ([], [])
        mailer(port).send(MAIL)  # what is sent to this machine never leaves it
        mailer(port, login="", host=ELSEWHERE).send(MAIL)  # there is nothing to steal
    assert postbox.passwords == [(PASSWORD.encode(), False)]
    assert len(postbox.mails) == 2


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        (ELSEWHERE, False),
        ("10.0.0.1", False),
        ("localhost.example.org", False),
    ],
)
def test_what_is_local(host, local):
    assert is_local(host) is local


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("550 5.1.1 <sanne@example.org> is unknown", "550 5.1.1"),
        ("554 no", "554"),
    ],
)
def test_a_refusal_for_good_keeps_its_code_and_none_of_the_servers_words(
    trusted, postbox, answer, reason
):
    with mail_server(postbox, trusted) as port:
        postbox.to_recipient = answer
        with pytest.raises(MailRefusedError) as refused:
            mailer(port).send(MAIL)
        assert refused.value.reason == reason
        postbox.to_recipient, postbox.to_data = "250 OK", answer
        with pytest.raises(MailRefusedError) as refused:
            mailer(port).send(MAIL)
        assert refused.value.reason == reason


@pytest.mark.parametrize("answer", ["451 4.7.1 greylisted", "421 closing", "452 full"])
def test_a_refusal_for_now_is_not_final(trusted, postbox, answer):
    with mail_server(postbox, trusted) as port:
        postbox.to_recipient = answer
        with pytest.raises(MailDeferredError, match=answer[:3]):
            mailer(port).send(MAIL)
        postbox.to_recipient, postbox.to_data = "250 OK", answer
        with pytest.raises(MailDeferredError, match=answer[:3]):
            mailer(port).send(MAIL)


def test_a_lost_connection_is_not_final(trusted, postbox):
    postbox.breaks = True
    with mail_server(postbox, trusted) as port, pytest.raises(MailDeferredError, match="lost"):
        mailer(port).send(MAIL)


def test_a_server_that_is_away_is_not_final():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(MailDeferredError):
            mailer(nobody.getsockname()[1]).send(MAIL)


def test_a_wrong_password_is_refused_with_its_code_and_is_nowhere_in_it(trusted, postbox):
    with mail_server(postbox, trusted, auth_required=True) as port:
        wrong = mailer(port, login="line%40example.org:hunter2@")
        with pytest.raises(MailRefusedError) as refused:
            wrong.send(MAIL)
    assert refused.value.reason == "535 5.7.8"
    assert "hunter2" not in f"{wrong!r} {refused.value!r}"


def test_an_address_with_other_letters_is_spelt_as_servers_want_it(trusted, postbox):
    with mail_server(postbox, trusted, enable_SMTPUTF8=False) as port:
        mailer(port).send(Mail("sanne@bücher.example", LETTER, "<1@x>"))
        with pytest.raises(MailRefusedError, match="é"):
            mailer(port).send(Mail("josé@example.org", LETTER, "<2@x>"))
    assert [mail["To"] for mail in postbox.mails] == ["sanne@xn--bcher-kva.example"]


def test_the_probe_does_all_that_comes_before_a_mail_and_sends_none(trusted, postbox):
    with mail_server(postbox, trusted, require_starttls=True, auth_required=True) as port:
        assert mailer(port).probe() == "with TLS, logged in"
    assert postbox.passwords == [(PASSWORD.encode(), True)]
    assert (postbox.noops, postbox.mails) == (1, [])


@pytest.fixture
def in_a_hurry(monkeypatch):
    """A short deadline, and no memory of who was late."""
    monkeypatch.setattr("service.channels.email.EXCHANGE_SECONDS", 0.5)
    yield
    BREAKERS.forget()


@pytest.mark.parametrize(
    ("scheme", "pieces"), [("smtp", None), ("smtps", None), ("smtp", endless_welcome)]
)
def test_a_server_that_hangs_or_trickles_holds_nobody(in_a_hurry, scheme, pieces):
    with slow(pieces) as service:
        with pytest.raises(MailDeferredError, match="in time"):
            mailer(service.port, scheme, host="127.0.0.1").send(MAIL)
        assert service.left.acquire(timeout=10)


def test_a_server_that_was_late_too_often_is_not_asked(in_a_hurry):
    with slow() as service:
        late = mailer(service.port, host="127.0.0.1")
        for _ in range(MAX_LATE):
            with pytest.raises(MailDeferredError):
                late.send(MAIL)
        with pytest.raises(RestingError):
            late.send(MAIL)
