"""Who is at the terminal, for the journal and the audit log."""

from __future__ import annotations

import getpass
import os


def oneself() -> str:
    """Their login name; in a container there may be nobody but a number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
