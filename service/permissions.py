"""Keeps the files of a process from other users of the host, whatever its umask."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def restrict_umask() -> None:
    """Deny other users access to new files and folders; the bits of the group stay as they are."""
    os.umask(os.umask(stat.S_IRWXG | stat.S_IRWXO) | stat.S_IRWXO)


def is_world_readable(path: Path) -> bool:
    """True when any user of this host may read the file; False when it does not exist."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
