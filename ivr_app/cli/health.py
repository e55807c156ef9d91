"""`health`: whether the process of this container lives.

Orchestrators run it often, so it imports little, and asks neither the database nor Redis.
"""

from __future__ import annotations

import http.client
import sys
import time
from pathlib import Path

import click

from settings import Settings, SettingsError, read_settings

ALIVE_FOR = 30.0
"""Seconds for which a sign of life counts; a process gives one every two seconds."""

WEB_ANSWERS_WITHIN = 5.0


@click.command("health", epilog="\b\nExample:\n  priority-line health")
def health() -> None:
    """Check the web, worker or clock process of this container.

    A worker or clock touches ALIVE_FILE while it lives. Without that file, web must answer
    /healthz. The exit status is 1 if the process should be restarted. A database or Redis that is
    away changes nothing: the process goes on by itself.
    """
    try:
        settings = read_settings()
    except SettingsError as error:
        sys.exit(str(error))
    fault = find_fault(settings)
    if fault:
        sys.exit(fault)
    click.echo("alive")


def find_fault(settings: Settings) -> str | None:
    """Why the process of this container should be restarted; None if it lives."""
    if settings.alive_file is not None and settings.alive_file.exists():
        return _find_stop(settings.alive_file)
    return _ask_web(settings.port)


def _find_stop(file: Path) -> str | None:
    silent = time.time() - file.stat().st_mtime
    if silent <= ALIVE_FOR:
        return None
    return f"The process of this container gave its last sign of life {silent:.0f} seconds ago."


def _ask_web(port: int) -> str | None:
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=WEB_ANSWERS_WITHIN)
    try:
        web.request("GET", "/healthz")
        status = web.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"Web does not answer on port {port}: {type(error).__name__}."
    finally:
        web.close()
    if status != 200:
        return f"Web answers /healthz with {status}."
    return None
