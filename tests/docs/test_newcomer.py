"""A newcomer's path: clone, demo, a line of their own, PostgreSQL, two web processes.

The demo is that of README; all that follows is the page `docs/start/first-line.md`, typed as it
stands. Clone, processes, database and proxy are real; only the packages are those of this test.
"""

from __future__ import annotations

import os
import re
import signal
import site
import subprocess
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devtools.processes.surroundings import undisturbed
from devtools.processes.tied import tied_to_us
from tests.demo.first_call import call_at_level_one
from tests.docs.commands import HOUSE, Machine, has_namespaces, read_blocks, run_page

FIRST_LINE = Path("docs/start/first-line.md")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which `make` finds everything installed."""
    folder = tmp_path_factory.mktemp("newcomer") / "priority-line"
    subprocess.run(["git", "clone", "--quiet", HOUSE, folder], check=True)
    venv.create(folder / ".venv", symlinks=True)
    (packages,) = (folder / ".venv").glob("lib/python*/site-packages")
    (packages / "ours.pth").write_text("\n".join([str(folder), *site.getsitepackages()]))
    program = folder / ".venv/bin/priority-line"
    program.write_text(f'#!/bin/sh\nexec {folder}/.venv/bin/python -P -m ivr_app.cli "$@"\n')
    program.chmod(0o755)
    for stamp in ("demo-installed", "installed"):
        (folder / ".venv" / stamp).touch()
    return folder


@contextmanager
def shown(*command: str | Path, folder: Path) -> Iterator[str]:
    """Start a demo, and return the address of its page; ended by Ctrl-C."""
    demo = subprocess.Popen(
        command,
        cwd=folder,
        env=undisturbed(os.environ),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=tied_to_us(),
    )
    assert demo.stdout is not None
    said = []
    try:
        for line in demo.stdout:
            said.append(line)
            if line.startswith("Page:"):
                break
        assert said[-1].startswith("Page:"), said
        yield said[-1].split()[1]
    finally:
        os.killpg(demo.pid, signal.SIGINT)
        demo.communicate(timeout=60)
    assert not list(folder.glob("var/demo-*")), "the demo leaves its folder behind"


@pytest.mark.packaging
@pytest.mark.timeout(300)
def test_the_demo_of_a_clone_rings_a_telephone(clone: Path) -> None:
    with shown("make", "--silent", "demo", folder=clone) as page:
        assert call_at_level_one(page) in ("+31612345601", "+31612345602", "+31612345603")


@pytest.mark.packaging
@pytest.mark.timeout(300)
def test_the_demo_takes_the_line_of_the_page(clone: Path) -> None:
    page = (clone / FIRST_LINE).read_text("utf-8")
    written = next(block.text for block in read_blocks(page) if "cat > line.yaml" in block.text)
    (line,) = re.findall(r"<<'END'\n(.*)^END$", written, re.M | re.S)
    file = clone / "my-line.yaml"
    file.write_text(line.replace("languages: [en]", "languages: [nl]"))  # as the caller reads it
    program = clone / ".venv/bin/priority-line"
    with shown(program, "demo", file, folder=clone) as page_of_demo:
        assert call_at_level_one(page_of_demo) in ("+31612345601", "+31612345602")


@pytest.mark.packaging
@pytest.mark.skipif(not has_namespaces(), reason="needs Linux, with a network of its own")
@pytest.mark.timeout(300)
def test_the_page_leads_from_a_file_to_two_web_processes(clone: Path, tmp_path: Path) -> None:
    programs = {"priority-line": str(clone / ".venv/bin/priority-line")}
    tmp_path.chmod(0o755)
    machine = Machine(
        tmp_path, "nothing", environment={"PYTHONPATH": str(clone)}, programs=programs
    )
    run_page((clone / FIRST_LINE).read_text("utf-8"), machine)
