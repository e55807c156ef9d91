"""The rota: who is on call until when, and changes to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from config.holidays import build_office_hours
from ivr_app.console import (
    ConsolePage,
    audit_entry,
    current_line,
    find_own_engineer,
    may,
    needs,
    require_line,
)
from ivr_app.console.oncall import changes, timeline
from ivr_app.console.oncall.timeline import DAY, DayRange
from ivr_app.context import current_call_service, current_services
from ivr_app.web import Mistakes, PageResponse, i18n, language, t, translate_names, zone
from routing.line import Line, Override, Schedule
from routing.message import Message
from routing.oncall.policy import name_of
from service.refusals import ShiftRefusedError
from service.shifts.change import ShiftRequest
from service.shifts.exchange import ShiftEffect, ShiftExchange
from store.people.accounts import Role

page = ConsolePage("oncall", __name__, Role.VIEWER, place=20)

WEEK, MONTH = "week", "month"
LONGEST_EFFECT = 16
"""The most days in the drawing of an effect."""


@page.get("/")
@needs(Role.VIEWER)
def show() -> str:
    """A week or a month of every schedule, its overrides, and the latest changes."""
    line = current_line()
    if line is None:
        return render_template("oncall/nothing.html")
    return _render_calendar(line, {})


@page.post("/effect")
@needs(Role.ENGINEER)
def look() -> PageResponse:
    """The effect of a change; nothing is saved yet."""
    return _answer_request(_render_preview)


@page.post("/change")
@needs(Role.ENGINEER)
def change() -> PageResponse:
    """Save a change."""
    return _answer_request(_apply_change)


@page.post("/undo/<uid>")
@needs(Role.ENGINEER)
def undo(uid: str) -> PageResponse:
    """The effect of undoing a change; nothing is saved yet."""
    line = require_line()
    exchange = changes.find_exchange(line, uid)
    try:
        found = exchange.preview_undo(uid)
    except (ShiftRefusedError, LookupError):
        return _redirect_gone()
    return _render_effect(line, found, undoing=uid)


@page.post("/undone/<uid>")
@needs(Role.ENGINEER)
def undone(uid: str) -> PageResponse:
    """Undo a change."""
    exchange = changes.find_exchange(require_line(), uid)
    try:
        done = exchange.undo(uid, audit_entry("oncall.undo"))
    except (ShiftRefusedError, LookupError):
        return _redirect_gone()
    flash(t("oncall.taken_back"), "good")
    return _redirect_to_day(done.back[0].start)


def _answer_request(
    view: Callable[[Line, ShiftExchange, changes.WantedChange], str | Response],
) -> PageResponse:
    """Return the view of the change that the form asks for, or the form with its mistakes."""
    line = require_line()
    wanted, mistakes = changes.read_request(line, zone())
    if wanted is None:
        return _render_calendar(line, mistakes), 422
    try:
        return view(line, changes.open_exchange(line, wanted.schedule), wanted)
    except ShiftRefusedError as error:
        return _render_calendar(line, changes.explain_refusal(error, zone())), 422
    except LookupError:
        return _redirect_gone()


def _render_preview(line: Line, exchange: ShiftExchange, wanted: changes.WantedChange) -> str:
    found = exchange.preview(wanted.request.changes(exchange.at))
    return _render_effect(line, found, wanted=wanted.request)


def _apply_change(line: Line, exchange: ShiftExchange, wanted: changes.WantedChange) -> Response:
    parts = wanted.request.changes(exchange.at)
    exchange.apply(parts, audit_entry(f"oncall.{parts[0].origin}"), wanted.seen)
    flash(_confirm_request(wanted.request, wanted.schedule), "good")
    return _redirect_to_day(wanted.request.span[0])


def _redirect_to_day(at: dt.datetime) -> Response:
    return redirect(url_for("oncall.show", day=at.astimezone(zone()).date()))


def _redirect_gone() -> Response:
    flash(t("oncall.gone"), "bad")
    return redirect(url_for("oncall.show"))


def _render_calendar(line: Line, mistakes: Mistakes) -> str:
    """Render the week or month of the address, its gaps, the form, and the latest changes."""
    now, engine = current_call_service().clock(), current_services().engine
    today = now.astimezone(zone()).date()
    day = timeline.read_day(request.values.get("day"), today)
    view, period, weeks = WEEK, timeline.find_week(day, zone()), list[list[timeline.MonthDay]]()
    if request.values.get("view") == MONTH:
        view, period = MONTH, timeline.find_month(day, zone())
        weeks = timeline.build_grid(line, period, build_office_hours(line))
    return render_template(
        "oncall/show.html",
        view=view,
        day=day,
        today=today,
        scene=timeline.draw_rota(line, period, now),
        weeks=weeks,
        near={"back": period.first - DAY, "on": period.after},
        overrides=changes.list_overrides(engine, line, now),
        recent=changes.list_changes(engine, line),
        people=_list_people_options(line),
        mistakes=mistakes,
        values=changes.list_form_values(request.values),
        **TEMPLATE_HELPERS,
    )


def _list_people_options(line: Line) -> dict[str, list[tuple[str, str]]] | None:
    """Return who can give and who can take, as far as the viewer may choose; None for viewers."""
    everybody = [(engineer.id, engineer.name) for engineer in line.engineers]
    if may(Role.MANAGER):
        nobody = {"give": t("oncall.nobody_gives"), "take": t("oncall.nobody_takes")}
        return {role: [("", words), *everybody] for role, words in nobody.items()}
    own = find_own_engineer(line)
    if own is None or not may(Role.ENGINEER):
        return None
    return {
        "give": [option for option in everybody if option[0] == own],
        "take": [option for option in everybody if option[0] != own],
    }


def _render_effect(
    line: Line,
    found: ShiftEffect,
    *,
    wanted: ShiftRequest | None = None,
    undoing: str | None = None,
) -> str:
    """Render the schedule before and after a change, and the button that saves it."""
    now, fields = current_call_service().clock(), dict[str, str]()
    if wanted is not None:
        sent = changes.list_form_values(request.form)
        fields = {name: value for name, value in sent.items() if value}
    spans = [(override.start, override.end) for override in found.given]
    period = timeline.enclose_period(spans, zone(), LONGEST_EFFECT)
    return render_template(
        "oncall/effect.html",
        effect=found,
        before=timeline.draw_rota(replace(line, schedules=(found.before,)), period, now),
        after=timeline.draw_rota(replace(line, schedules=(found.after,)), period, now),
        remarks=[remark.render(language(), zone().key) for remark in found.remarks],
        given=[_name_override(line, override) for override in found.given],
        messages=_name_recipients(line, found.messages),
        undoing=undoing,
        fields=fields | {"seen": found.seen},
        again=fields,
        at_once=lambda message: message.at <= now,
        **TEMPLATE_HELPERS,
    )


def _confirm_request(wanted: ShiftRequest, schedule: Schedule) -> str:
    """Return the sentence that confirms a change."""
    give, take = changes.name_engineer(wanted.give), changes.name_engineer(wanted.take)
    kind = _name_kind(give, take)
    if wanted.back:
        kind = "trade"
    return t(f"oncall.agreed.{kind}", give=give, take=take, schedule=schedule.id)


def _name_override(line: Line, override: Override) -> tuple[str, str, Override]:
    give, take = (changes.name_person(line, who) for who in (override.remove, override.add))
    return give, take, override


def _name_recipients(line: Line, messages: Sequence[Message]) -> list[tuple[str, Message]]:
    """Return each person once per channel, also if a trade sends them several messages."""
    found = {
        (message.reader, message.channel): (name_of(line, message.reader), message)
        for message in messages
    }
    return list(found.values())


def name_weekday(date: dt.date) -> str:
    """ma 9 mrt."""
    months = translate_names(language(), "web.months")
    return f"{shorten_weekday(date)} {months[date.month - 1]}"


def shorten_weekday(date: dt.date) -> str:
    """ma 9."""
    return f"{list_weekdays()[date.weekday()]} {date.day}"


def list_weekdays() -> list[str]:
    """From Monday to Sunday."""
    return translate_names(language(), "web.weekdays")


def format_heading(view: str, period: DayRange) -> str:
    """Week 11, 2026, or maart 2026: a week belongs to the year of its Thursday."""
    if view == WEEK:
        year, week, _ = (period.first + 3 * DAY).isocalendar()
        return t("oncall.heading.week", week=week, year=year)
    month = translate_names(language(), "oncall.months")[period.first.month - 1]
    return t("oncall.heading.month", month=month, year=period.first.year)


def format_clock(at: dt.datetime | None) -> str:
    """09:00, or nothing for a moment on another day."""
    if at is None:
        return ""
    return i18n.format_clock(at, zone())


def format_short(at: dt.datetime) -> str:
    """di 24 nov 18:00."""
    return f"{name_weekday(at.astimezone(zone()).date())} {format_clock(at)}"


def describe_change(give: str, take: str) -> str:
    """Return who takes over from whom, is on call in addition, or goes off call."""
    return t(f"oncall.hands.{_name_kind(give, take)}", give=give, take=take)


def _name_kind(give: str, take: str) -> str:
    if not take:
        return "off"
    if not give:
        return "add"
    return "swap"


def list_schedules(line: Line) -> list[tuple[str, str]]:
    """Return the options of the field for a schedule."""
    return [(schedule.id, schedule.id) for schedule in line.schedules]


TEMPLATE_HELPERS: Mapping[str, Any] = {
    "weekday": name_weekday,
    "narrow": shorten_weekday,
    "weekdays": list_weekdays,
    "heading": format_heading,
    "clock": format_clock,
    "short": format_short,
    "hands": describe_change,
    "schedules": list_schedules,
}
