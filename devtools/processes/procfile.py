"""The command lines of the line, from the file that names them for every other place too."""

from __future__ import annotations

from pathlib import Path

from devtools.processes import WorksError

KINDS = ("release", "web", "worker", "clock")


def read_procfile(path: Path) -> dict[str, str]:
    """A shell command for each kind of process; WorksError when one is missing."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise WorksError(f"The Procfile cannot be read: {error}.") from None
    pairs = (line.partition(":") for line in lines if not line.lstrip().startswith("#"))
    commands = {kind.strip(): command.strip() for kind, colon, command in pairs if colon}
    for kind in KINDS:
        if not commands.get(kind):
            raise WorksError(f"The Procfile names no {kind} process.")
    return commands
