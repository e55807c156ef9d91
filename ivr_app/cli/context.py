"""What the commands share: the services, a line, options, refusals and how answers are printed.

Flask, SQLAlchemy and the settings are imported by the functions that need them: `oncall --file`
needs none.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from textwrap import wrap
from typing import IO, TYPE_CHECKING, Any, NoReturn, cast

import click

from ivr_app.cli.main import PROGRAM, LineGroup, collect_less_garbage
from routing.contracts import Contract
from routing.line import Engineer, Line, Schedule
from routing.oncall.local_time import instant

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine
    from sqlalchemy.exc import SQLAlchemyError

    from service.bootstrap import Services
    from settings import SettingsError
    from store.people.audit import AuditEntry
    from store.people.lines import SqlLineRepository


@dataclass(frozen=True)
class LineWithContracts:
    """A line as a file or the database has it, and its contracts by number."""

    line: Line
    contract: Callable[[str], Contract | None]


def open_services() -> Services:
    """The services of this process; raises SettingsError."""
    root = click.get_current_context().find_root()
    root.obj = _find_services(root.obj)
    if root.obj is None:
        from service.bootstrap import start_services

        root.obj = start_services()
    return cast("Services", root.obj)


def _find_services(known: Any) -> Services | None:
    """The services that this process has already; after `flask`, those of its application."""
    if not hasattr(known, "load_app"):
        return cast("Services | None", known)
    app = known.load_app()
    if not app.extensions:  # it has commands only
        return None
    from ivr_app.context import SERVICES

    return cast("Services", app.extensions[SERVICES])


def ready_services() -> Services:
    """The services, with a database whose schema is up to date."""
    found = open_services()
    check_schema(found.engine)
    return found


def open_line(line_id: str | None) -> tuple[Services, Line]:
    """The services, and the line of this id."""
    services = ready_services()
    return services, find_line(services.lines, line_id)


def check_schema(engine: Engine) -> None:
    """Refuse a database whose schema is out of date."""
    from store.db.schema import is_migrated

    if not is_migrated(engine):
        raise Refusal(f"The database schema is out of date: run {PROGRAM} migrate")


def open_lines() -> SqlLineRepository:
    """The lines of the database, without the other services: most of them take time to import."""
    root = click.get_current_context().find_root()
    if _find_services(root.obj) is not None:
        return ready_services().lines

    from settings import read_settings
    from store.db.engine import open_engine
    from store.people.lines import SqlLineRepository

    engine = open_engine(read_settings().database_url)
    check_schema(engine)
    return SqlLineRepository(engine)


def read_line(file: Path | None, line_id: str | None) -> LineWithContracts:
    """The line of a file, for which no database is touched, or that of the database."""
    if file is not None:
        return _read_file(file)
    repository = open_lines()
    line = find_line(repository, line_id)
    return LineWithContracts(line, lambda number: repository.find_contract(line.id, number))


def use_own_prompts() -> tuple[str, ...]:
    """Use the folder PROMPTS_DIR, and return the languages that have sentences. Commands that read
    a file need no other setting."""
    from carrier.prompts import list_languages
    from carrier.prompts.sources import PromptsError
    from carrier.twiml import use_prompts

    folder = find_optional("PROMPTS_DIR")
    try:
        use_prompts(Path(folder) if folder else None)
    except PromptsError as error:
        raise Refusal(f"PROMPTS_DIR cannot be used: {error}.") from error
    return list_languages()


def find_optional(name: str) -> str | None:
    """The value of a setting for a command that needs no other. Raises SettingsError."""
    if not _may_be_set(name):
        return None
    from settings import find_value  # it takes a tenth of a second

    return find_value(name)


def _may_be_set(setting: str) -> bool:
    """False if no place of a setting can have this one; the settings themselves find it."""
    if any(name.startswith(setting) for name in os.environ) or "SECRETS_DIR" in os.environ:
        return True
    try:
        return setting in Path(os.environ.get("ENV_FILE") or ".env").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _read_file(file: Path) -> LineWithContracts:
    from config.line import read_line_file

    read = read_line_file(file, skip_hash, use_own_prompts())
    known = {contract.number: contract for contract in read.contracts}
    return LineWithContracts(read.line, known.get)


def find_line(repository: SqlLineRepository, line_id: str | None) -> Line:
    """The line of this id; without an id the only one, or the one called main."""
    lines = {line.id: line for line in repository.list_lines()}
    if not lines:
        raise Refusal(f"No line is applied yet: run {PROGRAM} apply line.yaml")
    wanted = line_id or "main"
    if line_id is None and len(lines) == 1:
        (wanted,) = lines
    if wanted not in lines:
        raise Refusal(f"There is no line {wanted}; --line may be: {', '.join(lines)}")
    return lines[wanted]


def find_engineer(line: Line, wanted: str) -> Engineer:
    """The engineer of this id. Raises Refusal, which names the engineers that the line has."""
    found = line.engineer(wanted)
    if found is None:
        known = ", ".join(engineer.id for engineer in line.engineers)
        raise Refusal(f"There is no engineer {wanted} on line {line.id}; there are: {known}")
    return found


def find_schedule(line: Line, schedule_id: str) -> Schedule:
    """The schedule of this id. Raises Refusal, which names the schedules that the line has."""
    found = line.schedule(schedule_id)
    if found is None:
        known = ", ".join(schedule.id for schedule in line.schedules)
        raise Refusal(f"There is no schedule {schedule_id} on line {line.id}; there are: {known}")
    return found


def skip_hash(pin: str, owner: str) -> str:
    """Hash no PIN: a file that is only checked identifies nobody."""
    return ""


# Options and arguments that commands share.


YEARS = range(1970, 3000)
"""The years that a file may name; local times of these years can be computed in every zone."""


class MomentType(click.ParamType[dt.datetime]):
    """A date and time in ISO 8601; without an offset it is local to the line."""

    name = "ISO"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> dt.datetime:
        """Parse the value."""
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail("must be a date and time such as 2026-12-24T18:00 or 2026-12-24T17:00Z")
        if moment.year not in YEARS:
            self.fail(f"must lie between {YEARS.start} and {YEARS[-1]}")
        return moment


class MonthType(click.ParamType[dt.date]):
    """A month such as 2026-11, as its first day."""

    name = "MONTH"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> dt.date:
        """Parse the value."""
        if isinstance(value, dt.date):
            return value
        try:
            month = dt.date.fromisoformat(f"{value}-01")
        except ValueError:
            self.fail("must be a month such as 2026-11")
        if month.year not in YEARS:
            self.fail(f"must lie between {YEARS.start} and {YEARS[-1]}")
        return month


EXISTING = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)

file_argument = click.argument("file", type=EXISTING)
file_option = click.option("--file", type=EXISTING, help="Read a line.yaml, not the database.")
line_option = click.option("--line", "line_id", help="Default: the only line, or main.")
at_option = click.option("--at", type=MomentType(), help="Default: now.")


def resolve_moment(at: dt.datetime | None, now: dt.datetime, zone: str) -> dt.datetime:
    """The instant of an option in UTC, or ``now`` without one."""
    if at is None:
        return now
    return instant(at, zone)


# Commands, and the errors that end them with a sentence and exit code 1.


class Refusal(click.ClickException):
    """Ends the command; the message is for the person at the terminal."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message as it is."""
        click.echo(self.message, file=file, err=file is None)


class LineCommand(click.Command):
    """A command that ends with a sentence, not a traceback, on an expected error."""

    def __init__(self, name: str | None = None, *, example: str, **attributes: Any) -> None:
        """``example`` follows `priority-line` in the help."""
        super().__init__(name, epilog=f"\b\nExample:\n  {PROGRAM} {example}", **attributes)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            sentence = explain_error(error)
            if sentence is None:
                raise
            raise Refusal(sentence) from error


class LineCommandGroup(LineCommand, click.Group):
    """A command that has subcommands."""


def explain_error(error: Exception) -> str | None:
    """The sentence for the person at the terminal, or None for an error that nobody expected."""
    from sqlalchemy.exc import SQLAlchemyError

    from config.reader import FileError
    from settings import SettingsError
    from store.db.engine import PooledError
    from store.db.schema import SchemaError
    from store.people.lines import ClashError

    if isinstance(error, FileError | ClashError | PooledError | SchemaError | SettingsError):
        return str(error)
    if isinstance(error, SQLAlchemyError):
        return _explain_database(error)
    return None


def _explain_database(error: SQLAlchemyError) -> str:
    from sqlalchemy.exc import DBAPIError

    reason = type(error).__name__
    if isinstance(error, DBAPIError) and str(error.orig).strip():
        reason = str(error.orig).strip().splitlines()[0]
    return f"The database that DATABASE_URL names cannot be used: {reason}."


# Output: JSON objects for programs, aligned columns for people.


Row = Mapping[str, Any]

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per line."
)

AT_ONCE = 200
"""Rows that are aligned with each other: a long log is not held in memory."""


GAP = 2
"""Spaces between two columns."""

NARROWEST = 12
"""The width below which no column is narrowed: each row is printed as a record instead."""


def print_objects(rows: Iterable[Row]) -> None:
    """Print one JSON object per line."""
    for row in rows:
        click.echo(json.dumps(row))


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print aligned columns under their names; on a terminal no row is wider than it."""
    waiting, widths = iter(rows), [len(name) for name in head]
    batch: list[Sequence[str]] = [head, *islice(waiting, AT_ONCE)]
    while batch:
        longest = (max(map(len, column)) for column in zip(*batch, strict=True))
        widths = [max(pair) for pair in zip(widths, longest, strict=True)]
        fitted = _fit(widths)
        for row in batch:
            if fitted is not None:
                _print_row(row, fitted)
            elif row is not head:
                _print_record(head, row)
        batch = list(islice(waiting, AT_ONCE))


def _fit(widths: Sequence[int]) -> list[int] | None:
    """Narrow the widest columns to the terminal, or return None when they become unreadable."""
    fitted = list(widths)
    if not sys.stdout.isatty():
        return fitted
    columns = shutil.get_terminal_size().columns - GAP * (len(widths) - 1)
    while sum(fitted) > columns:
        widest = fitted.index(max(fitted))
        if fitted[widest] <= NARROWEST:
            return None
        fitted[widest] -= 1
    return fitted


def _print_row(row: Sequence[str], widths: Sequence[int]) -> None:
    """Print one row; a cell that is wider than its column continues below."""
    cells = []
    for cell, width in zip(row, widths, strict=True):
        if len(cell) <= width:
            cells.append([cell])
        else:
            cells.append(wrap(cell, width, break_on_hyphens=False))
    for parts in zip_longest(*cells, fillvalue=""):
        padded = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
        click.echo((" " * GAP).join(padded).rstrip())


def _print_record(head: Sequence[str], row: Sequence[str]) -> None:
    """Print one row with a line for each cell that is not empty."""
    width = max(map(len, head))
    for name, cell in zip(head, row, strict=True):
        if cell:
            click.echo(f"{name.ljust(width)}{' ' * GAP}{cell}")
    click.echo()


def format_cell(value: object) -> str:
    """A value as a cell: yes or no for a truth value, empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _YES_NO[value]
    return str(value)


_YES_NO = {True: "yes", False: "no"}


# `flask COMMAND` needs no views, and some commands need no settings.


def build_command_app() -> Flask | None:
    """An application with commands only, while `flask` looks for a command's name; otherwise None:
    `flask run` and the like serve requests."""
    context = click.get_current_context(silent=True)
    if context is None:
        return None
    from flask import Flask
    from flask.cli import FlaskGroup

    if not isinstance(context.command, FlaskGroup):
        return None
    collect_less_garbage()
    app = Flask("ivr_app")
    app.cli = LineGroup(app.name)
    return app


def raise_settings_error(error: SettingsError) -> NoReturn:
    """Raise it as a sentence if `flask` is to print it."""
    if click.get_current_context(silent=True) is None:
        raise error
    raise Refusal(str(error)) from None


# The person at the terminal, for the journal and the audit log.


def operator_name() -> str:
    """The login name; a container may have only a number."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def build_audit_entry(action: str) -> AuditEntry:
    """The entry of the audit log for what the operator does now."""
    from store.people.audit import AuditEntry

    return AuditEntry(dt.datetime.now(dt.UTC), operator_name(), "cli", action)
