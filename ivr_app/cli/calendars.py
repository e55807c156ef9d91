"""`calendars` and `vcard`: secret calendar links, imported absences, and contact cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from config.absences import CalendarEntry, read_entries
from config.holidays import build_office_hours
from ivr_app.cli.context import (
    LineCommand,
    LineCommandGroup,
    Refusal,
    build_audit_entry,
    file_argument,
    find_line,
    find_schedule,
    json_option,
    line_option,
    open_line,
    print_objects,
    print_table,
    ready_services,
)
from routing.line import Line, Schedule
from routing.oncall.local_time import format_local
from service.bootstrap import Services, now
from service.calendar_feed import render_vcard
from service.shifts.absence_import import (
    AbsenceChange,
    AbsenceImport,
    LeavesEmptyError,
    Outlook,
    ScheduleImport,
)
from service.signed_urls import build_feed_token, list_subjects
from store.people.audit import audit_writes
from store.people.calendar_links import ENGINEER, SCHEDULE, read_generations, withdraw_link

MOST_WARNINGS = 20
TOLD = ("added", "changed", "unchanged", "removed")


@click.group("calendars", cls=LineCommandGroup, example="calendars", invoke_without_command=True)
@line_option
@json_option
@click.pass_context
def calendars(context: click.Context, line_id: str | None, as_json: bool) -> None:
    """Print the secret calendar links. Anyone who has a link can read its calendar."""
    if context.invoked_subcommand is not None:
        return
    services = ready_services()
    rows = list(_links(services, find_line(services.lines, line_id)))
    if as_json:
        print_objects(rows)
        return
    print_table(("kind", "id", "link"), ((row["kind"], row["id"], row["calendar"]) for row in rows))
    click.echo("For a contact card of the line, end an engineer's link with .vcf instead of .ics.")


def _links(services: Services, line: Line) -> Iterator[dict[str, str]]:
    for subject in list_subjects(line, read_generations(services.engine)):
        secret = build_feed_token(services.settings.secret_key, subject)
        link = f"{services.settings.public_url}/calendar/{secret}"
        row = {"line": line.id, "kind": subject.kind, "id": subject.id, "calendar": f"{link}.ics"}
        yield row | ({"contact": f"{link}.vcf"} if subject.kind == "engineer" else {})


@calendars.command("withdraw", cls=LineCommand, example="calendars withdraw primary")
@click.argument("id_", metavar="ID")
@line_option
def withdraw(id_: str, line_id: str | None) -> None:
    """Replace the link of schedule or engineer ID; the old link stops working."""
    services, line = open_line(line_id)
    kind = SCHEDULE if line.schedule(id_) is not None else ENGINEER
    if kind == ENGINEER and line.engineer(id_) is None:
        raise Refusal(f"Line {line.id} has no schedule or engineer {id_}.")
    told = build_audit_entry("calendars.withdraw").on(kind, f"{line.id} {id_}")
    with audit_writes(told):
        withdraw_link(services.engine, line.id, kind, id_, now())
    click.echo(f"The old link of {kind} {id_} no longer works. The new one:")
    links = {row["id"]: row["calendar"] for row in _links(services, line) if row["kind"] == kind}
    click.echo(links[id_])


def _warn_of(warnings: set[str]) -> None:
    for warning in sorted(warnings)[:MOST_WARNINGS]:
        click.echo(f"warning: {warning}", err=True)
    if (more := len(warnings) - MOST_WARNINGS) > 0:
        click.echo(f"warning: and {more} more", err=True)


def _agreed(times: set[str]) -> bool:
    _warn_of(times)
    try:
        return click.confirm("Import these absences anyway?", err=True)
    except click.Abort:  # nobody is there to answer
        click.echo("No answer; --yes imports them without asking.", err=True)
        return False


def _unasked(times: set[str]) -> bool:
    _warn_of(times)
    return True


@calendars.command(
    "import", cls=LineCommand, example="calendars import absences.ics --schedule primary"
)
@file_argument
@click.option("--schedule", "schedule_id", required=True)
@line_option
@click.option(
    "--replace", "instead", is_flag=True, help="Remove imported absences that FILE no longer has."
)
@click.option("--yes", is_flag=True, help="Do not ask, even if nobody is left on call.")
@json_option
def take_in(  # noqa: PLR0913  each is a word of the command
    file: Path, schedule_id: str, line_id: str | None, instead: bool, yes: bool, as_json: bool
) -> None:
    """Take the engineers of the events in FILE off call.

    An event that cannot be read is named, and the others are imported.
    """
    (services, line), at = open_line(line_id), now()
    schedule = find_schedule(line, schedule_id)
    try:
        entries = tuple(read_entries(file.read_bytes(), line, schedule.timezone, at))
    except ValueError as error:
        raise Refusal(f"{file} is not a readable calendar: {error}.") from error
    agreed = {True: _unasked, False: _agreed}[yes]
    imported = ScheduleImport(services, line, schedule, AbsenceImport(entries, instead, at))
    try:
        changes = imported.take(agreed)
    except LeavesEmptyError as error:
        raise Refusal("Nothing was imported.") from error
    _tell(changes, entries, schedule, as_json=as_json)
    _warn(services, line, changes, schedule.id)
    wrong = [entry for entry in entries if entry.wrong]
    for entry in wrong:
        click.echo(f"{entry.words}: {entry.wrong}", err=True)
    if wrong:
        raise Refusal(f"Mistakes: {len(wrong)}; these events were not imported.")


def _tell(
    changes: Iterable[AbsenceChange],
    entries: Iterable[CalendarEntry],
    schedule: Schedule,
    *,
    as_json: bool,
) -> None:
    words = {entry.uid: entry.words for entry in entries}
    count = Counter(change.change for change in changes)
    for change in (change for change in changes if change.change != "unchanged"):
        if as_json:
            print_objects(_rows(change, schedule))
            continue
        first, more = change.absences[0], len(change.absences) - 1
        since, until = (
            format_local(t, schedule.timezone, "minutes") for t in (first.start, first.end)
        )
        what = f"{change.change}: {first.engineer} off {since} to {until}"
        again = f", and {more} more" if more else ""
        click.echo(f"{what}{again} ({words.get(change.uid, 'no longer in the file')})")
    if not as_json:
        for why, number in sorted(Counter(entry.free for entry in entries if entry.free).items()):
            click.echo(f"left: {number} that {why}")
        said = ", ".join(f"{count[word]} {word}" for word in TOLD if count[word])
        click.echo(f"schedule {schedule.id}: events {said or 'none'}")


def _rows(change: AbsenceChange, schedule: Schedule) -> Iterator[dict[str, str]]:
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


def _warn(
    services: Services, line: Line, changes: Iterable[AbsenceChange], schedule_id: str
) -> None:
    current = services.lines.find_line(line.id) or line
    schedule = find_schedule(current, schedule_id)
    outlook = Outlook(changes, schedule, build_office_hours(current), now())
    _warn_of(outlook.all_the_same(current))


# `vcard`: the line as a contact, which phones let ring at night.


@click.command("vcard", cls=LineCommand, example="vcard")
@line_option
@json_option
def vcard(line_id: str | None, as_json: bool) -> None:
    """Print the numbers that call and text engineers, as contact cards."""
    people = ready_services().lines
    first = find_line(people, line_id)
    for line in [first] if line_id else people.list_lines():
        text = render_vcard(line, line.languages[0])
        if as_json:
            print_objects([{"line": line.id, "vcard": text}])
        else:
            click.echo(text.encode(), nl=False)
