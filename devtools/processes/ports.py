"""Ports of this machine that nobody uses."""

from __future__ import annotations

import socket

from devtools.processes import LOOPBACK


def free_ports(count: int, address: str = LOOPBACK) -> list[int]:
    """Held all at once, so that no two are the same."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((address, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def is_open(port: int, address: str = LOOPBACK) -> bool:
    """True when somebody answers there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((address, port)) == 0
