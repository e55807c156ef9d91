"""Tells systemd, where it started this process, that it has begun its work."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def ready() -> None:
    """Say so on the socket that NOTIFY_SOCKET names; where nobody asked, say nothing."""
    name = os.environ.get("NOTIFY_SOCKET")
    if not name:
        return
    address = "\0" + name[1:] if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire, suppress(OSError):
        wire.connect(address)
        wire.sendall(b"READY=1")
