"""What the real web server does with connections, whoever is at the other end."""

import time
from contextlib import ExitStack
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest


@pytest.fixture
def connected(web):
    """A new connection to web, which is never made anew by itself."""
    with ExitStack() as stack:

        def connect():
            address = urlsplit(web.url)
            connection = HTTPConnection(address.hostname, address.port, timeout=5)
            stack.callback(connection.close)
            connection.connect()
            connection.auto_open = 0
            return connection

        yield connect


def answer_to(connection, body):
    """What is answered to a request whose body comes a while after its head."""
    connection.putrequest("POST", "/nowhere")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    time.sleep(0.2)  # so long it is still on its way
    connection.send(body)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_a_body_that_comes_late_does_not_end_the_connection(connected):
    connection = connected()
    for _ in range(2):
        assert answer_to(connection, b"late") == 404


def test_whoever_says_nothing_holds_no_thread(connected):
    for _ in range(100):
        connected()
    assert answer_to(connected(), b"") == 404
