"""`calendars`: the secret links to subscribe to, and absences imported from a calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from ivr_app.calendars.links import subjects, token
from ivr_app.cli.absences import Change, Intake, Outlook
from ivr_app.cli.counter import line_of, ready_board
from ivr_app.cli.given import file_argument, line_option
from ivr_app.cli.oneself import oneself
from ivr_app.cli.printout import json_wanted, objects, table
from ivr_app.cli.refusal import Refusal, Task, TaskGroup
from ivr_app.cli.swap import scheduled
from ivr_app.localtime import local
from plan.agenda import Entry, read_agenda
from plan.holidays import office
from routing.line import Line, Schedule
from store.calendar_links import ENGINEER, SCHEDULE, generations, withdraw_link
from store.kept import Kept
from store.overrides import Amendment, amend, with_overrides
from store.staff.audit import Deed, audited
from switchboard import Switchboard, now

MOST_WARNINGS = 20
TOLD = ("added", "changed", "unchanged", "removed")


@click.group("calendars", cls=TaskGroup, invoke_without_command=True)
@line_option
@json_wanted
@click.pass_context
def calendars(context: click.Context, line_id: str | None, as_json: bool) -> None:
    """Print the secret links: whoever has one can read that calendar."""
    if context.invoked_subcommand is not None:
        return
    board = ready_board()
    rows = list(_links(board, line_of(board.people, line_id)))
    if as_json:
        objects(rows)
        return
    table(("kind", "id", "link"), ((row["kind"], row["id"], row["calendar"]) for row in rows))
    click.echo("An engineer's link with .vcf instead of .ics is the line as a contact.")


def _links(board: Switchboard, line: Line) -> Iterator[dict[str, str]]:
    for subject in subjects(line, generations(board.engine)):
        secret = token(board.settings.secret_key, subject)
        link = f"{board.settings.public_url}/calendar/{secret}"
        row = {"line": line.id, "kind": subject.kind, "id": subject.id, "calendar": f"{link}.ics"}
        yield row | ({"contact": f"{link}.vcf"} if subject.kind == "engineer" else {})


class LeavesEmptyError(Exception):
    """Nobody would be on call at times that nobody has agreed to."""

    def __init__(self, times: set[str]) -> None:
        """``times`` are sentences."""
        super().__init__("; ".join(sorted(times)))
        self.times = times


@calendars.command("withdraw", cls=Task)
@click.argument("id_", metavar="ID")
@line_option
def withdraw(id_: str, line_id: str | None) -> None:
    """Give the calendar of schedule or engineer ID another link; the old one opens nothing."""
    board = ready_board()
    line = line_of(board.people, line_id)
    kind = SCHEDULE if line.schedule(id_) is not None else ENGINEER
    if kind == ENGINEER and line.engineer(id_) is None:
        raise Refusal(f"Line {line.id} has no schedule or engineer {id_}.")
    told = Deed(now(), oneself(), "cli", "calendars.withdraw").on(kind, f"{line.id} {id_}")
    with audited(told):
        withdraw_link(board.engine, line.id, kind, id_, now())
    click.echo(f"The old link of {kind} {id_} opens nothing any more. The new one:")
    links = {row["id"]: row["calendar"] for row in _links(board, line) if row["kind"] == kind}
    click.echo(links[id_])


@dataclass(frozen=True)
class Import:
    """One import into one schedule."""

    board: Switchboard
    line: Line
    schedule: Schedule
    intake: Intake

    def take(self, agreed: Callable[[set[str]], bool]) -> tuple[Change, ...]:
        """Write the overrides, and say what became of each event; times at which nobody would be
        on call must be ``agreed`` to, or else nothing is written."""
        accepted: set[str] = set()
        while True:
            try:
                return self._write(accepted)
            except LeavesEmptyError as error:
                if not agreed(error.times):
                    raise Refusal("Nothing was taken.") from error
                accepted |= error.times

    def _write(self, accepted: set[str]) -> tuple[Change, ...]:
        said: list[tuple[Change, ...]] = []

        def decide(schedule: Schedule, kept: Sequence[Kept]) -> Amendment:
            merged, changes = self.intake.merge(kept)
            line = replace(self.line, schedules=(schedule,))
            after = with_overrides(line, {schedule.id: _in_order(merged)}).schedules[0]
            outlook = Outlook(changes, after, office(self.line), self.intake.at)
            if empty := outlook.left_empty() - accepted:
                raise LeavesEmptyError(empty)
            said.append(changes)
            return Amendment(merged)

        amend(self.board.engine, self.line.id, self.schedule.id, self.intake.at, decide)
        return said[-1]


def _in_order(kept: Iterable[Kept]) -> list[Kept]:
    """In the order in which they count: what was done by hand comes first."""
    return sorted(kept, key=lambda one: not one.by_hand)


def _warn_of(warnings: set[str]) -> None:
    for warning in sorted(warnings)[:MOST_WARNINGS]:
        click.echo(f"warning: {warning}", err=True)
    if (more := len(warnings) - MOST_WARNINGS) > 0:
        click.echo(f"warning: and {more} more times like these", err=True)


def _agreed(times: set[str]) -> bool:
    _warn_of(times)
    try:
        return click.confirm("Take these absences all the same?", err=True)
    except click.Abort:  # nobody is there to answer
        click.echo("Nobody answered; --yes takes them unasked.", err=True)
        return False


def _unasked(times: set[str]) -> bool:
    _warn_of(times)
    return True


@calendars.command("import", cls=Task)
@file_argument
@click.option("--schedule", "schedule_id", required=True)
@line_option
@click.option(
    "--replace", "instead", is_flag=True, help="Remove what was imported and no longer comes."
)
@click.option("--yes", is_flag=True, help="Do not ask before nobody is left on call.")
@json_wanted
def take_in(  # noqa: PLR0913  each is a word of the command
    file: Path, schedule_id: str, line_id: str | None, instead: bool, yes: bool, as_json: bool
) -> None:
    """Take whoever the events of FILE name off call; wrong events are named, others are taken."""
    board, at = ready_board(), now()
    line = line_of(board.people, line_id)
    schedule = scheduled(line, schedule_id)
    try:
        entries = tuple(read_agenda(file.read_bytes(), line, schedule.timezone, at))
    except ValueError as error:
        raise Refusal(f"{file} is not a calendar that can be read: {error}.") from error
    intake = Intake(entries, instead, at)
    changes = Import(board, line, schedule, intake).take(_unasked if yes else _agreed)
    _tell(changes, entries, schedule, as_json=as_json)
    _warn(board, line, changes, schedule.id)
    wrong = [entry for entry in entries if entry.wrong]
    for entry in wrong:
        click.echo(f"{entry.words}: {entry.wrong}", err=True)
    if wrong:
        raise Refusal(f"Mistakes: {len(wrong)}; these events were not taken.")


def _tell(
    changes: Iterable[Change], entries: Iterable[Entry], schedule: Schedule, *, as_json: bool
) -> None:
    words = {entry.uid: entry.words for entry in entries}
    count = Counter(change.change for change in changes)
    for change in (change for change in changes if change.change != "unchanged"):
        if as_json:
            objects(_rows(change, schedule))
            continue
        first, more = change.absences[0], len(change.absences) - 1
        since, until = (local(t, schedule.timezone, "minutes") for t in (first.start, first.end))
        what = f"{change.change}: {first.engineer} off {since} to {until}"
        again = f", and {more} more" if more else ""
        click.echo(f"{what}{again} ({words.get(change.uid, 'no longer in the file')})")
    if not as_json:
        for why, number in sorted(Counter(entry.free for entry in entries if entry.free).items()):
            click.echo(f"left: {number} that {why}")
        said = ", ".join(f"{count[word]} {word}" for word in TOLD if count[word])
        click.echo(f"schedule {schedule.id}: events {said or 'none'}")


def _rows(change: Change, schedule: Schedule) -> Iterator[dict[str, str]]:
    here = ZoneInfo(schedule.timezone)
    for absence in change.absences:
        yield {
            "schedule": schedule.id,
            "uid": change.uid,
            "change": change.change,
            "engineer": absence.engineer,
            "start": absence.start.astimezone(here).isoformat(),
            "end": absence.end.astimezone(here).isoformat(),
        }


def _warn(board: Switchboard, line: Line, changes: Iterable[Change], schedule_id: str) -> None:
    current = board.people.line(line.id) or line
    schedule = scheduled(current, schedule_id)
    outlook = Outlook(changes, schedule, office(current), now())
    _warn_of(outlook.all_the_same(current))
