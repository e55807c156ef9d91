"""`swaps` lists the shifts that were given away; `swaps undo` takes a swap back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from zoneinfo import ZoneInfo

import click

from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import line_option
from ivr_app.cli.printout import json_wanted, local, objects, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from ivr_app.cli.swap import scheduled, warn
from ivr_app.cli.swap_letters import Mailbag
from ivr_app.cli.undoing import Undoing, undo
from plan.holidays import office
from routing.letter import Letter
from routing.line import Line, Override, Schedule
from store.overrides import SWAP, Amendment, Kept, amend, kept_beside
from store.people import SqlPeople
from switchboard import now

HEAD = ("swap", "schedule", "from", "to", "give", "take")


@click.group("swaps", cls=TaskGroup, invoke_without_command=True)
@line_option
@click.option("--all", "everything", is_flag=True, help="Those that are over as well.")
@json_wanted
@click.pass_context
def swaps(context: click.Context, line_id: str | None, everything: bool, as_json: bool) -> None:
    """List the swaps that stand; times are local to the schedule."""
    if context.invoked_subcommand is not None:
        return
    board, at = ready_board(), now()
    line = line_of(SqlPeople(board.engine), line_id)
    kept = kept_beside(board.engine, line.id)
    rows = _rows(line, kept, dt.datetime.min.replace(tzinfo=dt.UTC) if everything else at)
    if as_json:
        objects(rows)
        return
    cells = (
        (r["uid"], r["schedule"], _clock(r["start"]), _clock(r["end"]), r["give"], r["take"])
        for r in rows
    )
    table(HEAD, cells)


def _rows(
    line: Line, kept: Mapping[str, Sequence[Kept]], since: dt.datetime
) -> Iterator[dict[str, str]]:
    found = [(k, s) for s in line.schedules for k in kept.get(s.id, ()) if k.origin == SWAP]
    for one, schedule in sorted(found, key=lambda row: row[0].override.start):
        here, override = ZoneInfo(schedule.timezone), one.override
        if override.end > since:
            yield {
                "uid": one.uid,
                "schedule": schedule.id,
                "start": override.start.astimezone(here).isoformat(),
                "end": override.end.astimezone(here).isoformat(),
                "give": override.remove or "",
                "take": override.add or "",
            }


def _clock(moment: str) -> str:
    return moment[:16].replace("T", " ")


@swaps.command("undo", cls=Task)
@click.argument("uid")
@line_option
@json_wanted
def take_back(uid: str, line_id: str | None, as_json: bool) -> None:
    """Give the shifts of swap UID back to whoever gave them away; all of them are told."""
    board, at = ready_board(), now()
    line = line_of(SqlPeople(board.engine), line_id)
    mailbag = Mailbag(board, line, _schedule_of(uid, line, kept_beside(board.engine, line.id)))
    done: list[Undoing] = []

    def decide(plain: Schedule, kept: Sequence[Kept]) -> Amendment:
        done.append(undo(uid, plain, kept, at, office(line)))
        return Amendment(done[-1].kept, tuple(_letters(mailbag, uid, done[-1].back)))

    mailbag.post(amend(board.engine, line.id, mailbag.schedule.id, at, decide))
    _say(mailbag, done[-1].back, as_json=as_json)
    warn(done[-1].remarks, mailbag.doubts())


def _schedule_of(uid: str, line: Line, kept: Mapping[str, Sequence[Kept]]) -> Schedule:
    for name, rows in kept.items():
        if any(k.uid == uid and k.origin == SWAP for k in rows):
            return scheduled(line, name)
    raise Refusal(f"There is no swap {uid}; flask --app ivr_app swaps lists those there are.")


def _letters(mailbag: Mailbag, uid: str, back: Sequence[Override]) -> Iterator[Letter]:
    """Each taker is told, and the giver of each; of several times, from the first to the last."""
    pairs = sorted(back, key=lambda one: (one.remove or "", one.add or "", one.start))
    for (give, take), run in groupby(pairs, lambda one: (one.remove, one.add)):
        times = list(run)
        span = times[0].start, max(one.end for one in times)
        giver, taker = (mailbag.line.engineer(one or "") for one in (give, take))
        names = (giver.name if giver else give or "", taker.name if taker else take or "")
        if giver is not None:
            about = (span, names[1])
            yield mailbag.letter(f"{uid} back {take}", giver, "swap_back_given", about)
        if taker is not None:
            yield mailbag.letter(f"{uid} back", taker, "swap_back_taken", (span, names[0]))


def _say(mailbag: Mailbag, back: Sequence[Override], *, as_json: bool) -> None:
    schedule = mailbag.schedule
    here = ZoneInfo(schedule.timezone)
    for one in back:
        start, end = one.start.astimezone(here), one.end.astimezone(here)
        if as_json:
            times = {"start": start.isoformat(), "end": end.isoformat()}
            objects([{"schedule": schedule.id, **times, "give": one.add, "take": one.remove}])
            continue
        since, until = (local(at, schedule.timezone, "minutes") for at in (start, end))
        who = f"{one.remove} has {schedule.id} back from {one.add}"
        click.echo(f"{who}: {since} to {until} ({schedule.timezone})")
