"""How the rota names days, times and changes: what its templates have at hand."""

from __future__ import annotations

import datetime as dt

from ivr_app.console import clockface
from ivr_app.console.oncall.period import DAY, Period
from ivr_app.console.viewer import language, zone
from ivr_app.console.wardrobe import t
from ivr_app.console.words import names
from routing.line import Line


def weekday(date: dt.date) -> str:
    """ma 9 mrt."""
    months = names(language(), "console.months")
    return f"{weekdays()[date.weekday()]} {date.day} {months[date.month - 1]}"


def narrow(date: dt.date) -> str:
    """ma 9, where there is no room for more."""
    return f"{weekdays()[date.weekday()]} {date.day}"


def weekdays() -> list[str]:
    """From Monday to Sunday."""
    return names(language(), "console.weekdays")


def heading(view: str, period: Period) -> str:
    """Week 11, 2026, or maart 2026: a week belongs to the year of its Thursday."""
    if view == "week":
        year, week, _ = (period.first + 3 * DAY).isocalendar()
        return t("oncall.heading.week", week=week, year=year)
    month = names(language(), "oncall.months")[period.first.month - 1]
    return t("oncall.heading.month", month=month, year=period.first.year)


def clock(at: dt.datetime | None) -> str:
    """09:00, or nothing where it lies on another day."""
    return clockface.clock(at, zone()) if at else ""


def short(at: dt.datetime) -> str:
    """di 24 nov 18:00."""
    return f"{weekday(at.astimezone(zone()).date())} {clock(at)}"


def hands(give: str, take: str) -> str:
    """Who takes over from whom, comes beside the others, or goes off."""
    how = "swap" if give and take else "add" if take else "off"
    return t(f"oncall.hands.{how}", give=give, take=take)


def schedules(line: Line) -> list[tuple[str, str]]:
    """What can be chosen."""
    return [(one.id, one.id) for one in line.schedules]


SPOKEN = {
    "weekday": weekday,
    "narrow": narrow,
    "weekdays": weekdays,
    "heading": heading,
    "clock": clock,
    "short": short,
    "hands": hands,
    "schedules": schedules,
}
