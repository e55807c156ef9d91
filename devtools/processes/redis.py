"""The command that runs a Redis of our own, which keeps what it was told."""

from __future__ import annotations

from pathlib import Path

from devtools.processes import LOOPBACK, WorksError
from devtools.processes.embedded_redis import NoRedisError, redis_server


def redis_command(port: int, folder: Path, address: str = LOOPBACK) -> list[str]:
    """A Redis on this port with its data in this folder; WorksError where there is no program."""
    try:
        program = redis_server()
    except NoRedisError as error:
        raise WorksError(str(error)) from None
    place = ["--port", str(port), "--bind", address, "--dir", str(folder)]
    guarded = "yes" if address == LOOPBACK else "no"  # or it would talk to this machine alone
    return [program, *place, "--appendonly", "yes", "--save", "", "--protected-mode", guarded]
