"""A PostgreSQL of the tests' own, and PgBouncer in front of it: real programs, or a reason."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from devtools.processes.ports import free_ports
from devtools.processes.tied import tied_to_us

ROLE, DATABASE = "line", "line"
AWKWARD = f"""
    CREATE ROLE {ROLE} LOGIN SUPERUSER;
    CREATE DATABASE {DATABASE} OWNER {ROLE};
    ALTER ROLE {ROLE} SET default_transaction_isolation = 'serializable';
    ALTER ROLE {ROLE} SET DateStyle = 'German, DMY';
    ALTER ROLE {ROLE} SET client_encoding = 'LATIN1';
    ALTER ROLE {ROLE} SET TimeZone = 'Asia/Tokyo';
"""
"""A role as some administrator left it."""


def missing() -> str | None:
    """Why the tests cannot run here."""
    if _program("initdb") is None:
        return "There is no PostgreSQL server here: apt-get install postgresql."
    if _program("pgbouncer") is None:
        return "There is no PgBouncer here: apt-get install pgbouncer."
    return None


def _program(name: str) -> str | None:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found or (str(installed[-1]) if installed else None)


def _as_postgres() -> dict[str, Any]:
    """Neither program runs as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


@contextmanager
def _running(*command: str, port: int) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=tied_to_us(),
        **_as_postgres(),
    )
    try:
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < deadline:
            assert process.poll() is None, f"{command[0]} has ended"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


@contextmanager
def folder_of_postgres() -> Iterator[Path]:
    """A folder that its programs may use, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pooler-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server_running(folder: Path) -> Iterator[int]:
    """The server with the awkward role, on the port that is given."""
    (port,) = free_ports(1)
    data = folder / "data"
    subprocess.run(
        [
            _program("initdb"),
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--no-locale",
        ],
        check=True,
        capture_output=True,
        **_as_postgres(),
    )
    places = ("-D", str(data), "-p", str(port), "-k", str(folder), "-F")
    with _running(_program("postgres") or "", *places, port=port):
        root = f"host=127.0.0.1 port={port} user=postgres dbname=postgres"
        with _ready(root) as connection:
            for statement in filter(str.strip, AWKWARD.split(";")):
                connection.execute(statement)
        yield port


def _ready(root: str) -> psycopg.Connection[Any]:
    """A connection, as soon as the server has started up."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return psycopg.connect(root, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextmanager
def bouncer_running(folder: Path, server: int, mode: str, ignored: str = "") -> Iterator[str]:
    """PgBouncer as Debian ships it, in this mode of pooling; gives back the address of the
    database behind it. ``ignored`` names startup parameters that it swallows."""
    (port,) = free_ports(1)
    users, file = folder / f"users-{port}.txt", folder / f"bouncer-{port}.ini"
    users.write_text(f'"{ROLE}" ""\n')
    file.write_text(
        "[databases]\n"
        f"{DATABASE} = host=127.0.0.1 port={server} dbname={DATABASE} user={ROLE}\n"
        "[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = trust\nauth_file = {users}\npool_mode = {mode}\n"
        "default_pool_size = 3\nserver_round_robin = 1\n"
        f"ignore_startup_parameters = {ignored}\n"
    )
    for path in (users, file):
        path.chmod(0o644)
    with _running(_program("pgbouncer") or "", "-q", str(file), port=port):
        yield f"postgresql+psycopg://{ROLE}@127.0.0.1:{port}/{DATABASE}"
