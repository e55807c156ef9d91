"""`oncall --report MONTH`: hours on call and call-outs of each person, for the payroll."""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ivr_app.cli.printout import objects
from plan.gaps import Stretch
from plan.holidays import office
from plan.labour import LEAST_CALL_OUT, MOST_WORK, too_long
from plan.standby import Standby, even, standby
from routing.line import Line, Schedule
from routing.schedule.hours import Office
from routing.schedule.rota import on_call
from store.callouts import CallOut

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
    span: Stretch
    call_outs: Sequence[CallOut] | None

    def rows(self, schedules: Sequence[Schedule]) -> Iterator[dict[str, Any]]:
        """A row for each person and schedule; one without a schedule for who was rung by name."""
        opening = office(self.line)
        for schedule in schedules:
            held = standby(schedule, self.span, opening)
            taken = self._taken(schedule.id, opening)
            for person in sorted({*held, *(one.engineer for one in taken)}):
                hours = held.get(person, Standby())
                yield self._row(person, schedule.id, hours, _of(person, taken), opening)
        rest = self._taken("", opening) if schedules == self.line.schedules else []
        for person in sorted({one.engineer for one in rest}):
            yield self._row(person, "", Standby(), _of(person, rest), opening)

    def _row(
        self, person: str, schedule: str, held: Standby, taken: list[CallOut], opening: Office
    ) -> dict[str, Any]:
        hours = (held.total, held.outside_office, held.weekend, held.holiday)
        minutes = sum(((one.end or one.start) - one.start for one in taken), dt.timedelta())
        logged = self.call_outs is not None
        counted = (len(taken), round(minutes.total_seconds() / 60, 1)) if logged else (None, None)
        in_hours = (round(length / dt.timedelta(hours=1), 2) for length in hours)
        note = "; ".join(self._notes(taken, opening)) or None
        return dict(zip(COLUMNS, (person, schedule, *in_hours, *counted, note), strict=True))

    def _taken(self, schedule: str, opening: Office) -> list[CallOut]:
        """The call-outs of the month outside office hours that belong to a schedule."""
        return [
            one
            for one in self.call_outs or ()
            if self.span[0] <= one.start and not opening.is_open(one.start)
            if schedule == self._duty(one, opening)
        ]

    def _duty(self, one: CallOut, opening: Office) -> str:
        """The first schedule that had the person on call: no call-out is paid twice."""
        schedules = self.line.schedules
        duties = (s.id for s in schedules if one.engineer in on_call(s, one.start, opening))
        return next(duties, "")

    def _notes(self, taken: list[CallOut], opening: Office) -> Iterator[str]:
        open_ended = sum(one.end is None for one in taken)
        if open_ended:
            yield f"call-outs whose end is not recorded: {open_ended}"
        if not taken or self.line.labour_rules is None:
            return
        theirs = _of(taken[0].engineer, self.call_outs or ())
        outs = [(o.start, max(o.end or o.start, o.start + LEAST_CALL_OUT)) for o in theirs]
        days = even(self.span[0] - DAY, self.span[1] + DAY, opening)
        work = [stretch for stretch in days if opening.is_open(stretch[0])]
        found = too_long(work, outs)
        if found:
            since = found[0].astimezone(ZoneInfo(self.line.timezone))
            hours = round(found[1] / dt.timedelta(hours=1), 2)
            most = MOST_WORK // dt.timedelta(hours=1)
            day = f"the 24 hours from {since:%Y-%m-%d %H:%M}"
            yield f"{hours} hours of work in {day}, office hours included: more than {most}"


def report(rows: Iterator[dict[str, Any]], *, as_json: bool) -> None:
    """Print the rows as CSV, or as one object a line."""
    if as_json:
        objects(rows)
        return
    sheet = csv.writer(sys.stdout, lineterminator="\n")
    sheet.writerow(COLUMNS)
    sheet.writerows(row.values() for row in rows)


def _of(person: str, taken: Sequence[CallOut]) -> list[CallOut]:
    return [one for one in taken if one.engineer == person]
