"""`swap`: somebody gives a shift away, and both are told by text."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import click

from ivr_app.cli.counter import engineer_of, line_of, ready_board
from ivr_app.cli.given import Moment, line_option
from ivr_app.cli.handover import Handover, Swap, hand_over
from ivr_app.cli.printout import json_wanted, local, objects
from ivr_app.cli.refusal import Refusal, Task
from ivr_app.cli.swap_letters import Mailbag, of_swap
from plan.holidays import office
from routing.line import Line, Schedule
from routing.schedule.wallclock import instant
from store.overrides import Amendment, Kept, amend
from store.people import SqlPeople
from switchboard import now

LONGEST = dt.timedelta(days=100)
"""What goes on for longer is no swap, and belongs into the file."""


@click.command("swap", cls=Task)
@line_option
@click.option("--schedule", "schedule_id", required=True)
@click.option("--from", "from_", type=Moment(), required=True)
@click.option("--to", type=Moment(), required=True)
@click.option("--give", required=True, help="The engineer who gives the shift away.")
@click.option("--take", required=True, help="The engineer who takes it.")
@json_wanted
def swap(line_id: str | None, schedule_id: str, as_json: bool, **asked: Any) -> None:
    """Give a shift away; times without an offset are local to the schedule."""
    board, at = ready_board(), now()
    line = line_of(SqlPeople(board.engine), line_id)
    schedule = scheduled(line, schedule_id)
    wanted = _wanted(line, schedule, asked, at)
    mailbag = Mailbag(board, line, schedule)
    done = _agree(mailbag, wanted)
    _say(wanted, schedule, done, as_json=as_json)
    warn(done.remarks, mailbag.doubts())


def scheduled(line: Line, wanted: str) -> Schedule:
    """The schedule of this id, or a refusal that names those that there are."""
    found = line.schedule(wanted)
    if found is None:
        known = ", ".join(schedule.id for schedule in line.schedules)
        raise Refusal(f"There is no schedule {wanted} on line {line.id}; there are: {known}")
    return found


def _wanted(line: Line, schedule: Schedule, asked: dict[str, Any], at: dt.datetime) -> Swap:
    give, take = (engineer_of(line, asked[role]) for role in ("give", "take"))
    if give.id == take.id:
        raise Refusal(f"{give.name} cannot take a shift from themselves.")
    start, end = (instant(asked[name], schedule.timezone) for name in ("from_", "to"))
    if start >= end:
        raise Refusal("--to must come after --from.")
    if end - max(start, at) > LONGEST:
        raise Refusal(f"A swap is at most {LONGEST.days} days long; write this into line.yaml.")
    if end <= at:
        raise Refusal("That time is over: what was on call then stays as it was.")
    return Swap(give, take, (max(start, at), end), f"swap-{secrets.token_hex(8)}", at)


def _agree(mailbag: Mailbag, wanted: Swap) -> Handover:
    done: list[Handover] = []
    board, line = mailbag.board, mailbag.line

    def decide(plain: Schedule, kept: Sequence[Kept]) -> Amendment:
        done.append(hand_over(wanted, plain, kept, office(line)))
        return Amendment(done[-1].kept, of_swap(mailbag, wanted, done[-1].given))

    mailbag.post(amend(board.engine, line.id, mailbag.schedule.id, wanted.at, decide))
    return done[-1]


def warn(*remarks: Iterable[str]) -> None:
    """What is odd about what was done."""
    for remark in chain(*remarks):
        click.echo(f"warning: {remark}", err=True)


def _say(wanted: Swap, schedule: Schedule, done: Handover, *, as_json: bool) -> None:
    here = ZoneInfo(schedule.timezone)
    for start, end in done.given:
        if as_json:
            times = {"start": start.astimezone(here), "end": end.astimezone(here)}
            said = {name: at.isoformat() for name, at in times.items()}
            people = {"give": wanted.give.id, "take": wanted.take.id}
            objects([{"schedule": schedule.id, **said, **people, "uid": done.uid}])
            continue
        since, until = (local(at, schedule.timezone, "minutes") for at in (start, end))
        who = f"{wanted.take.name} takes {schedule.id} from {wanted.give.name}"
        click.echo(f"{who}: {since} to {until} ({schedule.timezone})")
    if done.uid and not as_json:
        click.echo(f"Both are told. To take it back: flask --app ivr_app swaps undo {done.uid}")
