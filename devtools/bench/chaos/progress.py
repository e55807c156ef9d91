"""What happens during a run, told while it happens, so that nobody thinks it hangs."""

from __future__ import annotations

import datetime as dt
import sys


def note(what: str) -> None:
    """A line on standard error, with the time."""
    sys.stderr.write(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {what}\n")
    sys.stderr.flush()
