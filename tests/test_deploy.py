"""The files of deploy/ start what the Procfile names, with settings that there are."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import tomllib
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
from workers.job_pool import MAX_HELD_SECONDS

DEPLOY = Path("deploy")
SYSTEMD = DEPLOY / "systemd"
COMPOSE: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
OURS = {n: s for n, s in COMPOSE["services"].items() if "priority-line" in s["image"]}
SETTINGS = {name.upper() for name in Settings.model_fields}
PORT = str(Settings.model_fields["port"].default)
CADDYFILE = (DEPLOY / "Caddyfile").read_text()
NGINX = (DEPLOY / "nginx.conf").read_text()
SHARED = (SYSTEMD / "line-.service.d" / "shared.conf").read_text()
ENVIRONMENT = (SYSTEMD / "environment").read_text()
UNITS = sorted(SYSTEMD.glob("*.service"))
ALERTS = YAML(typ="safe").load(DEPLOY / "alerts.yaml")["groups"][0]["rules"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
HELM = DEPLOY / "helm"
PROJECT = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))
FIND = PROJECT["tool"]["setuptools"]["packages"]["find"]
PROCESSES = ("web", "worker", "clock", "release")


def kind_of(name: str) -> str:
    return re.split(r"[-@]", name.removeprefix("line-").removesuffix(".service"))[0]


def test_the_processes_are_those_of_the_procfile() -> None:
    rows = Path("Procfile").read_text().splitlines()
    assert sorted(row.partition(":")[0] for row in rows) == sorted(PROCESSES)
    assert set(PROCESSES) <= set(COMMANDS)


@pytest.mark.parametrize("name", OURS)
def test_each_container_runs_a_process_of_the_image(name: str) -> None:
    assert OURS[name]["command"] == [kind_of(name)]
    assert kind_of(name) in PROCESSES


def test_there_are_two_of_each_that_may_be_many() -> None:
    kinds = sorted(kind_of(name) for name in OURS)
    assert kinds == ["clock", "clock", "release", "web", "web", "worker", "worker"]
    wanted = re.findall(r"line-(\w+)@\d\.service", (SYSTEMD / "line.target").read_text())
    assert sorted(wanted) == ["clock", "clock", "web", "web", "worker", "worker"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_unit_starts_a_process_or_a_command(unit: Path) -> None:
    (started,) = re.findall(
        r"^ExecStart=/srv/line/.venv/bin/priority-line (.+)$", unit.read_text(), re.M
    )
    if kind_of(unit.name) in PROCESSES:
        assert started == kind_of(unit.name)
    else:
        assert started.split()[0] in COMMANDS


def given_to_containers() -> tuple[set[str], set[str]]:
    given = set(OURS["web-1"]["environment"]) - {"TMPDIR"}  # Python's own
    secrets = {name for name in given if name not in SETTINGS}
    for name in secrets:
        file = OURS["web-1"]["environment"][name]
        assert file.rpartition("/")[2] in OURS["web-1"]["secrets"]
    return given - secrets, {name.removesuffix("_FILE") for name in secrets}


def given_to_units() -> tuple[set[str], set[str]]:
    """The page about systemd makes the files of SECRETS_DIR."""
    assert "Environment=SECRETS_DIR=/etc/line/secrets\n" in SHARED
    page = Path("docs/operate/install-systemd.md").read_text("utf-8")
    (loop,) = re.findall(r"for name in ([\w ]+);", page)
    made = {*loop.split(), *re.findall(r'" > (\w+)$', page, re.M)} - {"redis_password"}
    return set(re.findall(r"^([A-Z_]+)=", ENVIRONMENT, re.M)), {name.upper() for name in made}


@pytest.mark.parametrize("given", [given_to_containers, given_to_units])
def test_every_variable_is_a_setting_and_every_secret_comes_from_a_file(
    given: Callable[[], tuple[set[str], set[str]]],
) -> None:
    plain, secrets = given()
    assert plain | secrets <= SETTINGS
    required = {n.upper() for n, field in Settings.model_fields.items() if field.is_required()}
    assert required <= plain | secrets
    assert {"TWILIO_AUTH_TOKEN", "SECRET_KEY", "PIN_PEPPER"} <= secrets
    assert "REDIS_URL" in secrets, "the address of Redis holds its password"


def test_whoever_leads_calls_to_web_knows_where_it_listens() -> None:
    webs = [name for name in OURS if kind_of(name) == "web"]
    proxied = re.findall(r"([\w-]+):(\d+)", (DEPLOY / "Caddyfile").read_text())
    assert [pair for pair in proxied if pair[0] in webs] == [(name, PORT) for name in webs]
    assert OURS["web-1"]["environment"]["PORT"] == PORT
    assert f"ListenStream=127.0.0.1:{PORT}\n" in (SYSTEMD / "line-web.socket").read_text()
    assert f"PORT={PORT}\n" in ENVIRONMENT
    assert f"proxy_pass http://127.0.0.1:{PORT};" in NGINX


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


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_do_little_and_take_little(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["restart"] == ("no" if name == "release" else "unless-stopped")


def test_a_copy_of_the_database_has_room_on_a_disk() -> None:
    """The console makes backups, and /tmp of the containers is a little memory."""
    worker = OURS["worker-1"]
    mounted = [volume.partition(":")[2] for volume in worker["volumes"]]
    assert worker["environment"]["TMPDIR"] in mounted


@pytest.mark.parametrize("name", [name for name in COMPOSE["services"] if name != "release"])
def test_the_health_of_each_container_is_looked_at(name: str) -> None:
    check = COMPOSE["services"][name]["healthcheck"]["test"]
    if name in OURS:
        assert check == ["CMD", "priority-line", "health"]
    assert check[0] in {"CMD", "CMD-SHELL"}


def test_database_and_redis_are_reached_from_inside_only() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("database", "redis"):
        assert COMPOSE["services"][name]["networks"] == ["inside"]
    assert COMPOSE["services"]["proxy"]["networks"] == ["outside"]


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "secrets.sh", tmp_path)
    command = ["bash", str(tmp_path / "secrets.sh")]
    subprocess.run(command, input="t0ken\n", text=True, check=True, capture_output=True)
    folder = tmp_path / "secrets"
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    assert set(made) == set(COMPOSE["secrets"])
    assert made["twilio_auth_token"] == "t0ken"
    assert made["database_url"] == f"postgresql://line:{made['database_password']}@database/line"
    assert made["redis_url"] == f"redis://:{made['redis_password']}@redis:6379/0"
    random = [made[name] for name in ("secret_key", "pin_pepper", "redis_password")]
    assert len({*random, made["database_password"]}) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in random)
    subprocess.run(command, check=True, capture_output=True)
    assert {file.name: file.read_text() for file in folder.iterdir()} == made


def test_the_image_takes_the_packages_of_the_lock() -> None:
    assert "--require-hashes -r requirements.lock" in DOCKERFILE


def test_the_image_is_one_for_every_process_and_runs_as_no_root() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert 'ENTRYPOINT ["priority-line"]' in last
    assert 'CMD ["priority-line", "health"]' in last
    assert "USER 1000:1000" in last
    assert "ALIVE_FILE=/tmp/alive" in last


def test_the_image_dumps_the_database_with_the_version_of_the_server() -> None:
    server = COMPOSE["services"]["database"]["image"].removeprefix("postgres:")
    assert set(re.findall(r"postgresql(?:-client-|/)(\d+)", DOCKERFILE)) == {server}


def test_the_wheel_of_the_image_holds_what_the_wheel_of_the_checkout_holds() -> None:
    sent = [row[1:] for row in Path(".dockerignore").read_text().splitlines() if row[0] == "!"]
    wanted = [name.split(".")[0].rstrip("*") for name in FIND["include"]]
    modules = [f"{name}.py" for name in PROJECT["tool"]["setuptools"].get("py-modules", [])]
    needed = {*wanted, *modules, "pyproject.toml", "requirements.lock", "LICENSE", "README.md"}
    assert needed == set(sent)


def test_the_chart_has_the_version_of_the_package() -> None:
    chart = YAML(typ="safe").load(HELM / "Chart.yaml")
    version = PROJECT["project"]["version"]
    assert (chart["version"], chart["appVersion"]) == (version, version)


def test_the_ingress_leads_in_all_that_is_for_outside_and_no_more(settings: Settings) -> None:
    app = application.build_app(settings)
    roots = {str(rule).split("/")[1] for rule in app.url_map.iter_rules()}
    template = (HELM / "templates" / "network.yaml").read_text()
    (paths,) = re.findall(r"range list (.+?) }}", template)
    inside = {"metrics", "readyz"}
    assert set(re.findall(r'"(\w+)"', paths)) == (roots | {"console", "portal", "api"}) - inside


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_leads_to_what_to_do(rule: dict[str, Any]) -> None:
    runbook = Path("docs/operate/alerts.md").read_text("utf-8")
    (site,) = re.findall(r"^site_url: (\S+)/$", Path("mkdocs.yml").read_text("utf-8"), re.M)
    address = f"{site}/operate/alerts/#{rule['alert'].lower()}"
    assert rule["annotations"]["runbook_url"] == address
    _, _, after = runbook.partition(f"\n### {rule['alert']}\n")
    said = after.partition("\n##")[0]
    assert f"Severity `{rule['labels']['severity']}`" in said
    for part in (r"\*\*C(allers|ustomers)\*\*", r"\*\*Look\*\*", r"\*\*Do\*\*", r"\*\*Over\*\*"):
        assert re.search(rf"^- {part}", said, re.M), part


def test_prometheus_takes_the_alerts(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed here: apt-get install prometheus")
    bare = [{name: rule[name] for name in rule if name != "annotations"} for rule in ALERTS]
    (tmp_path / "bare.yaml").write_text(json.dumps({"groups": [{"name": "line", "rules": bare}]}))
    (tmp_path / "cases.yaml").write_text(CASES)
    check = ["check", "rules", "--lint-fatal", str((DEPLOY / "alerts.yaml").absolute())]
    for words in (check, ["test", "rules", "cases.yaml"]):
        done = subprocess.run([promtool, *words], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


SLOW = 'priority_line_request_duration_seconds_bucket{group="voice",code="2xx",instance="a",le='
FILES = "priority_line_process_"
CASES = f"""
rule_files: [bare.yaml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {{series: 'priority_line_up{{part="database"}}', values: '1x30'}}
      - {{series: '{SLOW}"1.0"}}', values: '0+90x30'}}
      - {{series: '{SLOW}"5.0"}}', values: '0+100x30'}}
      - {{series: '{SLOW}"+Inf"}}', values: '0+100x30'}}
      - {{series: '{FILES}open_fds{{kind="web",host="h",pid="1"}}', values: '900x30'}}
      - {{series: '{FILES}max_fds{{kind="web",host="h",pid="1"}}', values: '1024x30'}}
      - {{series: '{FILES}open_fds{{kind="web",host="h",pid="2"}}', values: '9x30'}}
      - {{series: '{FILES}max_fds{{kind="web",host="h",pid="2"}}', values: '1024x30'}}
      - {{series: 'priority_line_build_info{{version="1",python="3"}}', values: '1x90'}}
      - {{series: 'priority_line_build_info{{version="2",python="3"}}', values: '1x90'}}
    promql_expr_test: []
    alert_rule_test:
      - eval_time: 4m
        alertname: PriorityLineFilesUsedUp
        exp_alerts: []
      - eval_time: 20m
        alertname: PriorityLineFilesUsedUp
        exp_alerts: [{{exp_labels: {{severity: ticket, kind: web, host: h, pid: "1"}}}}]
      - eval_time: 20m
        alertname: PriorityLineWebhooksSlow
        exp_alerts: [{{exp_labels: {{severity: ticket, group: voice}}}}]
      - eval_time: 30m
        alertname: PriorityLineVersionsDiffer
        exp_alerts: []
      - eval_time: 80m
        alertname: PriorityLineVersionsDiffer
        exp_alerts: [{{exp_labels: {{severity: ticket}}}}]
"""
"""What Prometheus knows, and which alerts it must raise then."""


def test_no_paragraph_is_about_an_alert_that_is_gone() -> None:
    written = re.findall(
        r"^### (PriorityLine\w+)$", Path("docs/operate/alerts.md").read_text(), re.M
    )
    assert sorted(written) == sorted(rule["alert"] for rule in ALERTS)


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
    assert "path: /readyz" not in (HELM / "templates" / "_helpers.tpl").read_text()
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
    assert "CONSOLE_PROXIES=1\n" in ENVIRONMENT
    assert "X-Forwarded-For $remote_addr;" in NGINX


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

SAYS_NOTHING = {34, 52, 61, 108}
"""These speak of it for other reasons: an alert, or all of it, which the tests above look at;
options that were not taken."""


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
    most = max(float(given[0]), MAX_HELD_SECONDS)
    assert all(int(service["stop_grace_period"][:-1]) > most for service in OURS.values())
    (stop,) = re.findall(r"^TimeoutStopSec=(\d+)$", SHARED, re.M)
    assert int(stop) > most
    pods = (HELM / "templates" / "deployments.yaml").read_text()
    (grace,) = re.findall(r"terminationGracePeriodSeconds: (\d+)$", pods, re.M)
    assert int(grace) > most + 5  # web waits so long before it begins to end


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
