"""Who says what about which incident at the command line, and how it is told what came of it."""

from __future__ import annotations

from collections.abc import Callable

import click

from ivr_app.cli.counter import ready_board
from ivr_app.cli.oneself import oneself
from ivr_app.cli.printout import objects
from ivr_app.cli.refusal import Refusal
from ivr_app.objections import NobodyError, NoIncidentError, NotNowError
from ivr_app.standing import Standing
from routing.course.verbs import Verb
from routing.memo import How
from store.reports import Reports

SPOKEN_HERE = "en"
"""The language of the command line."""


def say(by: str | None, verb: Verb, do: Callable[[Standing], Standing], *, as_json: bool) -> None:
    """Do to the incident of the command that runs now what ``do`` says, in the name of ``by``, and
    print how it stands afterwards."""
    context = click.get_current_context().parent
    number = context.params["number"] if context is not None else 0
    board = ready_board()
    try:
        after = do(Standing.of(board, number, by or oneself(), How.COMMAND))
    except NoIncidentError as error:
        raise Refusal(f"There is no incident {number}.") from error
    except NobodyError as error:
        may = ", ".join(error.known)
        raise Refusal(
            f"{error.who} is nobody of line {error.line.id}; --by may be: {may}"
        ) from error
    except NotNowError as error:
        raise Refusal(error.sentence(SPOKEN_HERE)) from error
    if as_json:
        objects(Reports(board.engine).incident(number))
    else:
        click.echo(after.told(verb, SPOKEN_HERE))
