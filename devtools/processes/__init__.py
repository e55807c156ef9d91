"""The works: the real processes of the line, begun, killed and ended whole."""

from __future__ import annotations

from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
"""The folder of our packages: a checkout, or where pip installed them."""

LOOPBACK = "127.0.0.1"


class WorksError(Exception):
    """One sentence that says why the processes cannot run."""
