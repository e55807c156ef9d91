"""The form of a change: read into what is wanted, or into sentences beside its fields."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from flask import request
from pydantic import AfterValidator

from ivr_app.calendars.stretches import Span
from ivr_app.console.form import Form, Mistakes, read
from ivr_app.console.oncall.acting import may_change
from ivr_app.console.viewer import language
from ivr_app.console.wardrobe import t
from ivr_app.remarks import ShiftStaysError
from ivr_app.shifts.wishing import Wish
from routing.line import Engineer, Line, Schedule
from routing.schedule.wallclock import instant

YEARS = range(1971, 2999)
FIELDS = ("schedule", "start", "end", "give", "take", "back_start", "back_end")
BESIDE = {"order": "end", "over": "end", "long": "end", "already": "take", "same": "take"}
"""The fields beside which it is said why the shifts stay; most of it is about who gives."""


def _in_reach(at: dt.datetime) -> dt.datetime:
    if at.year not in YEARS:
        raise ValueError("oncall.no_such_time")
    return at


Moment = Annotated[dt.datetime, AfterValidator(_in_reach)]


class Asked(Form):
    """What the form brings; times without an offset are by the viewer's clock."""

    schedule: str
    start: Moment
    end: Moment
    give: str = ""
    take: str = ""
    back_start: Moment | None = None
    back_end: Moment | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change of one schedule; ``seen`` is what whoever asks has looked at."""

    schedule: Schedule
    wish: Wish
    seen: str | None


def filled() -> dict[str, str]:
    """What stands in the form, to be shown again."""
    return {name: request.values.get(name, "") for name in FIELDS}


def wanted(line: Line, zone: ZoneInfo) -> tuple[Wanted | None, Mistakes]:
    """What is asked for, or what is wrong with it."""
    asked, mistakes = read(Asked)
    if asked is None:
        return None, mistakes
    schedule = line.schedule(asked.schedule)
    people = {"give": line.engineer(asked.give), "take": line.engineer(asked.take)}
    wrong = {
        name: t("oncall.no_such_engineer")
        for name, found in people.items()
        if found is None and getattr(asked, name)
    }
    if schedule is None:
        return None, wrong | {"schedule": t("oncall.no_such_schedule")}
    if wrong:
        return None, wrong
    wish = _wish(asked, people["give"], people["take"], zone)
    if not may_change(line, wish):
        return None, {"give": t("oncall.only_own")}
    return Wanted(schedule, wish, asked.seen), {}


def refused(error: ShiftStaysError, zone: ZoneInfo) -> Mistakes:
    """Why the shifts stay as they are, beside the field that it is about."""
    field = BESIDE.get(error.remark.words, "give")
    return {field: error.remark.said(language(), zone.key)}


def _wish(asked: Asked, give: Engineer | None, take: Engineer | None, zone: ZoneInfo) -> Wish:
    back: Span | None = None
    if asked.back_start is not None and asked.back_end is not None:
        back = instant(asked.back_start, zone.key), instant(asked.back_end, zone.key)
    span = instant(asked.start, zone.key), instant(asked.end, zone.key)
    return Wish(give, take, span, back)
