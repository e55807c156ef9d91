"""The command line: what duty managers and operators do with a line."""

from __future__ import annotations

from flask import Flask


def hang_on(app: Flask) -> None:
    """Hang the commands on the application's command line."""
