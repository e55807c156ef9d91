"""`web`, `worker`, `clock`, `release`, `demo` and `simulator`: a command becomes the process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from site import getsitepackages

import click

from ivr_app.cli.context import LineCommand

MODULES = {
    "web": "gunicorn_conf",
    "worker": "workers",
    "clock": "workers.clock",
    "release": "workers.release",
    "demo": "devtools.demo",
    "simulator": "devtools.phone_company",
}
"""The module of each process. The Procfile starts the first four in the same way."""

ROOT = Path(__file__).parents[2]
"""The folder of our packages: a checkout, or where pip installed them."""


def _become(name: str, *options: str) -> None:
    """Python does not look for modules in the working directory, where any file may be called
    settings.py."""
    if str(ROOT) not in getsitepackages():
        given = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), given)))
    command = [sys.executable, "-P", "-m", MODULES[name], *options]
    os.execv(sys.executable, command)  # noqa: S606  our own arguments, no shell


@click.command("web", cls=LineCommand, example="web")
def web() -> None:
    """Answer the carrier, the console, the portal and the API.

    GUNICORN_CMD_ARGS may hold options of the web server.
    """
    _become("web")


@click.command("worker", cls=LineCommand, example="worker")
def worker() -> None:
    """Place calls, send messages and store recordings."""
    _become("worker")


@click.command("clock", cls=LineCommand, example="clock")
def clock() -> None:
    """Start what is due and read the mailbox; run two of them for safety."""
    _become("clock")


@click.command("release", cls=LineCommand, example="release")
def release() -> None:
    """Prepare the database for this version. Run it once after each update."""
    _become("release")


@click.command("demo", cls=LineCommand, example="demo line.yaml")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False))
def demo(file: str | None) -> None:
    """Start a whole line with a simulated phone company, and print the address of its page.

    Without a FILE it is the sample line, whose office is open at any hour; DEMO_OFFICE=closed
    shows it at night. DEMO_PORT chooses the port of the page.
    """
    _become("demo", *([file] if file else []))


@click.command(
    "simulator",
    cls=LineCommand,
    context_settings={"ignore_unknown_options": True},
    example="simulator --port 4010 --number +31201234567",
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def simulator(options: tuple[str, ...]) -> None:
    """Start a simulated phone company, and print its address.

    \b
    Its OPTIONS:
      --port PORT                 0, the default: any free port
      --account SID, --token T    as in TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN
      --dialect NAME              twilio, signalwire or telnyx
      --signing-key TEXT          of companies other than Twilio
      --key SID, --secret S       an API key that is accepted beside the token
      --number NUMBER             a number of the account; may be repeated
      --voice-url URL, --voice-fallback-url URL, --status-url URL, --sms-url URL
                                  where these numbers point
      --manual                    time stands still until it is advanced
      --speech FACTOR             0: speech takes no time
    """
    _become("simulator", *options)
