"""`drill`: a made-up call through the whole line, which wakes nobody unless asked to."""

from __future__ import annotations

import time
from collections.abc import Callable

import click

from drill import Drill
from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, objects
from ivr_app.cli.refusal import Refusal, Task
from trial import DrillError
from waking import Waking


@click.command("drill", cls=Task)
@line_option
@click.option("--wake", is_flag=True, help="Ring and text the people on call, too.")
@click.option("--yes", is_flag=True, help="Wake them without asking.")
@json_wanted
def drill(line_id: str | None, wake: bool, yes: bool, as_json: bool) -> None:
    """Practise: identify, level 1, page, acknowledge; exit 1 and an alarm where it fails.

    Signed webhooks go to PUBLIC_URL as the carrier sends them. Nobody's telephone rings; who is
    paged is a person that only drills have. With --wake those on call are rung and texted, hear
    that it is a drill, and each presses a key; with --json only where --yes is given too.
    """
    board, told = ready_board(), Told(as_json)
    line = line_of(board.people, line_id)
    hold: Callable[[], object] = Drill(board, line, told.say).hold
    if wake:
        waking = Waking(board, line, told.say)
        _agree(list(waking.whom().values()), yes, as_json)
        hold = waking.hold
    told.begin(line.id)
    try:
        hold()
    except DrillError as failed:
        told.say(f"FAILED: {failed}")
        raise Refusal(f"The drill of {line.id} failed: {failed}.") from None
    finally:
        if as_json:
            objects(told.rows)
    if not as_json:
        click.echo(f"The drill of {line.id} passed.")


class Told:
    """What is said of each step, and how many seconds after the beginning."""

    def __init__(self, as_json: bool) -> None:
        """Nothing yet."""
        self.rows: list[dict[str, object]] = []
        self._as_json = as_json

    def begin(self, line_id: str) -> None:
        """The drill of this line begins."""
        self._line, self._began = line_id, time.monotonic()

    def say(self, step: str) -> None:
        """One step, printed at once."""
        seconds = round(time.monotonic() - self._began, 2)
        self.rows.append({"line": self._line, "step": step, "after_s": seconds})
        if not self._as_json:
            click.echo(f"{seconds:6.2f} s  {step}")


def _agree(names: list[str], yes: bool, as_json: bool) -> None:
    """Nobody is woken by mistake."""
    if not names:
        raise Refusal("Nobody is on call, so there is nobody to wake.")
    if as_json and not yes:
        raise Refusal("With --json people are woken only where --yes is given too.")
    who = ", ".join(names)
    if not as_json:
        click.echo(f"This drill rings and texts, now: {who}.")
    if not yes and not click.confirm("Wake them?"):
        raise Refusal("Nobody was woken.")
