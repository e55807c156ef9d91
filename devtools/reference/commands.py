"""The reference of the commands, from what their ``--help`` says."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from devtools.reference import build_application
from devtools.reference.line_yaml import write_row

PROGRAM = "priority-line"
HEAD = "| option | |\n|---|---|\n"


def write_commands() -> str:
    """A part for each command, with those below it."""
    main = build_application().cli
    above = click.Context(main, info_name=PROGRAM)
    parts: list[str] = []
    for name in sorted(main.list_commands(above)):
        command = main.get_command(above, name)
        if command is not None and not command.hidden:
            parts.extend(_write_command(command, above, "##"))
    return "\n".join(parts)


def _write_command(command: click.Command, above: click.Context, level: str) -> Iterator[str]:
    context = click.Context(command, info_name=command.name, parent=above)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    about = inspect.cleandoc(command.help or "").replace("\b\n", "")
    yield f"{level} {context.command_path.removeprefix(PROGRAM).strip()}\n"
    yield f"{about}\n\n``` text\n{usage}\n```\n"
    rows = [
        write_row([f"`{option[0]}`", option[1]])
        for parameter in command.get_params(context)
        if (option := parameter.get_help_record(context))
        and option[1]
        and "--help" not in option[0]
    ]
    if rows:
        yield HEAD + "".join(rows)
    if command.epilog:
        yield f"{_write_example(command.epilog)}\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _write_command(inner, context, "###")


def _write_example(epilog: str) -> str:
    title, _, typed = epilog.replace("\b\n", "").partition("\n")
    return f"{title}\n\n``` text\n{typed.strip()}\n```"
