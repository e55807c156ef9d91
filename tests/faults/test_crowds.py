"""Crowds at a real web: strangers, slow clients and a provider that hangs hold no telephone up."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
import structlog

from service.bootstrap import count_cores
from tests.faults.conftest import FaultyLine, RealWeb, has_a_human, settings_of
from tests.ivr_app.console.web_process import web_running
from tests.kills.line_processes import until

CROWD = 16 * count_cores()
"""Twice as many as all threads of a web."""

SIDS = itertools.count()
MUSIC = b"GET /voice/music.wav HTTP/1.1\r\nHost: line.test\r\n\r\n"
POST = b"POST /voice/incoming HTTP/1.1\r\nHost: line.test\r\n"
SIGN_IN = "/console/sign_in/elsewhere/"


@contextmanager
def crowd(port: int, said: bytes, size: int = CROWD) -> Iterator[list[socket.socket]]:
    """So many connections that said this and read nothing."""
    with ExitStack() as stack:
        sockets = []
        for _ in range(size):
            one = stack.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.connect(("127.0.0.1", port))
            one.sendall(said)
            sockets.append(one)
        yield sockets


def answered(web: RealWeb, calls: int = 12) -> int:
    """How many of so many callers at once are answered while the carrier still waits."""

    def call(_: int) -> bool:
        try:
            return "<Gather" in web.call(f"CA{next(SIDS)}")
        except requests.RequestException:
            return False

    with ThreadPoolExecutor(calls) as carrier:
        return sum(carrier.map(call, range(calls)))


@pytest.fixture(scope="module")
def crowded_line(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path, redis_server_url: str
) -> Iterator[FaultyLine]:
    """The line of the webs that several tests share."""
    folder = tmp_path_factory.mktemp("crowds")
    line = FaultyLine(settings_of(folder, migrated_file, redis_server_url))
    line.open()
    yield line
    line.close()
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def crowded_web(crowded_line: FaultyLine) -> Iterator[RealWeb]:
    """One web for all crowds: the next crowd also shows that it recovered from the last one."""
    with web_running(crowded_line.environment()) as running:
        yield RealWeb(int(running.url.rpartition(":")[2]), crowded_line)


@pytest.mark.parametrize(
    "said",
    [
        MUSIC * 300,
        b"GET /console/sign_in/ HTTP/1.1\r\nHost: line.test\r\n\r\n" * 1000,
        b"GET /voice/music.wav HTTP/1.1\r\nHost: line.test\r\nConnection: close\r\n\r\n",
        b"POST /voice/incoming HTTP/1.1\r\nHost: li",
        POST + b"Content-Length: 400\r\n\r\nCall",
        POST + b"Content-Length: 400000\r\n\r\n" + b"x" * 70000,
        POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nCall",
        POST + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
        b"POST /console/sign_in HTTP/1.1\r\nHost: line.test\r\nContent-Length: 400\r\n\r\nname",
    ],
    ids=["music", "pages", "close", "head", "form", "large", "chunk", "expect", "door"],
)
def test_who_neither_sends_nor_reads_holds_no_telephone_up(
    crowded_web: RealWeb, said: bytes
) -> None:
    with crowd(crowded_web.port, said):
        # More than once: it takes a moment until all that a kernel keeps for a reader is full.
        assert [answered(crowded_web) for _ in range(3)] == [12] * 3


@pytest.fixture
def hanging_provider(line: FaultyLine, silent_port: int) -> Iterator[RealWeb]:
    """A web whose OpenID provider takes connections and says nothing."""
    provider = {
        "OIDC_ISSUER": f"http://127.0.0.1:{silent_port}",
        "OIDC_CLIENT_ID": "line",
        "OIDC_CLIENT_SECRET": "a secret of the tests",
    }
    with web_running(line.environment() | provider) as running:
        yield RealWeb(int(running.url.rpartition(":")[2]), line)


def test_a_provider_that_hangs_holds_no_telephone_and_no_page(
    hanging_provider: RealWeb,
) -> None:
    """Those who sign in elsewhere wait in a few threads; the others are told to come again."""
    web, told = hanging_provider, []
    refused = threading.Event()

    def sign_in(_: int) -> None:
        answer = requests.get(web.url + SIGN_IN, timeout=60)
        told.append((answer.status_code, answer.headers.get("Retry-After")))
        if answer.status_code == 503:
            refused.set()

    with ThreadPoolExecutor(64) as strangers:
        asked = strangers.map(sign_in, range(64))
        assert refused.wait(30)
        assert answered(web) == 12
        assert requests.get(f"{web.url}/console/sign_in/", timeout=30).status_code == 200
        list(asked)
    assert {status for status, _ in told} == {403, 503}
    assert {after for status, after in told if status == 503} == {"2"}


def test_a_crowd_waits_no_longer_for_a_locked_database_than_one_caller(
    real_web: RealWeb, line: FaultyLine
) -> None:
    with line.context.services.engine.connect() as other:
        other.exec_driver_sql("ROLLBACK")
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(3 * CROWD) as carrier:
            heard = list(carrier.map(real_web.call, [f"CA{next(SIDS)}" for _ in range(3 * CROWD)]))
        other.exec_driver_sql("ROLLBACK")
    assert all(map(has_a_human, heard))


HASTY = """
from pathlib import Path
from ivr_app import web_server
exec(Path("gunicorn_conf.py").read_text())
web_server.SEND_WITHIN = web_server.RECEIVE_WITHIN = 0.5
"""


@pytest.fixture(scope="module")
def hasty_port(crowded_line: FaultyLine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a web that waits for half a second only."""
    config = tmp_path_factory.mktemp("hasty") / "hasty.py"
    config.write_text(HASTY)
    with web_running(crowded_line.environment(), config) as running:
        yield int(running.url.rpartition(":")[2])


@pytest.mark.parametrize("said", [MUSIC * 300, b"POST /voice/incoming HTTP/1.1\r\nHost: li"])
def test_a_connection_that_stalls_is_ended(hasty_port: int, said: bytes) -> None:
    with crowd(hasty_port, said, 1) as (stalled,):
        until(lambda: not established(hasty_port, stalled.getsockname()[1]), "it is ended")


def established(server: int, client: int) -> bool:
    """True while the server keeps this connection, as the kernel knows it."""
    rows = [row.split()[1:4] for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [f"0100007F:{server:04X}", f"0100007F:{client:04X}", "01"] in rows
