"""Two of each process, begun and replaced the way systemd does it with the units of deploy/."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from pathlib import Path

from devtools.phone_company.driver.office import Office
from tests.kills.line_processes import PATIENCE, STARTS_WITHIN, Works
from tests.stories.stage import SANNE
from tests.words import words_of

FIRST, SECOND = ("web-1", "worker-1", "clock-1"), ("web-2", "worker-2", "clock-2")


class Fleet(Works):
    """Both webs answer at one socket that outlives them; each process says when it is ready."""

    all_of_them = ("redis", *FIRST, *SECOND)

    def __init__(self, office: Office, folder: Path, database_url: str) -> None:
        super().__init__(office, folder, database_url)
        self.door = socket.create_server(("127.0.0.1", self.port), backlog=2048)
        self.news = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = f"@line-{secrets.token_hex(8)}"
        self.news.bind("\0" + address[1:])
        self.news.settimeout(STARTS_WITHIN)
        self.environment["NOTIFY_SOCKET"] = address
        self.passed_on = (self.door.fileno(),)

    def await_port(self, name: str) -> None:
        """The door of web is always open; whoever stands behind it says so."""
        if name == "web":
            self.await_ready(len(FIRST + SECOND))
        else:
            super().await_port(name)

    def command(self, name: str) -> list[str]:
        """Descriptor 3 is the listening socket, where a web is begun."""
        procfile = self.commands[name.partition("-")[0]]
        given = f"exec 3<&{self.door.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$;"
        return ["bash", "-c", f"{given if name.startswith('web') else ''} exec {procfile}"]

    def await_ready(self, count: int) -> None:
        """As many processes have said that they are ready."""
        while count:
            count -= b"READY=1" in self.news.recv(4096)

    def replace(self, names: tuple[str, ...]) -> None:
        """Ask these to end, see that they end well, and begin them again."""
        old = [self.running.pop(name) for name in names]
        for process in old:
            os.kill(process.pid, signal.SIGTERM)
        for name, process in zip(names, old, strict=True):
            assert process.wait(STARTS_WITHIN) == 0, f"{name} did not end well"
        for name in names:
            self.start(name)
        self.await_ready(len(names))

    def conversation(self) -> None:
        """Pieter calls at level 1, Sanne takes it and says that he has an answer."""
        caller = self.call_level_1()
        sanne = self.take(SANNE)
        assert caller.until_bridged(PATIENCE) == sanne.sid
        caller.hang_up()
        sanne.until_hears(words_of("closing_responded"), timeout=PATIENCE)
        sanne.press("1")
        sanne.until_over(PATIENCE)

    def close(self) -> None:
        super().close()
        self.door.close()
        self.news.close()
