"""What is written never waits for its reader, and nothing of it is lost."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ivr_app import web_server
from ivr_app.web_server import BufferedSocket


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield BufferedSocket(ours, 30), theirs


def read(theirs: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        parts += theirs.recv(65536)
    return bytes(parts)


def test_a_reader_that_reads_nothing_holds_no_writer(pair):
    ours, theirs = pair
    whole = bytes(range(256)) * 16_384  # 4 MB, more than a socket keeps
    ours.sendall(whole)
    assert len(ours.pending) > 0
    with ThreadPoolExecutor(1) as reader:
        came = reader.submit(read, theirs, len(whole))
        while ours.pending:
            ours.flush()
            threading.Event().wait(0.001)
        assert came.result(30) == whole


def test_a_writer_of_far_too_much_waits_for_room(pair, monkeypatch):
    monkeypatch.setattr(web_server, "MOST", 100_000)
    ours, theirs = pair
    whole = bytes(4_000_000)
    with ThreadPoolExecutor(1) as reader:
        came = reader.submit(read, theirs, len(whole) - 100_000)
        ours.sendall(whole)
        assert len(ours.pending) <= 100_000
        came.result(30)


def test_nor_does_it_wait_for_ever(monkeypatch):
    monkeypatch.setattr(web_server, "MOST", 100_000)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        BufferedSocket(ours, 0.01).sendall(bytes(4_000_000))


def test_what_should_have_come_by_now_is_not_waited_for(pair):
    ours, theirs = pair
    ours.limit_reading(0)
    theirs.sendall(b"there")
    assert ours.recv(5) == b"there"
    with pytest.raises(TimeoutError):
        ours.recv(1)
