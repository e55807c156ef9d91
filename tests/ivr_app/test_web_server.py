"""A request is known to be whole at its last byte and not before; whose threads it gets."""

import ast
import socket
import threading
from pathlib import Path
from queue import SimpleQueue

import pytest
from gunicorn.config import KNOWN_SETTINGS
from gunicorn.workers import gthread

from ivr_app.web_server import (
    FILES,
    INDEPENDENT,
    READ_AHEAD,
    RECEIVE_WITHIN,
    SLOWEST,
    TELEPHONES,
    BufferedSocket,
    Connection,
    LineWorker,
    ThreadGroup,
    has_all_chunks,
    limit_transfer,
)

HEAD = b"POST /voice/incoming HTTP/1.1\r\nHost: line.test\r\n"
WHOLE = {
    "no body": b"GET /healthz HTTP/1.1\r\nHost: line.test\r\n\r\n",
    "a form": HEAD + b"Content-Length: 11\r\n\r\nCallSid=CA1",
    "length last": HEAD + b"X-A: b\r\ncontent-length:11\r\n\r\nCallSid=CA1",
    "chunks": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n4\r\nCall\r\n7;a=b\r\nSid=CA1\r\n0\r\n\r\n",
    "trailers": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-A: b\r\n\r\n",
    "an end within": HEAD + b"Transfer-Encoding: chunked\r\n\r\n7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
}


def check(received: bytes) -> tuple[bool, bool]:
    conn = object.__new__(Connection)
    conn.received = bytearray(received)
    return conn.check_request()


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
def test_a_request_is_whole_at_its_last_byte(whole: bytes) -> None:
    assert not any(check(whole[:end])[0] for end in range(len(whole)))
    assert check(whole) == (True, False)


def test_what_is_long_goes_to_a_thread_that_may_wait() -> None:
    assert check(HEAD + b"Content-Length: 999999\r\n\r\n" + bytes(READ_AHEAD + 1)) == (True, True)
    assert check(HEAD + bytes(READ_AHEAD + 1)) == (True, True)


@pytest.mark.parametrize("body", [b"zz\r\n", b"\r\n", b"-5\r\nhello\r\n"])
def test_nobody_waits_for_the_rest_of_what_is_no_chunk(body: bytes) -> None:
    assert has_all_chunks(body)


@pytest.mark.parametrize("path", ["/voice/incoming", "/sms/incoming", "/readyz", "/ack/a?b=c"])
def test_telephones_and_probes_have_threads_of_their_own(path: str) -> None:
    assert TELEPHONES.match(f"POST {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())


@pytest.mark.parametrize(
    "request_line",
    [
        "POST /voice/fallback",
        "GET /voice/music.wav",
        f"GET /voice/sounds/{'0f' * 16}.mp3",
        "HEAD /healthz",
        "POST /voice/fallback?a=b",
    ],
)
def test_what_needs_no_database_waits_for_nobody_who_does(request_line: str) -> None:
    received = f"{request_line} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    assert TELEPHONES.match(received)
    assert INDEPENDENT.match(received)


@pytest.mark.parametrize("path", ["/voice/incoming", "/voice/fallbacks", "/voice/fallback/a"])
def test_what_needs_a_database_has_no_thread_of_those(path: str) -> None:
    assert not INDEPENDENT.match(f"POST {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())


@pytest.mark.parametrize(
    "path", ["/console/", "/api/v1/calls", "/calendar/a.ics", "/%63onsole/", "http://a/voice/", "/"]
)
def test_all_else_has_others(path: str) -> None:
    assert not TELEPHONES.match(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())


@pytest.mark.parametrize(
    "request_line",
    [
        *("POST /portal/new", "POST /portal/files/", "GET /portal/files/0a1b", "POST /portal/?a=b"),
        *("POST /api/v1/files?contract=1", "GET /api/v1/files/0a1b"),
        *("POST /console/incidents/1042/answer", "GET /console/incidents/files/0a1b"),
        "GET /console/tasks/Ab-_9/file",
    ],
)
def test_a_file_has_threads_that_may_wait_for_minutes(request_line: str) -> None:
    assert FILES.match(f"{request_line} HTTP/1.1\r\nHost: a\r\n\r\n".encode())


@pytest.mark.parametrize(
    "request_line",
    [
        *("GET /portal/", "GET /portal/new", "POST /console/", "POST /portalfiles/"),
        *("POST /api/v1/incidents", "GET /console/incidents/1042/answer"),
        *("GET /console/tasks/Ab-_9", "GET /console/tasks/"),
    ],
)
def test_nothing_else_has_them(request_line: str) -> None:
    assert not FILES.match(f"{request_line} HTTP/1.1\r\nHost: a\r\n\r\n".encode())


@pytest.mark.parametrize("length", [None, 0, 100 * 1024 * 1024])
def test_a_long_file_may_take_longer(length: int | None) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        conn = object.__new__(Connection)
        conn.sock = BufferedSocket(ours, 30)
        head = b"POST /portal/files/ HTTP/1.1\r\n"
        if length is not None:
            head += f"Content-Length: {length}\r\n".encode()
        conn.received = bytearray(head + b"\r\nContent-Length: 999999999999\r\n")
        conn.allow_transfer()
        assert conn.transfer_within == RECEIVE_WITHIN + (length or 0) / SLOWEST


def test_a_file_of_which_nothing_comes_is_given_up_although_there_is_time_left() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sock = BufferedSocket(ours, 30)
        sock.limit_reading(3600, silent_for=0.01)
        theirs.sendall(b"a")
        assert sock.recv(1) == b"a"
        with pytest.raises(TimeoutError):
            sock.recv(1)


@pytest.mark.parametrize(("within", "silent_for"), [(2700.0, RECEIVE_WITHIN), (0.0, None)])
def test_the_threads_of_files_wait_for_half_a_minute_at_most(
    monkeypatch: pytest.MonkeyPatch, within: float, silent_for: float | None
) -> None:
    limits: list[tuple[float, ...]] = []

    class Sock:
        most = None

        def limit_reading(self, *limit: float) -> None:
            limits.append(limit)

    conn = object.__new__(Connection)
    conn.sock, conn.transfer_within = Sock(), within
    monkeypatch.setattr(gthread.ThreadWorker, "handle", lambda *_: None)
    object.__new__(LineWorker).handle(conn)
    assert limits == ([] if silent_for is None else [(within, silent_for)])


def test_the_real_limit_counts_and_not_the_length_that_a_client_says() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sock = BufferedSocket(ours, 30)
        sock.limit_reading(1e9)
        limit_transfer({"gunicorn.socket": sock}, int(-RECEIVE_WITHIN * SLOWEST))
        with pytest.raises(TimeoutError):
            sock.recv(1)


def test_a_group_of_threads_takes_as_many_requests_as_may_wait() -> None:
    group, let_go = ThreadGroup("test", 1, 1), threading.Event()
    answered: SimpleQueue[Connection] = SimpleQueue()

    def answer(conn: Connection) -> None:
        let_go.wait(30)
        answered.put(conn)

    first, second, third = (object.__new__(Connection) for _ in range(3))
    assert group.submit(answer, first)
    assert group.submit(answer, second)
    assert not group.submit(answer, third)
    let_go.set()
    assert [answered.get(timeout=30) for _ in range(2)] == [first, second]


def test_head_and_body_of_a_short_answer_go_together() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sock = BufferedSocket(ours, 30)
        sock.sendall(b"head ")
        sock.sendall(b"body")
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)
        sock.flush()
        assert theirs.recv(100) == b"head body"


def test_each_name_of_the_configuration_is_a_setting_of_gunicorn() -> None:
    """Gunicorn takes a name that it does not know for a variable of ours."""
    tree = ast.parse(Path("gunicorn_conf.py").read_text("utf-8"))
    assigned = [one for one in tree.body if isinstance(one, ast.Assign)]
    names = {ast.unparse(target) for one in assigned for target in one.targets}
    ours = {name for name in names if name.isupper() or name.startswith("_")}
    assert names - ours - {setting.name for setting in KNOWN_SETTINGS} == set()
