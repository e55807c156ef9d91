"""`line` in the folder of a demo: every command of the line, asked of that very demo."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from devtools.demo.site import Site

LINE_COMMAND = (sys.executable, "-P", "-m", "ivr_app.cli")
"""What `priority-line` runs; modules in the working directory are nothing to it."""


def write_command(site: Site) -> Path:
    """A shell script that runs `priority-line` with the settings of this demo."""
    told = site.environment({})
    settings = " ".join(shlex.quote(f"{name}={value}") for name, value in told.items())
    command = shlex.join(LINE_COMMAND)
    script = site.folder / "line"
    script.write_text(f'#!/bin/sh\nexec env {settings} {command} "$@"\n')
    script.chmod(0o700)
    return script
