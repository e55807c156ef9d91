"""The proxy of deploy/, real, with two webs whose database is stopped: a caller reaches a human."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from carrier.fallback import FallbackLine, write_fallback
from devtools.phone_company.driver.office import Office
from devtools.processes import HOUSE
from devtools.processes.ports import free_ports, is_open
from devtools.processes.procfile import read_procfile
from devtools.processes.tied import tied_to_us
from tests.kills.line_processes import ACCOUNT, PATIENCE, STARTS_WITHIN, until
from tests.stories.stage import LINE, PIETER, SANNE
from tests.tcp_switch import TcpSwitch, tcp_switch

CADDYFILE = HOUSE / "deploy" / "Caddyfile"
WEBS = ("web-1:5000", "web-2:5000")
pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        shutil.which("caddy") is None, reason="There is no caddy here: apt-get install caddy."
    ),
]


def health_address() -> str:
    (found,) = re.findall(r"health_uri (\S+)", CADDYFILE.read_text())
    return str(found)


def caddyfile(webs: list[int]) -> str:
    """The file of deploy/, with these ports for its webs and no control socket."""
    text = CADDYFILE.read_text()
    for name, port in zip(WEBS, webs, strict=True):
        assert name in text
        text = text.replace(name, f"127.0.0.1:{port}")
    version = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True)
    major, minor = re.findall(r"\d+", version.stdout)[:2]
    if (int(major), int(minor)) < (2, 7):
        text = re.sub(r"request_buffers \S+", "buffer_requests", text)
    return text.replace("{\n", "{\n\tadmin off\n", 1)


class Proxied:
    """Two webs of the Procfile, a switch before each, and the proxy before both."""

    def __init__(self, office: Office, folder: Path, stack: ExitStack) -> None:
        self.office, self.folder, self.stack = office, folder, stack
        self.port, nobody, *webs = free_ports(4)
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "DATABASE_URL": f"postgresql://line:secret@127.0.0.1:{nobody}/line",
            "REDIS_URL": f"redis://127.0.0.1:{nobody}/0",
            "TWILIO_ACCOUNT_SID": ACCOUNT.sid,
            "TWILIO_AUTH_TOKEN": ACCOUNT.token,
            "TWILIO_API_URL": office.url,
            "PUBLIC_URL": self.url,
            "SECRET_KEY": "a secret of the tests, long enough to be one",
            "FALLBACK_FILE": str(folder / "fallback.json"),
            "MEDIA_DIR": str(folder / "media"),
            "LINE_HOST": self.url,
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
        }
        self.switches = [self._web(port) for port in webs]
        (folder / "Caddyfile").write_text(caddyfile([switch.port for switch in self.switches]))
        self._start("proxy", f"caddy run --config {folder}/Caddyfile --adapter caddyfile", {})
        until(lambda: is_open(self.port), "the proxy answers", STARTS_WITHIN)

    def until_both_were_looked_at(self) -> None:
        """The proxy has looked at each web, heard what it says, and looked again."""
        for switch in self.switches:
            switch.until_asked(f"GET {health_address()} HTTP/1.1".encode(), 2)

    def _web(self, port: int) -> TcpSwitch:
        command = read_procfile(HOUSE / "Procfile")["web"]
        self._start(f"web-{port}", command, {"PORT": str(port)})
        until(lambda: is_open(port), "web answers", STARTS_WITHIN)
        return self.stack.enter_context(tcp_switch(port))

    def _start(self, name: str, command: str, more: dict[str, str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                ["sh", "-c", f"exec {command}"],
                cwd=HOUSE,
                env=self.environment | more,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=tied_to_us(),
            )
        self.stack.callback(_end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def proxied(folder: Path) -> Iterator[Proxied]:
    with Office(ACCOUNT) as office, ExitStack() as stack:
        yield Proxied(office, folder, stack)


def test_a_call_reaches_a_human_while_the_database_is_stopped(tmp_path: Path) -> None:
    known = FallbackLine(LINE, "MSA Plus prioriteitslijn", "nl", (SANNE,))
    write_fallback(tmp_path / "fallback.json", [known])
    with proxied(tmp_path) as line:
        line.office.number(
            LINE,
            voice_url=f"{line.url}/voice/incoming",
            voice_fallback_url=f"{line.url}/voice/fallback",
        )
        line.until_both_were_looked_at()
        assert requests.get(f"{line.url}/readyz", timeout=30).status_code == 503
        assert requests.get(f"{line.url}/metrics", timeout=30).status_code == 403
        caller = line.office.dial(PIETER, LINE)
        sanne = line.office.answer_next(SANNE, timeout=PATIENCE)
        said = sanne.until_hears("om aan te nemen", timeout=PATIENCE)
        sanne.press(re.findall(r"[Tt]oets (\d)", said)[0])
        assert caller.until_bridged(PATIENCE) == sanne.sid
