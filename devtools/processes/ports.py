"""Ports of this machine that nobody uses."""

from __future__ import annotations

import errno
import secrets
import socket
from contextlib import ExitStack

from devtools.processes import LOOPBACK

_PORTS = range(20_000, 32_000)
"""Systems give higher ports to outgoing connections, which would now and then take one of ours
before the process that it is meant for has started."""


def free_ports(count: int, address: str = LOOPBACK) -> list[int]:
    """Find as many ports, held all at once, so that no two are the same."""
    with ExitStack() as stack:
        found: list[int] = []
        while len(found) < count:
            probe = stack.enter_context(socket.socket())
            port = secrets.choice(_PORTS)
            if _can_bind(probe, address, port):
                found.append(port)
        return found


def _can_bind(probe: socket.socket, address: str, port: int) -> bool:
    try:
        probe.bind((address, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return False
    return True


def is_open(port: int, address: str = LOOPBACK) -> bool:
    """True when somebody answers there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((address, port)) == 0
