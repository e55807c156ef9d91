"""An exchange with a service outside ends at its deadline, whatever the service sends meanwhile.

Each service here goes on for ever: without the deadline a test of this file would never end.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from carrier import outbound
from carrier.outbound import (
    BREAKERS,
    MAX_LATE,
    CircuitBreaker,
    Deadline,
    RestingError,
    bind_session,
    build_tls_context,
    connect,
    deadline_within,
    exchange,
    request,
)
from tests.slow_services import Pieces, endless_body, endless_head, endless_welcome, slow

SHORT = 0.4
WAYS = [None, endless_head, endless_body]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of a server called localhost, which vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, pkcs8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def read(url: str, **options) -> None:
    with request("somebody", SHORT, "GET", url, **options) as answer:
        _ = answer.content


@pytest.mark.parametrize("pieces", WAYS)
def test_a_request_ends_at_its_deadline(pieces: Pieces | None) -> None:
    with slow(pieces) as service:
        with pytest.raises(requests.RequestException):
            read(service.url)
        assert service.left.acquire(timeout=10), "the connection was left open"


@pytest.mark.parametrize("pieces", WAYS)
def test_so_does_one_over_tls(pieces: Pieces | None, certificate: Path) -> None:
    with slow(pieces, server_side(certificate)) as service:
        with pytest.raises(requests.RequestException):
            read(f"https://localhost:{service.port}", verify=str(certificate))
        assert service.left.acquire(timeout=10)


def test_so_does_a_handshake_that_is_never_answered() -> None:
    with slow() as service, pytest.raises(requests.RequestException):
        read(f"https://localhost:{service.port}")


@pytest.mark.parametrize("pieces", WAYS)
def test_so_does_one_through_a_proxy(pieces: Pieces | None) -> None:
    with slow(pieces) as proxy, pytest.raises(requests.RequestException):
        read("http://line.test", proxies={"http": proxy.url})


class Redirects(BaseHTTPRequestHandler):
    """Sends whoever asks on to itself, for ever, each time after a while."""

    def do_GET(self) -> None:
        threading.Event().wait(SHORT / 8)
        self.send_response(302)
        self.send_header("location", "/again")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_redirects_are_part_of_the_exchange() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirects)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        with pytest.raises(requests.RequestException) as raised:
            read(f"http://127.0.0.1:{server.server_port}")
        assert not isinstance(raised.value, requests.TooManyRedirects)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_name_that_nobody_looks_up_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answered, really = threading.Event(), socket.getaddrinfo

    def looks_up(host, *args, flags=0, **named):
        if not flags:
            answered.wait(30)
        return really(host, *args, flags=flags, **named)

    monkeypatch.setattr(socket, "getaddrinfo", looks_up)
    try:
        with pytest.raises(requests.ConnectTimeout):
            read("http://somewhere.test")
    finally:
        answered.set()


def test_a_name_without_an_address_is_known_at_once() -> None:
    with deadline_within(30), pytest.raises(OSError, match=r"not known|No address|resolution"):
        connect("nobody.invalid", 80)


def test_an_address_that_answers_nothing_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, slow() as works:
        clogs = [socket.socket() for _ in range(4)]
        for clog in clogs:
            clog.setblocking(False)
            clog.connect_ex(full.getsockname())
        found = [(*kind, full.getsockname()), (*kind, ("127.0.0.1", works.port))]
        monkeypatch.setattr(outbound, "_resolve", lambda host, port: found)
        with deadline_within(2.0):
            connect("both.test", 80).close()
        assert works.taken.acquire(timeout=10)
        for clog in clogs:
            clog.close()


class Mail(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connect(host, port)


@pytest.mark.parametrize("pieces", [None, endless_welcome])
def test_mail_ends_at_its_deadline_too(pieces: Pieces | None) -> None:
    with slow(pieces) as service, pytest.raises(OSError), exchange("mail", SHORT):
        Mail("127.0.0.1", service.port)


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    with slow(tls=server_side(certificate)) as service, deadline_within(10):
        with pytest.raises(ssl.SSLCertVerificationError):
            build_tls_context().wrap_socket(
                connect("localhost", service.port), server_hostname="localhost"
            )
        with pytest.raises(requests.exceptions.SSLError):
            read(f"https://localhost:{service.port}")


def test_a_session_keeps_its_connection_and_each_exchange_its_own_deadline() -> None:
    session, ports = bind_session(requests.Session()), set()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            ports.add(self.client_address[1])
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    for _ in range(3):
        with exchange("somebody", 5):
            assert session.get(f"http://127.0.0.1:{server.server_port}").text == "ok"
    with pytest.raises(requests.RequestException), deadline_within(-1):
        session.get(f"http://127.0.0.1:{server.server_port}")
    assert len(ports) == 1
    session.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_of_two_deadlines_the_earlier_counts() -> None:
    with deadline_within(60) as outer, deadline_within(3600) as inner:
        assert inner is outer
        with deadline_within(1) as soon:
            assert soon is not outer
        assert outbound.current_deadline() is outer
    assert outbound.current_deadline() is None
    assert Deadline(-1).over
    with pytest.raises(TimeoutError):
        Deadline(-1).left()


def late(service: str) -> None:
    with pytest.raises(TimeoutError), exchange(service, -1) as deadline:
        deadline.left()


def test_a_service_that_lets_us_wait_is_left_to_rest_and_others_are_not() -> None:
    for _ in range(MAX_LATE):
        late("tickets")
    with pytest.raises(RestingError) as resting, exchange("tickets", 1):
        pytest.fail("it was asked")
    assert 0 < resting.value.seconds <= outbound.REST_SECONDS
    assert BREAKERS.opened() == ("tickets",)
    with exchange("watcher", 1):
        pass


def broken() -> None:
    with pytest.raises(ConnectionRefusedError), exchange("tickets", 60):
        raise ConnectionRefusedError


def test_what_fails_at_once_is_asked_again() -> None:
    for _ in range(MAX_LATE * 3):
        broken()
    assert BREAKERS.opened() == ()


@pytest.mark.parametrize("ends", [lambda b: b.record_answer(), lambda b: b.record_late()])
def test_after_its_rest_one_tries_and_the_others_wait(ends: Callable[[CircuitBreaker], None]):
    now = [100.0]
    breaker = CircuitBreaker("tickets", rest=5, now=lambda: now[0])
    for _ in range(MAX_LATE):
        breaker.enter()
        breaker.record_late()
    now[0] += 5
    breaker.enter()
    with pytest.raises(RestingError):
        breaker.enter()
    ends(breaker)
    if breaker.open:
        with pytest.raises(RestingError):
            breaker.enter()
    else:
        breaker.enter()
