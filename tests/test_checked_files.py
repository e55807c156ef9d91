"""The files of deploy/ and .github/, as the tools see them that read them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

CHECKS = Path("deploy/requirements-checks.txt")
TOOLS = Path("var/tools/deploy")
WORKFLOWS = sorted(Path(".github/workflows").glob("*.yml"))
HELM = Path("deploy/helm")
VALUES = {"settings": {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}}
RENDER = """
import json, sys
from helm_python import Chart, HelmValuesError, lint
values = json.load(sys.stdin)
try:
    report = lint(sys.argv[1], values, strict=True, kube_version="v1.30.0")
    rendered = Chart.load(sys.argv[1]).render(values, name="line", namespace="line")
except HelmValuesError as error:
    sys.exit(str(error))
faults = [m for m in report["messages"] if m["severity"] > 1]
made = [text for name, text in rendered.items() if name.endswith(".yaml")]
json.dump([faults, "\\n---\\n".join(made)], sys.stdout)
"""
packaging = pytest.mark.packaging


def run(*words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, words)), capture_output=True, text=True, **options)


@pytest.fixture(scope="session")
def tools() -> Path:
    """The programs of requirements-checks.txt, installed once, by one process of the tests."""
    stamp = TOOLS / "installed"
    TOOLS.parent.mkdir(parents=True, exist_ok=True)
    with TOOLS.with_suffix(".lock").open("w") as turn:
        flock(turn, LOCK_EX)
        if not stamp.exists() or stamp.read_text() != CHECKS.read_text():
            run(sys.executable, "-m", "venv", "--clear", TOOLS, check=True)
            done = run(TOOLS / "bin/pip", "install", "--quiet", "-r", CHECKS)
            if done.returncode:
                pytest.skip(f"pip cannot install the checkers here: {done.stderr[-200:]}")
            stamp.write_text(CHECKS.read_text())
    return TOOLS / "bin"


@packaging
@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("compose-spec", ["deploy/compose.yaml"]),
        ("github-workflows", WORKFLOWS),
        ("dependabot", [".github/dependabot.yml"]),
        ("github-issue-forms", [*Path(".github/ISSUE_TEMPLATE").glob("[!c]*.yml")]),
        ("github-issue-config", [".github/ISSUE_TEMPLATE/config.yml"]),
    ],
)
def test_the_file_fits_its_schema(tools: Path, schema: str, files: list[str | Path]) -> None:
    done = run(tools / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    assert done.returncode == 0, done.stdout


@packaging
def test_docker_compose_reads_the_file_and_asks_for_what_is_missing(tools: Path) -> None:
    command = (
        tools / "docker-compose",
        "--file",
        "deploy/compose.yaml",
        "config",
        "--format",
        "json",
    )
    known = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LINE_HOST": "line.example.org"}
    without = run(*command, env=known)
    assert without.returncode != 0
    assert "names the account at the carrier" in without.stderr
    done = run(*command, env=known | {"TWILIO_ACCOUNT_SID": "AC1"})
    assert done.returncode == 0, done.stderr
    web = json.loads(done.stdout)["services"]["web-2"]
    assert web["environment"]["PUBLIC_URL"] == "https://line.example.org"


@packaging
def test_nobody_finds_fault_with_the_dockerfile_or_the_workflows(tools: Path) -> None:
    dockerfile = run(tools / "hadolint", "--config", ".hadolint.yaml", "deploy/Dockerfile")
    assert dockerfile.returncode == 0, dockerfile.stdout
    workflows = run(tools / "zizmor", "--offline", "--no-progress", ".github")
    assert workflows.returncode == 0, workflows.stdout


def render(tools: Path, values: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    return run(tools / "python", "-c", RENDER, HELM, input=json.dumps(values))


EVERYTHING = VALUES | {
    "spread": "hard",
    "backup": {"claim": "backups"},
    "priorityClassName": "telephones",
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "telephones", "operator": "Exists"}],
    "image": {"repository": "registry.example.org/line", "pullSecrets": [{"name": "registry"}]},
    "extraVolumes": [{"name": "prompts", "configMap": {"name": "prompts"}}],
    "extraVolumeMounts": [{"name": "prompts", "mountPath": "/srv/line/prompts"}],
}


@packaging
@pytest.mark.parametrize("values", [VALUES, EVERYTHING], ids=["least", "everything"])
@pytest.mark.parametrize("version", ["1.30", "1.34"])
def test_kubernetes_takes_what_the_chart_makes(
    tools: Path, tmp_path: Path, values: dict[str, Any], version: str
) -> None:
    done = render(tools, values)
    assert done.returncode == 0, done.stderr
    faults, text = json.loads(done.stdout)
    assert faults == []
    made = tmp_path / "made.yaml"
    made.write_text(text)
    valid = run(tools / "kubernetes-validate", "--strict", "--version", version, made)
    assert valid.returncode == 0, valid.stdout + valid.stderr


@packaging
def test_the_chart_makes_two_of_each_spread_hardened_and_looked_after(tools: Path) -> None:
    _, text = json.loads(render(tools, VALUES).stdout)
    made = [one for one in YAML(typ="safe").load_all(text) if one]
    kinds = sorted(one["kind"] for one in made)
    assert kinds.count("Deployment") == kinds.count("PodDisruptionBudget") == 3
    assert {"Service", "Ingress", "NetworkPolicy", "Job"} <= set(kinds)
    (job,) = [one for one in made if one["kind"] == "Job"]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    pods = [one["spec"]["template"]["spec"] for one in made if one["kind"] in {"Deployment", "Job"}]
    assert sorted(pod["containers"][0]["args"][0] for pod in pods) == [
        *("clock", "release", "web", "worker"),
    ]
    for pod in pods:
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert "SECRETS_DIR" in {one["name"] for one in container["env"]}
    for one in made:
        if one["kind"] == "Deployment":
            assert one["spec"]["replicas"] == 2
            container = one["spec"]["template"]["spec"]["containers"][0]
            command = container["livenessProbe"].get("exec", {}).get("command")
            asked = container["livenessProbe"].get("httpGet", {}).get("path")
            if container["name"] == "web":
                assert (command, asked) == (None, "/healthz")
                assert container["readinessProbe"]["httpGet"]["path"] == "/healthz"
            else:
                assert (command, asked) == (["priority-line", "health"], None)


@packaging
@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "TWILIO_ACCOUNT_SID"),
        (VALUES | {"replica": 3}, "replica"),
        ({"settings": VALUES["settings"] | {"port": "1"}}, "port"),
    ],
)
def test_the_chart_refuses_wrong_values(tools: Path, values: dict[str, Any], word: str) -> None:
    done = render(tools, values)
    assert done.returncode != 0
    assert word in done.stderr


@packaging
def test_systemd_reads_every_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    shutil.copytree("deploy/systemd", tmp_path, dirs_exist_ok=True)
    for unit in tmp_path.glob("*.service"):
        command = unit.read_text().replace("/srv/line/.venv/bin/priority-line", "/bin/true")
        unit.write_text(command)
    units = [f"line-{kind}@1.service" for kind in ("web", "worker", "clock")]
    names = [*units, "line-release.service", "line.target", "line-web.socket", "line-backup.timer"]
    search = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    done = run("systemd-analyze", "verify", "--man=no", *names, env=search)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_may_do_little_and_names_what_it_uses_exactly(file: Path) -> None:
    workflow = YAML(typ="safe").load(file)
    assert workflow["permissions"] == {}
    assert all(
        "permissions" in job and "timeout-minutes" in job for job in workflow["jobs"].values()
    )
    used = re.findall(r"uses: (.+)$", file.read_text(), re.M)
    exact = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [one for one in used if not exact.fullmatch(one)] == []


def test_the_checkers_of_a_commit_are_those_of_the_build_server() -> None:
    (revision,) = [
        repo["rev"]
        for repo in YAML(typ="safe").load(Path(".pre-commit-config.yaml"))["repos"]
        if "rev" in repo
    ]
    assert f"check-jsonschema=={revision}\n" in CHECKS.read_text()


def test_the_notices_name_each_file_of_others() -> None:
    files = run("git", "ls-files").stdout.splitlines()
    beside = {str(Path(name).parent) for name in files if re.search(r"(^|[./])LICENSE$", name)} - {
        "."
    }
    notices = Path("THIRD_PARTY.md").read_text("utf-8")
    named = re.findall(r"^\| `([^`]+\.js)`", notices, re.M)
    assert {str(Path(name).parent) for name in named} == beside
    assert {name for name in files if re.search(r"\.(min|tiny)\.js$", name)} == set(named)
