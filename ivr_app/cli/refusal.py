"""Why a command cannot do what it was asked: a sentence on standard error and exit 1."""

from __future__ import annotations

from contextlib import nullcontext
from typing import IO, Any

import click
from flask import current_app
from flask.cli import ScriptInfo
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from plan.findings import PaperError
from settings import SettingsError
from store.apply import ClashError
from store.postgresql import PooledError

SENTENCES = (PaperError, ClashError, PooledError, SettingsError)
"""Errors whose words are meant for the person at the terminal."""


class Refusal(click.ClickException):
    """Ends the command; the message is for the person at the terminal."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message as it is."""
        click.echo(self.message, file=file, err=file is None)


class Task(click.Command):
    """A command of the line: whatever stops it is told in words, never as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run inside the application."""
        try:
            with nullcontext() if current_app else _application(ctx).app_context():
                return super().invoke(ctx)
        except SENTENCES as error:
            raise Refusal(str(error)) from error
        except SQLAlchemyError as error:
            raise Refusal(why_no_database(error)) from error


class TaskGroup(Task, click.Group):
    """A command of the line that has others under it."""


def why_no_database(error: SQLAlchemyError) -> str:
    """A sentence on a database that does not do what it was asked."""
    words = str(error.orig).strip() if isinstance(error, DBAPIError) else ""
    reason = words.splitlines()[0] if words else type(error).__name__
    return f"The database that DATABASE_URL names cannot be used: {reason}."


def _application(ctx: click.Context) -> Any:
    return ctx.ensure_object(ScriptInfo).load_app()
