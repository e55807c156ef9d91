"""What this process writes is not readable by every user of the machine, whatever umask it got."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def restrict_umask() -> None:
    """From now on no file or folder that this process makes is open to others; what the umask of
    the process says of its group stays as it is."""
    os.umask(os.umask(stat.S_IRWXG | stat.S_IRWXO) | stat.S_IRWXO)


def is_world_readable(path: Path) -> bool:
    """True when any user of this machine may read it; False where it is not there."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
