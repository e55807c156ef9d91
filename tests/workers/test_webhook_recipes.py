"""The programs of docs/integrate/tickets.md, run as they stand there: from an incident to a ticket
and back, over real HTTP. The ticket systems answer as their documentation says."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from devtools.processes.ports import free_ports, is_open
from devtools.processes.tied import tied_to_us
from routing.incidents.columns import INCIDENT_COLUMNS
from routing.line import IncidentHappening
from service.bootstrap import now
from service.webhook_requests import sign_headers
from tests.webhook_receiver import SECRET, serving

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integrate" / "tickets.md").read_text("utf-8")
PROGRAMS = dict(re.findall(r'```python title="(.*?)"\n(.*?)```', PAGE, re.S))
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))
PATIENCE = 60.0


@dataclass
class Asked:
    """A request to a ticket system, or to our API."""

    method: str
    path: str
    proof: str
    sent: Any


class Desk(ThreadingHTTPServer):
    """A ticket system and our API at one address: keeps what it is asked."""

    daemon_threads = True

    def __init__(self, answers: dict[tuple[str, str], Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Asks)
        self.answers, self.asked = answers, list[Asked]()
        self.failing = False


class _Asks(BaseHTTPRequestHandler):
    server: Desk

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        proof = self.headers["authorization"]
        self.server.asked.append(Asked(self.command, self.path, proof, json.loads(body)))
        status, answer = 500, b"{}"
        if not self.server.failing and (self.command, self.path) in self.server.answers:
            status, answer = self.server.answers[self.command, self.path]
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_PUT(self) -> None:
        self.do_POST()

    def do_PATCH(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        pass


@dataclass(frozen=True)
class System:
    """A ticket system: its program and settings, how it answers, and what it says when a ticket is
    closed."""

    program: str
    settings: dict[str, str]
    create: tuple[str, str]
    created: dict[str, Any]
    note: tuple[str, str]
    proof: str
    closed: dict[str, Any]
    title: Callable[[Any], str]
    settings_url: str = field(default="")


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


SYSTEMS = [
    System(
        "zammad.py",
        {"ZAMMAD_TOKEN": "z-token"},
        ("POST", "/api/v1/tickets"),
        {"id": 77},
        ("PUT", "/api/v1/tickets/77"),
        "Token token=z-token",
        {"ticket": {"id": 77, "state": "closed"}},
        lambda sent: sent["title"],
        "ZAMMAD_URL",
    ),
    System(
        "jira.py",
        {"JIRA_USER": "a@example.org", "JIRA_TOKEN": "j-token", "JIRA_PROJECT": "LINE"},
        ("POST", "/rest/api/2/issue"),
        {"id": "10000", "key": "LINE-24"},
        ("POST", "/rest/api/2/issue/LINE-24/comment"),
        basic("a@example.org", "j-token"),
        {"issue": "LINE-24"},
        lambda sent: sent["fields"]["summary"],
        "JIRA_URL",
    ),
    System(
        "servicenow.py",
        {"SERVICENOW_USER": "line", "SERVICENOW_PASSWORD": "s-word"},
        ("POST", "/api/now/table/incident"),
        {"result": {"sys_id": "a1b2"}},
        ("PATCH", "/api/now/table/incident/a1b2"),
        basic("line", "s-word"),
        {"sys_id": "a1b2"},
        lambda sent: sent["short_description"],
        "SERVICENOW_URL",
    ),
]


@contextmanager
def desk_of(system: System) -> Iterator[Desk]:
    answers = {
        system.create: (201, json.dumps(system.created).encode()),
        system.note: (200, b'{"result": {}}'),
        ("POST", "/api/v1/incidents/1042/close"): (200, b"{}"),
    }
    with serving(Desk(answers)) as desk:
        yield desk


@contextmanager
def receiver(folder: Path, system: System, desk: Desk) -> Iterator[str]:
    """The program of the page, as its reader starts it."""
    (folder / "receiver.py").write_text(PROGRAMS["receiver.py"])
    (folder / "tickets.py").write_text(PROGRAMS[system.program])
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{desk.server_port}"
    told = {
        "WEBHOOK_TICKETS": SECRET,
        "LINE_URL": url,
        "LINE_TOKEN": "our-token",
        "CLOSED_SECRET": "closed-secret",
        "PORT": str(port),
        system.settings_url: url,
    }
    process = subprocess.Popen(
        [sys.executable, "receiver.py"],
        cwd=folder,
        env=os.environ | told | system.settings,
        stderr=subprocess.DEVNULL,
        preexec_fn=tied_to_us(),
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not is_open(port) and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def deliver(url: str, event: str, id_: str, key: bytes = KEY) -> int:
    body = json.dumps({"type": f"incident.{event}", "data": {"id": 1042, "urgency": 1}}).encode()
    headers = sign_headers([key], id_, now(), body) | {"content-type": "application/json"}
    return requests.post(
        f"{url}/priority-line", body, headers=headers, timeout=PATIENCE
    ).status_code


def close(url: str, sent: dict[str, Any], secret: str) -> int:
    headers = {"authorization": f"Bearer {secret}"}
    answer = requests.post(f"{url}/closed", json=sent, headers=headers, timeout=PATIENCE)
    return answer.status_code


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.program)
def test_an_incident_becomes_a_ticket_and_closes_with_it(tmp_path: Path, system: System) -> None:
    with desk_of(system) as desk, receiver(tmp_path, system, desk) as url:
        assert deliver(url, "opened", "1", bytes(32)) == 403
        desk.failing = True
        assert deliver(url, "opened", "1") == 502
        desk.failing = False
        del desk.asked[:]
        assert [deliver(url, "opened", "1"), deliver(url, "opened", "1")] == [204, 204]
        assert deliver(url, "acknowledged", "2") == 204
        created, noted = desk.asked
        assert (created.method, created.path) == system.create
        assert (noted.method, noted.path) == system.note
        assert {created.proof, noted.proof} == {system.proof}
        assert system.title(created.sent) == "Priority Line 1042"
        assert "acknowledged" in json.dumps(noted.sent)
        assert close(url, system.closed, "another") == 403
        assert close(url, system.closed, "closed-secret") == 204
        ours = desk.asked[-1]
        assert (ours.path, ours.proof) == ("/api/v1/incidents/1042/close", "Bearer our-token")
        desk.answers["POST", ours.path] = (409, b"{}")
        assert close(url, system.closed, "closed-secret") == 204, "it was closed here first"


def test_the_page_names_every_event_and_field() -> None:
    page = (ROOT / "docs" / "integrate" / "webhooks.md").read_text("utf-8")
    for happening in IncidentHappening:
        assert f"`incident.{happening}`" in page
    for column in INCIDENT_COLUMNS:
        assert not column.webhook or f"`{column.name}`" in page, column.name
