"""What a process is told, when no setting of this machine may reach it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from settings import Settings

_OURS = frozenset({*(name.upper() for name in Settings.model_fields), "SECRETS_DIR"})


def undisturbed(outside: Mapping[str, str]) -> dict[str, str]:
    """The machine's environment without settings of the line, and with this Python's programs."""
    kept = {name: value for name, value in outside.items() if not _is_setting(name)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{outside.get('PATH', os.defpath)}"
    return kept | {"PATH": path, "PYTHONUNBUFFERED": "1", "ENV_FILE": ""}


def _is_setting(name: str) -> bool:
    return name in _OURS or name.removesuffix("_FILE") in _OURS
