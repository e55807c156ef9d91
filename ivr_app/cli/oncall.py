"""`oncall`: who is on call at a moment or during a period, and the hours of a month."""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from config.holidays import build_office_hours
from config.staffing import (
    MAX_WORK,
    MIN_CALL_OUT,
    StandbyHours,
    TimeSpan,
    find_longest_work,
    month_span,
    split_at_changes,
    sum_standby,
)
from ivr_app.cli.context import (
    LineCommand,
    MomentType,
    MonthType,
    at_option,
    file_option,
    find_schedule,
    json_option,
    line_option,
    print_objects,
    print_table,
    read_line,
    ready_services,
    resolve_moment,
)
from routing.line import Line, Schedule
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import format_local
from routing.oncall.rota import on_call, segments

if TYPE_CHECKING:
    from store.log.callouts import CallOut

Span = tuple[dt.datetime, dt.datetime]


@click.command("oncall", cls=LineCommand, example="oncall --file line.yaml --at 2026-12-24T18:00")
@file_option
@line_option
@click.option("--schedule", "schedule_id", help="Default: every schedule.")
@at_option
@click.option("--from", "from_", type=MomentType(), help="The start of a period; needs --to.")
@click.option("--to", type=MomentType(), help="The end of a period; needs --from.")
@click.option("--report", "month", type=MonthType(), help="Print hours and call-outs as CSV.")
@json_option
def oncall(file: Path | None, line_id: str | None, as_json: bool, **asked: Any) -> None:
    """Show who is on call. A time without an offset is in the line's time zone."""
    line = read_line(file, line_id).line
    span = _span(asked["at"], asked["from_"], asked["to"], line.timezone)
    schedules = _schedules(line, asked["schedule_id"])
    if asked["month"] is not None:
        if span or asked["at"]:
            raise click.UsageError("--report goes without --at, --from and --to")
        month = month_span(asked["month"], line.timezone)
        outs = None
        if file is None:
            outs = _call_outs(line.id, month)
        report(Payroll(line, month, outs).rows(schedules), as_json=as_json)
    elif span is None:
        at = resolve_moment(asked["at"], dt.datetime.now(dt.UTC), line.timezone)
        _at(line, schedules, at, as_json=as_json)
    else:
        _from_to(line, schedules, span, as_json=as_json)


def _call_outs(line_id: str, month: Span) -> Sequence[CallOut]:
    from store.log.callouts import list_call_outs

    return list_call_outs(ready_services().engine, line_id, month[0] - DAY, month[1])


def _span(
    at: dt.datetime | None, start: dt.datetime | None, end: dt.datetime | None, zone: str
) -> Span | None:
    if start is None and end is None:
        return None
    if start is None or end is None or at is not None:
        raise click.UsageError("--from and --to go together, and without --at")
    span = resolve_moment(start, start, zone), resolve_moment(end, end, zone)
    if span[0] >= span[1]:
        raise click.UsageError("--to must come after --from")
    return span


def _schedules(line: Line, wanted: str | None) -> tuple[Schedule, ...]:
    if wanted is None:
        return line.schedules
    return (find_schedule(line, wanted),)


def _at(line: Line, schedules: tuple[Schedule, ...], at: dt.datetime, *, as_json: bool) -> None:
    found = [
        (schedule.id, on_call(schedule, at, build_office_hours(line))) for schedule in schedules
    ]
    if as_json:
        then = _iso(at, line)
        print_objects({"schedule": name, "at": then, "on_call": list(ids)} for name, ids in found)
        return
    click.echo(f"On call at {format_local(at, line.timezone)} ({line.timezone}):")
    print_table(("schedule", "on call"), ((name, _named(line, ids)) for name, ids in found))


def _from_to(line: Line, schedules: tuple[Schedule, ...], span: Span, *, as_json: bool) -> None:
    found = _segments(line, schedules, span)
    if as_json:
        print_objects(found)
        return
    click.echo(f"Times are local to {line.timezone}.")
    rows = (
        (
            row["schedule"],
            format_local(row["start"], line.timezone),
            format_local(row["end"], line.timezone),
            _named(line, row["on_call"]),
        )
        for row in found
    )
    print_table(("schedule", "from", "to", "on call"), rows)


def _segments(line: Line, schedules: tuple[Schedule, ...], span: Span) -> Iterator[dict[str, Any]]:
    for schedule in schedules:
        for segment in segments(schedule, *span, build_office_hours(line)):
            yield {
                "schedule": schedule.id,
                "start": _iso(segment.start, line),
                "end": _iso(segment.end, line),
                "on_call": list(segment.on_call),
            }


def _iso(at: dt.datetime, line: Line) -> str:
    return at.astimezone(ZoneInfo(line.timezone)).isoformat()


def _named(line: Line, ids: tuple[str, ...] | list[str]) -> str:
    people = (line.engineer(one) for one in ids)
    return ", ".join(f"{p.name} ({p.id})" for p in people if p) or "nobody"


# `oncall --report MONTH`: standby hours and call-outs of each engineer, for the payroll.


DAY = dt.timedelta(days=1)
COLUMNS = (
    "person",
    "schedule",
    "standby_hours",
    "outside_office_hours",
    "weekend_hours",
    "holiday_hours",
    "call_outs",
    "call_out_minutes",
    "note",
)


@dataclass(frozen=True)
class Payroll:
    """One month of a line; ``call_outs``, from a day before it on, is None where no log is read.

    Hours are those of the schedules as they are written now.
    """

    line: Line
    span: TimeSpan
    call_outs: Sequence[CallOut] | None

    def rows(self, schedules: Sequence[Schedule]) -> Iterator[dict[str, Any]]:
        """A row for each person and schedule; without a schedule for people rung by name."""
        opening = build_office_hours(self.line)
        for schedule in schedules:
            held = sum_standby(schedule, self.span, opening)
            taken = self._taken(schedule.id, opening)
            for person in sorted({*held, *(one.engineer for one in taken)}):
                hours = held.get(person, StandbyHours())
                yield self._row(person, schedule.id, hours, _of(person, taken), opening)
        rest: list[CallOut] = []
        if schedules == self.line.schedules:
            rest = self._taken("", opening)
        for person in sorted({one.engineer for one in rest}):
            yield self._row(person, "", StandbyHours(), _of(person, rest), opening)

    def _row(
        self,
        person: str,
        schedule: str,
        held: StandbyHours,
        taken: list[CallOut],
        opening: OfficeHours,
    ) -> dict[str, Any]:
        hours = (held.total, held.outside_office, held.weekend, held.holiday)
        minutes = sum(((one.end or one.start) - one.start for one in taken), dt.timedelta())
        counted: tuple[int | None, float | None] = (None, None)
        if self.call_outs is not None:
            counted = (len(taken), round(minutes.total_seconds() / 60, 1))
        in_hours = (round(length / dt.timedelta(hours=1), 2) for length in hours)
        note = "; ".join(self._notes(taken, opening)) or None
        return dict(zip(COLUMNS, (person, schedule, *in_hours, *counted, note), strict=True))

    def _taken(self, schedule: str, opening: OfficeHours) -> list[CallOut]:
        """The call-outs of the month outside office hours that belong to a schedule."""
        return [
            one
            for one in self.call_outs or ()
            if self.span[0] <= one.start and not opening.is_open(one.start)
            if schedule == self._duty(one, opening)
        ]

    def _duty(self, one: CallOut, opening: OfficeHours) -> str:
        """The first schedule that had the person on call: no call-out is paid twice."""
        schedules = self.line.schedules
        duties = (s.id for s in schedules if one.engineer in on_call(s, one.start, opening))
        return next(duties, "")

    def _notes(self, taken: list[CallOut], opening: OfficeHours) -> Iterator[str]:
        open_ended = sum(one.end is None for one in taken)
        if open_ended:
            yield f"call-outs whose end is not recorded: {open_ended}"
        if not taken or self.line.labour_rules is None:
            return
        theirs = _of(taken[0].engineer, self.call_outs or ())
        outs = [(o.start, max(o.end or o.start, o.start + MIN_CALL_OUT)) for o in theirs]
        days = split_at_changes(self.span[0] - DAY, self.span[1] + DAY, opening)
        work = [stretch for stretch in days if opening.is_open(stretch[0])]
        found = find_longest_work(work, outs)
        if found:
            since = found[0].astimezone(ZoneInfo(self.line.timezone))
            hours = round(found[1] / dt.timedelta(hours=1), 2)
            most = MAX_WORK // dt.timedelta(hours=1)
            day = f"the 24 hours from {since:%Y-%m-%d %H:%M}"
            yield f"{hours} hours of work in {day}, office hours included: more than {most}"


def report(rows: Iterator[dict[str, Any]], *, as_json: bool) -> None:
    """Print the rows as CSV, or as one object a line."""
    if as_json:
        print_objects(rows)
        return
    sheet = csv.writer(sys.stdout, lineterminator="\n")
    sheet.writerow(COLUMNS)
    sheet.writerows(row.values() for row in rows)


def _of(person: str, taken: Sequence[CallOut]) -> list[CallOut]:
    return [one for one in taken if one.engineer == person]
