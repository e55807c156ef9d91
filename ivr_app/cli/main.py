"""The command `priority-line`: its subcommands by group, each imported when it is needed."""

from __future__ import annotations

import atexit
import gc
from importlib import import_module
from typing import Any, cast

import click

PROGRAM = "priority-line"

GROUPS = {
    "Processes": {
        "web": ("processes", "Answer the carrier and browsers."),
        "worker": ("processes", "Place calls and send messages."),
        "clock": ("processes", "Start what is due."),
        "release": ("processes", "Prepare the database for this version."),
        "demo": ("processes", "Show a whole line with simulated telephones."),
        "simulator": ("processes", "Start a simulated phone company."),
    },
    "Line": {
        "apply": ("line", "Make the database match a line.yaml."),
        "check": ("line", "Check a line.yaml without a database."),
        "contracts": ("line", "Import contracts and their contacts."),
    },
    "On call": {
        "oncall": ("oncall", "Show who is on call."),
        "handovers": ("engineers", "List handovers and their confirmations."),
        "swap": ("swaps", "Give a shift to another engineer."),
        "override": ("swaps", "Add or remove an engineer for a time."),
        "swaps": ("swaps", "List and undo swaps and overrides."),
        "phones": ("engineers", "List the engineers' phones and what is known of each."),
        "calendars": ("calendars", "Manage calendar links and import absences."),
        "vcard": ("calendars", "Print a contact card of the line's numbers."),
    },
    "Log": {
        "calls": ("log", "List calls."),
        "incidents": ("log", "List incidents."),
        "show": ("log", "Show the timeline of a call or an incident."),
        "incident": ("incident", "Change an incident, or answer its customer."),
        "open": ("incident", "Open an incident by hand."),
        "recordings": ("privacy", "List, keep and delete recordings."),
        "premium": ("incident", "Show and correct the use of premium incidents."),
        "figures": ("log", "Show service levels."),
        "route": ("log", "Show what the line would do with a call."),
    },
    "Access": {
        "user": ("access", "Manage console accounts."),
        "token": ("access", "Manage API tokens."),
        "export": ("privacy", "Print the line as a line.yaml, or the data kept about a person."),
        "forget": ("privacy", "Erase a person from the data."),
    },
    "Operation": {
        "doctor": ("operations", "Check whether the line works."),
        "config": ("configuration", "Show the settings, and where each came from."),
        "health": ("health", "Check the process of this container."),
        "drill": ("operations", "Place a practice call through the whole line."),
        "provision": ("operations", "Point the carrier's numbers at this host."),
        "fallback": ("operations", "Print the static TwiML that reaches the people on call."),
        "webhooks": ("access", "List and retry outgoing webhook deliveries."),
        "migrate": ("line", "Update the database schema."),
        "backup": ("operations", "Copy the database to a file."),
        "restore": ("operations", "Fill an empty database from a backup."),
    },
}
"""By group, in the order of `--help`: command -> (its module, what it does)."""

COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()}

COMPLETION = """\b
Shell completion, for example in ~/.bashrc (zsh and fish likewise):
  eval "$(_PRIORITY_LINE_COMPLETE=bash_source priority-line)"
"""


class LineGroup(click.Group):
    """The commands of the line. A command's module is imported when the command runs: most of them
    need the database, and `oncall --file` must not wait for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the groups."""
        return [*COMMANDS, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"ivr_app.cli.{COMMANDS[cmd_name][0]}")
        found = getattr(module, cmd_name, None) or getattr(module, f"{cmd_name}_")
        return cast(click.Command, found)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by group, without importing any."""
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, summary) for name, (_, summary) in commands.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete a command's name, without importing any."""
        from click.shell_completion import CompletionItem

        names = [name for name in COMMANDS if name.startswith(incomplete)]
        items = [CompletionItem(name, help=COMMANDS[name][1]) for name in names]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]


def _print_version(ctx: click.Context, option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from service import find_version

        click.echo(f"{PROGRAM} {find_version()}")
        ctx.exit()


@click.group(
    name=PROGRAM,
    cls=LineGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=COMPLETION,
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Run the priority support line.

    The environment and .env configure the line; `config` shows how. `COMMAND --help` shows the
    options and an example of a command.
    """


def run() -> None:
    """Run the command `priority-line` in this process."""
    collect_less_garbage()
    main(prog_name=PROGRAM)


def collect_less_garbage() -> None:
    """Search for garbage rarely in a process of one command.

    It keeps nearly all that it imports until it ends. Looking for garbage among that, on the way
    and again at the end, would take a quarter of its time.
    """
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
