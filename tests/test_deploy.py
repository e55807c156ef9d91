"""The files of deploy/ start what the Procfile names, with settings that there are."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import AuthenticationError
from ruamel.yaml import YAML

from devtools.processes.embedded_redis import redis_server
from devtools.processes.ports import free_ports, is_open
from devtools.processes.tied import tied_to_us
from ivr_app import application
from ivr_app.cli.main import COMMANDS
from ivr_app.console import session
from ivr_app.web_server import SLOWEST
from settings import Settings
from tests.chromium import NAMES

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
    if words[0] == "priority-line":
        assert words[1] in COMMANDS
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
    assert "REDIS_URL_FILE" in given, "the address of Redis holds its password"


def test_whoever_leads_calls_to_web_knows_where_it_listens() -> None:
    webs = [name for name in OURS if kind_of(name) == "web"]
    proxied = re.findall(r"([\w-]+):(\d+)", (DEPLOY / "Caddyfile").read_text())
    assert [pair for pair in proxied if pair[0] in webs] == [(name, PORT) for name in webs]
    assert OURS["web-1"]["environment"]["PORT"] == PORT
    assert f"127.0.0.1:{PORT}/healthz" in OURS["web-1"]["healthcheck"]["test"][-1]
    assert f"ListenStream=127.0.0.1:{PORT}\n" in (SYSTEMD / "line-web.socket").read_text()
    assert f"PORT={PORT}\n" in (SYSTEMD / "environment").read_text()


def test_whoever_sends_letter_by_letter_holds_no_thread_of_web() -> None:
    proxy = (DEPLOY / "Caddyfile").read_text()
    for guard in ("request_buffers 16MiB", "read_header 5s", "read_body 40m"):
        assert guard in proxy
    assert max(application.LARGEST_FORM, session.LARGEST_FORM) <= 16 * 2**20


def test_the_release_comes_before_what_needs_it() -> None:
    for name, service in OURS.items():
        before = service["depends_on"]
        waits = "database" if kind_of(name) == "release" else "release"
        assert waits in before, name


def test_the_image_takes_the_packages_of_the_lock() -> None:
    assert "--require-hashes -r requirements.lock" in (DEPLOY / "Dockerfile").read_text()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_leads_to_what_to_do(rule: dict[str, Any]) -> None:
    runbook = Path("docs/operate/alerts.md").read_text("utf-8")
    assert rule["annotations"]["see"] == f"docs/operate/alerts.md#{rule['alert'].lower()}"
    _, _, after = runbook.partition(f"\n### {rule['alert']}\n")
    said = after.partition("\n##")[0]
    assert f"Severity `{rule['labels']['severity']}`" in said
    for part in (r"\*\*C(allers|ustomers)\*\*", r"\*\*Look\*\*", r"\*\*Do\*\*", r"\*\*Over\*\*"):
        assert re.search(rf"^- {part}", said, re.M), part


def test_no_paragraph_is_about_an_alert_that_is_gone() -> None:
    written = re.findall(
        r"^### (PriorityLine\w+)$", Path("docs/operate/alerts.md").read_text(), re.M
    )
    assert sorted(written) == sorted(rule["alert"] for rule in ALERTS)


CADDYFILE = (DEPLOY / "Caddyfile").read_text()
SHARED = (SYSTEMD / "line-.service.d" / "shared.conf").read_text()
ENVIRONMENT = (SYSTEMD / "environment").read_text()
CARRIER_WAITS = 4.5
"""Seconds until the carrier gives a webhook up."""


def seconds(name: str) -> float:
    (found,) = re.findall(rf"{name} (\d+)s", CADDYFILE)
    return float(found)


def kept(name: str) -> None:
    """This file or folder is where a process may write, and what a new process finds again."""
    inside = OURS["web-1"]["environment"][name]
    assert any(inside.startswith(v.partition(":")[2]) for v in OURS["web-1"]["volumes"])
    assert f"{name}=/var/lib/line/" in ENVIRONMENT
    assert "StateDirectory=line " in SHARED


def redis_wakes_only_us() -> None:
    """Nobody without the password may ring the bell, and nobody outside may try."""
    assert "requirepass" in str(COMPOSE["services"]["redis"]["command"])
    assert "ports" not in COMPOSE["services"]["redis"]


def every_failure_is_spoken() -> None:
    """The file that dials people lasts, and the proxy gives up before the carrier does."""
    kept("FALLBACK_FILE")
    assert seconds("lb_try_duration") < CARRIER_WAITS


def nobody_looks_at_readyz() -> None:
    """Without the database /readyz is 503 everywhere, and every web would be taken away."""
    assert re.findall(r"health_uri (\S+)", CADDYFILE) == ["/healthz"]
    for name, service in OURS.items():
        assert "/readyz" not in str(service.get("healthcheck", "")), name
    for unit in UNITS:
        assert "readyz" not in unit.read_text(), unit


def the_release_comes_first() -> None:
    for name, service in OURS.items():
        if kind_of(name) != "release":
            wanted = {"condition": "service_completed_successfully"}
            assert service["depends_on"]["release"] == wanted, name


def the_console_counts_guesses_by_address() -> None:
    """One proxy, and no way to web around it."""
    assert OURS["web-1"]["environment"]["CONSOLE_PROXIES"] == "1"
    open_ = [name for name, service in COMPOSE["services"].items() if "ports" in service]
    assert open_ == ["proxy"]
    assert "127.0.0.1:" in (SYSTEMD / "line-web.socket").read_text()


def a_long_answer_is_not_broken_off() -> None:
    """An import of the console may take a minute."""
    for limit in ("read_timeout", "write_timeout", "response_header_timeout"):
        assert limit not in CADDYFILE


def a_large_file_has_its_time() -> None:
    """Web ends a client that is slower than ``SLOWEST``; the proxy must not be first."""
    (minutes,) = re.findall(r"read_body (\d+)m", CADDYFILE)
    largest = Settings.model_fields["largest_file_mb"].default * 2**20
    assert largest / SLOWEST < int(minutes) * 60


BY_ADR: dict[int, Callable[[], None]] = {
    2: redis_wakes_only_us,
    5: every_failure_is_spoken,
    17: lambda: kept("MEDIA_DIR"),
    30: nobody_looks_at_readyz,
    31: nobody_looks_at_readyz,
    33: the_release_comes_first,
    36: the_console_counts_guesses_by_address,
    43: a_long_answer_is_not_broken_off,
    54: redis_wakes_only_us,
    74: a_large_file_has_its_time,
}
"""What the files of deploy/ must say, by the decision that it follows from."""

SAYS_NOTHING = {34, 52, 61}
"""These speak of it for other reasons: an alert, which the tests above look at; options that were
not taken."""


@pytest.mark.parametrize("number", BY_ADR)
def test_deploy_says_what_was_decided(number: int) -> None:
    BY_ADR[number]()


def test_every_decision_about_what_is_around_the_processes_is_looked_at_here() -> None:
    about = re.compile(r"deploy/|proxy|balancer|systemd|container", re.I)
    found = {
        int(adr.name[:4])
        for adr in Path("docs/adr").glob("*.md")
        if about.search(adr.read_text("utf-8"))
    }
    assert found - SAYS_NOTHING <= set(BY_ADR)


def test_processes_get_the_time_that_they_take_to_end() -> None:
    given = re.findall(r"^graceful_timeout = (\d+)$", Path("gunicorn_conf.py").read_text(), re.M)
    most = max(int(given[0]), 10)  # a worker finishes its job, which may take ten seconds
    assert all(int(service["stop_grace_period"][:-1]) > most for service in OURS.values())
    (stop,) = re.findall(r"^TimeoutStopSec=(\d+)$", SHARED, re.M)
    assert int(stop) > most


def test_redis_of_the_containers_wants_its_password_and_shows_it_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "redis_password").write_text("only-for-us\n")
    (tmp_path / "docker-entrypoint.sh").write_text(f'#!/bin/sh\nshift\nexec {redis_server()} "$@"')
    (tmp_path / "docker-entrypoint.sh").chmod(0o700)
    (port,) = free_ports(1)
    shell, option, command = COMPOSE["services"]["redis"]["command"]
    here = command.replace("$$", "$").replace("/run/secrets", str(tmp_path))
    started = subprocess.Popen(
        [shell, option, f"{here} --port {port} --bind 127.0.0.1 --dir {tmp_path}"],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=tied_to_us(),
    )
    try:
        deadline = time.monotonic() + 30
        while not is_open(port):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        with redis.Redis(port=port) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()
        with redis.Redis(port=port, password="only-for-us") as ours:
            assert ours.ping()
            pid = ours.info("server")["process_id"]
        assert b"only-for-us" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    finally:
        os.killpg(started.pid, 9)
        started.wait()


def test_the_browser_that_the_build_server_installs_is_one_that_the_tests_look_for() -> None:
    """Else they would all be skipped there."""
    installed = re.findall(r"^ *install (chrom\S+) ", Path(".ci/run").read_text(), re.M)
    assert (len(installed), set(installed) - set(NAMES)) == (2, set())
