"""The form of a mail service: only with its key, streamed, and to the same place as the mailbox."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from ivr_app import mail_inbound
from ivr_app.application import build_app
from service.bootstrap import Services
from service.mail_in.intake import MailIntake
from store.log.received_mails import MailState, ReceivedMails
from tests.conftest import Clock
from tests.mail_in.conftest import MAIL_SETTINGS, write

KEY = MAIL_SETTINGS["mail_form_key"]
MAIL = write("Dé oven staat stil.").as_bytes()
BASIC = {"Authorization": "Basic " + base64.b64encode(f"any:{KEY}".encode()).decode()}


@pytest.fixture
def web(services: Services) -> FlaskClient:
    return build_app(services=services).test_client()


def sign(clock: Clock, key: str = KEY, age: int = 0) -> dict[str, str]:
    """The three fields that Mailgun adds."""
    said = {"timestamp": str(int(clock().timestamp()) - age), "token": "t" * 50}
    mac = hmac.new(key.encode(), (said["timestamp"] + said["token"]).encode(), hashlib.sha256)
    return said | {"signature": mac.hexdigest()}


@pytest.mark.parametrize("name", mail_inbound.MAIL_FIELDS)
@pytest.mark.parametrize("as_file", [True, False])
def test_the_mail_of_each_service_comes_whole(
    web: FlaskClient, services: Services, mails: ReceivedMails, name: str, as_file: bool
) -> None:
    content = (io.BytesIO(MAIL), "mail.eml") if as_file else MAIL.decode()
    answer = web.post(
        "/mail/inbound",
        data={"from": "x", name: content, "level": "2"},
        content_type="multipart/form-data",
        headers=BASIC,
    )
    assert answer.status_code == 200
    (mail,) = mails.page()
    assert (mail.size, mail.door, mail.level) == (len(MAIL), "form", 2)
    assert mail.id == hashlib.sha256(MAIL).hexdigest()[:32]
    assert MailIntake(services).read_next()
    (mail,) = mails.page()
    assert mail.state is MailState.LODGED
    case = services.call_service.calls.find_by_incident(mail.incident or "")
    assert case is not None and case.incident is not None
    assert case.incident.urgency == 2


@pytest.mark.parametrize(("trusts", "proven"), [(None, False), ("mx.example.org", True)])
def test_the_server_of_the_mailbox_proves_nobody_by_the_form(
    services: Services, mails: ReceivedMails, trusts: str | None, proven: bool
) -> None:
    changed = services.settings.model_copy(update={"mail_form_trusts": trusts})
    services = replace(services, settings=changed)
    web = build_app(services=services).test_client()
    web.post("/mail/inbound", data=MAIL, content_type="message/rfc822", headers=BASIC)
    assert MailIntake(services).read_next()
    case = services.call_service.calls.find_by_incident(mails.page()[0].incident or "")
    assert case is not None and case.incident is not None
    assert (case.incident.contract is not None) is proven


def test_a_mail_may_be_the_body(web: FlaskClient, mails: ReceivedMails) -> None:
    answer = web.post("/mail/inbound", data=MAIL, content_type="message/rfc822", headers=BASIC)
    assert answer.status_code == 200
    assert [mail.size for mail in mails.page()] == [len(MAIL)]


def test_a_signature_of_the_service_is_enough(
    web: FlaskClient, mails: ReceivedMails, clock: Clock
) -> None:
    form = {"body-mime": MAIL.decode(), **sign(clock)}
    answer = web.post("/mail/inbound", data=form, content_type="multipart/form-data")
    assert answer.status_code == 200
    assert len(mails.page()) == 1


def test_nobody_else_gets_a_mail_in(web: FlaskClient, mails: ReceivedMails, clock: Clock) -> None:
    wrong = {"Authorization": "Basic " + base64.b64encode(b"any:wrong").decode()}
    forms = [
        {},
        sign(clock, key="another key of the tests"),
        sign(clock, age=mail_inbound.FRESH_SECONDS + 1),
        sign(clock) | {"token": "u" * 50},
        {"timestamp": "", "token": "", "signature": sign(clock)["signature"]},
        sign(clock) | {"timestamp": "soon"},
    ]
    for form in forms:
        answer = web.post(
            "/mail/inbound",
            data=form | {"email": MAIL.decode()},
            content_type="multipart/form-data",
            headers=wrong,
        )
        assert answer.status_code == 403
    answer = web.post("/mail/inbound", data=MAIL, content_type="message/rfc822")
    assert answer.status_code == 403
    assert mails.page() == []


def test_without_a_key_there_is_no_such_page(services: Services) -> None:
    bare = services.settings.model_copy(update={"mail_form_key": None})
    web = build_app(services=replace(services, settings=bare)).test_client()
    assert web.post("/mail/inbound", data=MAIL, headers=BASIC).status_code == 404


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\n\r\n", b"--x--\r\n", b"\x00" * 300_000])
def test_a_broken_form_is_refused_and_nothing_is_stored(
    web: FlaskClient, mails: ReceivedMails, body: bytes
) -> None:
    kind = "multipart/form-data; boundary=x"
    assert web.post("/mail/inbound", data=body, content_type=kind, headers=BASIC).status_code == 400
    assert mails.page() == []


def test_a_large_mail_is_stored_and_one_beyond_measure_is_cut(
    web: FlaskClient, mails: ReceivedMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_inbound, "LARGEST", 1_000_000)
    for size in (900_000, 1_500_000):
        form = {"email": (io.BytesIO(MAIL + b"x" * size), "mail.eml"), "after": "y"}
        answer = web.post(
            "/mail/inbound", data=form, content_type="multipart/form-data", headers=BASIC
        )
        assert answer.status_code == 200
    assert sorted(mail.size for mail in mails.page()) == [900_000 + len(MAIL), 1_000_000]


def test_a_request_beyond_every_measure_is_refused(
    web: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_inbound, "MOST_BYTES", 1000)
    answer = web.post(
        "/mail/inbound", data=b"x" * 2000, content_type="message/rfc822", headers=BASIC
    )
    assert answer.status_code == 413


class Silent(io.BytesIO):
    """A long body of which nothing comes until it is let go; then it ends."""

    def __init__(self, reads: threading.Semaphore, go: threading.Event) -> None:
        super().__init__(bytes(100_000))
        self._reads, self._go = reads, go

    def read(self, size: int | None = -1) -> bytes:
        self._reads.release()
        self._go.wait(30)
        return b""

    def readinto(self, buffer: object) -> int:
        return len(self.read())


def test_of_those_who_have_proven_nothing_two_at_once_are_waited_for(
    services: Services, clock: Clock
) -> None:
    app = build_app(services=services)
    reads, go = threading.Semaphore(0), threading.Event()

    def post_slowly() -> int:
        kind = "multipart/form-data; boundary=x"
        answer = app.test_client().post(
            "/mail/inbound", input_stream=Silent(reads, go), content_type=kind
        )
        return answer.status_code

    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(post_slowly) for _ in range(2)]
        try:
            for _ in waiting:
                assert reads.acquire(timeout=30)
            form = {"email": (io.BytesIO(MAIL + b"x" * 100_000), "mail.eml"), **sign(clock)}
            kind, web = "multipart/form-data", app.test_client()
            assert web.post("/mail/inbound", data=form, content_type=kind).status_code == 503
            short = {"email": MAIL.decode(), **sign(clock)}
            assert web.post("/mail/inbound", data=short, content_type=kind).status_code == 200
            body = MAIL + b"x" * 100_000
            trusted = web.post(
                "/mail/inbound", data=body, content_type="message/rfc822", headers=BASIC
            )
            assert trusted.status_code == 200
        finally:
            go.set()
        assert [each.result() for each in waiting] == [400, 400]
    form = {"email": (io.BytesIO(MAIL + b"y" * 100_000), "mail.eml"), **sign(clock)}
    assert web.post("/mail/inbound", data=form, content_type=kind).status_code == 200
