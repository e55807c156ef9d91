"""A month as a grid of weeks: of each day who is on call, since when, and when nobody is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ivr_app.console import i18n, language, t, translated_names, zone
from ivr_app.console.oncall.timeline import DAY, DayRange, find_gaps, midnight, weeks_of
from routing.line import Line, Schedule
from routing.oncall.hours import OfficeHours
from routing.oncall.rota import segments
from service.calendar_feed import Span, find_oncall_spans


@dataclass(frozen=True, slots=True)
class DayTurn:
    """One person on one day; a moment is None where it lies on another day."""

    person: str
    since: dt.datetime | None
    until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class DayDuty:
    """One schedule on one day."""

    schedule: str
    turns: Sequence[DayTurn]
    gaps: Sequence[Span]


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A square of the grid; ``inside`` the month or of a neighbour of it."""

    date: dt.date
    inside: bool
    holiday: bool
    duties: Sequence[DayDuty]


def build_grid(line: Line, month: DayRange, office: OfficeHours) -> list[list[MonthDay]]:
    """The weeks that the month touches, Monday first."""
    found = [_build_day(line, day, month, office) for day in weeks_of(month).days]
    return [found[at : at + 7] for at in range(0, len(found), 7)]


def _build_day(line: Line, date: dt.date, month: DayRange, office: OfficeHours) -> MonthDay:
    span = midnight(date, month.zone), midnight(date + DAY, month.zone)
    duties = [_build_duty(line, schedule, span, office) for schedule in line.schedules]
    return MonthDay(date, month.first <= date < month.after, office.is_holiday(date), duties)


def _build_duty(line: Line, schedule: Schedule, span: Span, office: OfficeHours) -> DayDuty:
    people = {one for s in segments(schedule, *span, office) for one in s.on_call}
    turns = sorted(
        (*shift, who) for who in people for shift in find_oncall_spans(who, schedule, span, office)
    )
    return DayDuty(
        schedule.id,
        [
            DayTurn(who, _edge_on(start, span[0]), _edge_on(end, span[1]))
            for start, end, who in turns
        ],
        list(find_gaps(line, schedule, span, office)),
    )


def _edge_on(at: dt.datetime, edge: dt.datetime) -> dt.datetime | None:
    """A shift that changes hands at midnight sharp is told as one that goes on."""
    return None if at == edge else at


# How the rota names days, times and changes: what its templates have at hand.


def name_weekday(date: dt.date) -> str:
    """ma 9 mrt."""
    months = translated_names(language(), "console.months")
    return f"{list_weekdays()[date.weekday()]} {date.day} {months[date.month - 1]}"


def short_weekday(date: dt.date) -> str:
    """ma 9, where there is no room for more."""
    return f"{list_weekdays()[date.weekday()]} {date.day}"


def list_weekdays() -> list[str]:
    """From Monday to Sunday."""
    return translated_names(language(), "console.weekdays")


def format_heading(view: str, period: DayRange) -> str:
    """Week 11, 2026, or maart 2026: a week belongs to the year of its Thursday."""
    if view == "week":
        year, week, _ = (period.first + 3 * DAY).isocalendar()
        return t("oncall.heading.week", week=week, year=year)
    month = translated_names(language(), "oncall.months")[period.first.month - 1]
    return t("oncall.heading.month", month=month, year=period.first.year)


def format_clock(at: dt.datetime | None) -> str:
    """09:00, or nothing where it lies on another day."""
    return i18n.format_clock(at, zone()) if at else ""


def format_short(at: dt.datetime) -> str:
    """di 24 nov 18:00."""
    return f"{name_weekday(at.astimezone(zone()).date())} {format_clock(at)}"


def describe_change(give: str, take: str) -> str:
    """Who takes over from whom, comes beside the others, or goes off."""
    how = "swap" if give and take else "add" if take else "off"
    return t(f"oncall.hands.{how}", give=give, take=take)


def list_schedules(line: Line) -> list[tuple[str, str]]:
    """What can be chosen."""
    return [(one.id, one.id) for one in line.schedules]


TEMPLATE_HELPERS = {
    "weekday": name_weekday,
    "narrow": short_weekday,
    "weekdays": list_weekdays,
    "heading": format_heading,
    "clock": format_clock,
    "short": format_short,
    "hands": describe_change,
    "schedules": list_schedules,
}
