"""Clients that send less than they promised, or more, or that are slow, at the real web process."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import func, select

from store.db.engine import reading
from store.tables.log import file_chunks, files
from tests.portal_live.running import JOOST, Live, read_token

pytestmark = pytest.mark.timeout(120)

BOUNDARY = "line"
TYPED = "typed for half an hour"


@pytest.fixture(scope="module")
def joost(line: Live) -> requests.Session:
    """Joost, signed in without a browser."""
    return line.sign_in_without_browser(JOOST)


def part(name: str, content: bytes, filename: str = "") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    if filename:
        head += f'; filename="{filename}"'
    return f"{head}\r\n\r\n".encode() + content + b"\r\n"


@pytest.fixture(scope="module")
def form(line: Live, joost: requests.Session) -> bytes:
    """A form with words and a file that is longer than what is read ahead, without its end."""
    page = joost.get(f"{line.portal}/new/").text
    fields = {
        "csrf_token": read_token(page),
        "subject": "x",
        "level": "3",
        "words": TYPED,
        "step": "look",
    }
    first = b"".join(part(name, value.encode()) for name, value in fields.items())
    return first + part("files", b"z" * 500_000, "cut.log")


def send(line: Live, joost: requests.Session, body: bytes, promised: int) -> str:
    """Send a body with another Content-Length than its own, and half close; the answer."""
    address = urlsplit(line.portal)
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in joost.cookies)
    head = (
        "POST /portal/new/ HTTP/1.1\r\n"
        f"Host: {address.netloc}\r\nCookie: {cookies}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {promised}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), 60) as sock:
        sock.sendall(head.encode() + body)
        sock.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    return answer.decode("utf-8", "replace")


def test_a_form_that_is_cut_off_loses_no_word(line, joost, form):
    answer = send(line, joost, form, len(form) + 50_000_000)
    assert answer.startswith("HTTP/1.1 422")
    assert TYPED in answer
    assert "cut.log is niet helemaal aangekomen" in answer or "did not arrive" in answer
    assert TYPED in joost.get(f"{line.portal}/new/").text  # who never saw the answer


def test_a_form_that_is_longer_than_it_says_loses_no_word(line, joost, form):
    answer = send(line, joost, form, len(form) - 400_000)
    assert answer.startswith("HTTP/1.1 422")
    assert TYPED in answer


def test_a_form_without_an_end_is_not_taken_for_a_whole_one(line, joost, form):
    answer = send(line, joost, form, len(form))
    assert answer.startswith("HTTP/1.1 422")
    assert TYPED in answer


def test_nothing_is_left_of_what_was_cut_off(line, joost, form):
    before = count_files(line)
    send(line, joost, form[:-1000], len(form))
    assert count_files(line) == before


def count_files(line: Live) -> tuple[int, int]:
    """The files in the database, and the parts of their content."""
    with reading(line.works.engine) as connection:
        counted = [select(func.count()).select_from(one) for one in (files, file_chunks)]
        return tuple(connection.scalar(one) or 0 for one in counted)
