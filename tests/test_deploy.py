"""The files of deploy/ start what the Procfile names, with settings that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import ivr_app as webhooks
from ivr_app.cli import COMMANDS
from ivr_app.console import application as console
from settings import Settings

DEPLOY = Path("deploy")
SYSTEMD = DEPLOY / "systemd"
COMPOSE: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
OURS = {n: s for n, s in COMPOSE["services"].items() if "priority-line" in s["image"]}
SETTINGS = {name.upper() for name in Settings.model_fields}
PORT = str(Settings.model_fields["port"].default)
UNITS = sorted(SYSTEMD.glob("*.service"))
ALERTS = YAML(typ="safe").load(DEPLOY / "alerts.yaml")["groups"][0]["rules"]


def plain(command: str) -> list[str]:
    """A command without its path, and without what only finds the packages."""
    words = shlex.split(command.removeprefix('env PATH=".venv/bin:$PATH" '))
    return [words[0].rpartition("/")[2], *words[1:]]


PROCFILE = {
    kind: plain(command)
    for kind, command in (row.split(": ", 1) for row in Path("Procfile").read_text().splitlines())
}


def kind_of(name: str) -> str:
    return re.split(r"[-@]", name.removeprefix("line-").removesuffix(".service"))[0]


@pytest.mark.parametrize("name", OURS)
def test_each_container_is_a_process_of_the_procfile(name: str) -> None:
    assert OURS[name]["command"] == PROCFILE[kind_of(name)]


def test_there_are_two_of_each_that_may_be_many() -> None:
    kinds = sorted(kind_of(name) for name in OURS)
    assert kinds == ["clock", "clock", "release", "web", "web", "worker", "worker"]
    wanted = re.findall(r"line-(\w+)@\d\.service", (SYSTEMD / "line.target").read_text())
    assert sorted(wanted) == ["clock", "clock", "web", "web", "worker", "worker"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_unit_starts_a_process_of_the_procfile_or_a_command(unit: Path) -> None:
    (started,) = re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.M)
    words = plain(started)
    if words[:3] == ["flask", "--app", "ivr_app"]:
        assert words[3] in {command.name for command in COMMANDS}
    else:
        assert words == PROCFILE[kind_of(unit.name)]


def given_to_units() -> set[str]:
    text = (SYSTEMD / "environment").read_text()
    text += (SYSTEMD / "line-.service.d" / "shared.conf").read_text()
    return set(re.findall(r"^(?:Environment=)?([A-Z_]+)=", text, re.M)) - {"PATH"}


@pytest.mark.parametrize("given", [set(OURS["web-1"]["environment"]), given_to_units()])
def test_every_variable_is_a_setting_and_every_secret_comes_from_a_file(given: set[str]) -> None:
    names = {name.removesuffix("_FILE") if name not in SETTINGS else name for name in given}
    assert names <= SETTINGS
    required = {n.upper() for n, field in Settings.model_fields.items() if field.is_required()}
    assert required <= names
    assert {"TWILIO_AUTH_TOKEN_FILE", "SECRET_KEY_FILE", "PIN_PEPPER_FILE"} <= given


def test_whoever_leads_calls_to_web_knows_where_it_listens() -> None:
    webs = [name for name in OURS if kind_of(name) == "web"]
    proxied = re.findall(r"([\w-]+):(\d+)", (DEPLOY / "Caddyfile").read_text())
    assert [pair for pair in proxied if pair[0] in webs] == [(name, PORT) for name in webs]
    assert OURS["web-1"]["environment"]["PORT"] == PORT
    assert f"127.0.0.1:{PORT}/readyz" in OURS["web-1"]["healthcheck"]["test"][-1]
    assert f"ListenStream=127.0.0.1:{PORT}\n" in (SYSTEMD / "line-web.socket").read_text()
    assert f"PORT={PORT}\n" in (SYSTEMD / "environment").read_text()


def test_whoever_sends_letter_by_letter_holds_no_thread_of_web() -> None:
    proxy = (DEPLOY / "Caddyfile").read_text()
    for guard in ("request_buffers 16MiB", "read_header 5s", "read_body 30s"):
        assert guard in proxy
    assert max(webhooks.LARGEST_FORM, console.LARGEST_FORM) <= 16 * 2**20


def test_the_release_comes_before_what_needs_it() -> None:
    for name, service in OURS.items():
        before = service["depends_on"]
        waits = "database" if kind_of(name) == "release" else "release"
        assert waits in before, name


def test_the_image_takes_the_packages_of_the_lock() -> None:
    assert "--require-hashes -r requirements.lock" in (DEPLOY / "Dockerfile").read_text()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_leads_to_what_to_do(rule: dict[str, Any]) -> None:
    operation = Path("docs/operation.md").read_text("utf-8")
    assert rule["annotations"]["see"] == f"docs/operation.md#{rule['alert'].lower()}"
    _, _, after = operation.partition(f"\n### {rule['alert']}\n")
    assert len(after.partition("\n##")[0].split()) > 15


def test_no_paragraph_is_about_an_alert_that_is_gone() -> None:
    written = re.findall(r"^### (PriorityLine\w+)$", Path("docs/operation.md").read_text(), re.M)
    assert sorted(written) == sorted(rule["alert"] for rule in ALERTS)
