"""A PostgreSQL cluster of our own, to be killed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from devtools.processes import LOOPBACK, WorksError
from devtools.processes.process import Process, Surroundings

USER = "postgres"
_INSTALLED = Path("/usr/lib/postgresql")


class Cluster:
    """An empty cluster in a folder; begun as the user ``postgres`` where we are root."""

    def __init__(self, folder: Path, port: int, address: str = LOOPBACK) -> None:
        """Touches nothing yet; WorksError where PostgreSQL is not installed."""
        self._programs, self._data = _programs(), folder / "postgresql"
        inside = f"setpriv --reuid {USER} --regid {USER} --clear-groups" if _root() else ""
        self._around = Surroundings(dict(os.environ), folder, inside)
        self._trusted = f"{address.rpartition('.')[0]}.0/24"
        self.url = f"postgresql+psycopg://{USER}@{address}:{port}/postgres"
        place = ["-D", str(self._data), "-p", str(port), "-k", str(self._data)]
        command = [str(self._programs / "postgres"), *place, "-c", f"listen_addresses={address}"]
        self.process = Process("postgresql", command, self._around)

    async def make(self) -> None:
        """The cluster's files; WorksError when they cannot be made."""
        self._data.mkdir()
        if _root():
            shutil.chown(self._data, USER, USER)
        how = ["-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale"]
        command = [str(self._programs / "initdb"), "-D", str(self._data), *how]
        await Process("initdb", command, self._around).once()
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {self._trusted} trust\n")


def _root() -> bool:
    return os.geteuid() == 0


def _programs() -> Path:
    """The newest installed server's; PATH counts, too."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    newest = max(_INSTALLED.glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]), default=None)
    if newest is None:
        raise WorksError("There is no PostgreSQL server here: apt-get install postgresql.")
    return newest.parent
