"""`provision`: the numbers of the lines point at this host, after saying what that changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from carrier.pointing import Pointer, changes, of_calls, of_texts, wanted
from carrier.request import NotDoneError, RefusedError, UnsureError
from carrier.telephone import Telephone
from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, objects, table
from ivr_app.cli.refusal import Refusal, Task
from outpost import spare_of
from routing.line import Line
from routing.written.replying import numbers_for_texts
from settings import Settings
from switchboard import account_of

KEYS = ("number", "setting", "old", "new")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be changed at one number: old and new, by the carrier's name of the setting."""

    number: str
    sid: str
    changes: Mapping[str, tuple[str, str]]


@click.command("provision", cls=Task)
@line_option
@click.option("--yes", is_flag=True, help="Change it without asking.")
@json_wanted
def provision(line_id: str | None, yes: bool, as_json: bool) -> None:
    """Point the numbers at this host: calls, their fallback and their end, and texts.

    With --json nothing is changed unless --yes is given too.
    """
    board = ready_board()
    people = board.people
    first, everybody = line_of(people, line_id), people.all_lines()
    lines = [first] if line_id else everybody
    telephone = Telephone(account_of(board.settings))
    try:
        plans = [_plan(telephone, *one) for one in _numbers(lines, everybody, board.settings)]
        if not as_json:
            _show(plans)
        todo = [plan for plan in plans if plan.changes]
        if todo and (yes or (not as_json and click.confirm("Change this at the carrier?"))):
            for plan in todo:
                telephone.point(plan.sid, {name: new for name, (_, new) in plan.changes.items()})
        if as_json:
            objects(dict(zip(KEYS, row, strict=True)) | {"changed": yes} for row in _rows(plans))
    except (RefusedError, NotDoneError, UnsureError) as error:
        raise Refusal(_why(error, board.settings)) from error
    finally:
        telephone.close()


def _numbers(
    lines: Sequence[Line], everybody: Sequence[Line], settings: Settings
) -> Iterator[tuple[str, list[Pointer]]]:
    """Each number with all that it is for: one may take the calls and the texts."""
    found: dict[str, list[Pointer]] = {}
    for line in lines:
        calls = of_calls(settings.public_url, spare_of(line, everybody, settings))
        found.setdefault(line.number, []).extend(calls)
        for number in numbers_for_texts(line):
            found.setdefault(number, []).extend(of_texts(settings.public_url))
    yield from found.items()


def _plan(telephone: Telephone, number: str, pointers: Sequence[Pointer]) -> Plan:
    found = telephone.number(number)
    if found is None:
        raise Refusal(
            f"{number} is no number of this carrier account: buy it there, or correct the line's "
            "file. Nothing was changed."
        )
    return Plan(number, str(found.sid), changes(found, wanted(pointers)))


def _rows(plans: Sequence[Plan]) -> list[tuple[str, str, str, str]]:
    return [(plan.number, name, *pair) for plan in plans for name, pair in plan.changes.items()]


def _show(plans: Sequence[Plan]) -> None:
    for plan in plans:
        if not plan.changes:
            click.echo(f"{plan.number} is as it should be.")
    if rows := _rows(plans):
        table(("number", "setting", "now", "then"), [[cell or "-" for cell in row] for row in rows])


def _why(error: Exception, settings: Settings) -> str:
    if isinstance(error, RefusedError):
        return f"The carrier refuses ({error.code}): see its console, and PUBLIC_URL."
    return f"{settings.twilio_api_url} cannot be asked ({error}); run this again."
