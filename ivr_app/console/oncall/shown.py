"""What the page shows: the calendar with its form, and the effect of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import render_template, request

from ivr_app.console.form import Mistakes
from ivr_app.console.oncall.acting import may_give, own
from ivr_app.console.oncall.history import recent, standing
from ivr_app.console.oncall.month import grid
from ivr_app.console.oncall.period import DAY, Period, around, month_of, read_day, week_of
from ivr_app.console.oncall.scene import scene
from ivr_app.console.oncall.spoken import SPOKEN
from ivr_app.console.viewer import language, may, zone
from ivr_app.console.wardrobe import t
from ivr_app.shifts.effect import Effect
from ivr_app.shifts.wishing import Wish
from ivr_app.switch import board, desk
from plan.holidays import office
from routing.letter import Letter
from routing.line import Line, Override, Schedule
from routing.schedule.escalation import name_of
from store.staff.account import Role

VIEWS = ("week", "month")
DRAWN = 16
"""So many days of an effect are drawn at most."""


def calendar(line: Line, values: Mapping[str, str], mistakes: Mistakes) -> str:
    """The week or month asked for, its gaps, the form, and what was changed."""
    view = request.values.get("view", VIEWS[0])
    view = view if view in VIEWS else VIEWS[0]
    now, here = desk().clock(), zone()
    today = now.astimezone(here).date()
    day = read_day(request.values.get("day"), today)
    period = week_of(day, here) if view == VIEWS[0] else month_of(day, here)
    drawn = scene(line, period, now)
    weeks = grid(line, period, office(line)) if view != VIEWS[0] else []
    return render_template(
        "oncall/show.html",
        view=view,
        day=day,
        today=today,
        scene=drawn,
        weeks=weeks,
        near=_near(period),
        beside=standing(board().engine, line, now),
        recent=recent(board().engine, line),
        people=_people(line),
        mistakes=mistakes,
        values=values,
        **SPOKEN,
    )


def effect_of(
    line: Line, found: Effect, *, wish: Wish | None = None, undoing: str | None = None
) -> str:
    """The schedule before and after, and the button that saves it."""
    now, here = desk().clock(), zone()
    fields = _fields(wish, found, request.form)
    period = around([(one.start, one.end) for one in found.given], here, DRAWN)
    return render_template(
        "oncall/effect.html",
        effect=found,
        before=scene(replace(line, schedules=(found.before,)), period, now),
        after=scene(replace(line, schedules=(found.after,)), period, now),
        remarks=[remark.said(language(), here.key) for remark in found.remarks],
        given=[_named(line, one) for one in found.given],
        letters=_told(line, found.letters),
        undoing=undoing,
        fields=fields,
        again={name: value for name, value in fields.items() if name != "seen"},
        at_once=_at_once,
        **SPOKEN,
    )


def agreed(wish: Wish, schedule: Schedule) -> str:
    """What was done, as a sentence."""
    give, take = (one.name if one else "" for one in (wish.give, wish.take))
    how = "trade" if wish.back else "swap" if give and take else "add" if take else "off"
    return t(f"oncall.agreed.{how}", give=give, take=take, schedule=schedule.id)


def _near(period: Period) -> dict[str, Any]:
    """A day of the period before, and of the one after."""
    return {"back": period.first - DAY, "on": period.after}


def _people(line: Line) -> dict[str, list[tuple[str, str]]] | None:
    """Who may give and who may take, as far as whoever looks may say so; None for viewers."""
    everybody = [(one.id, one.name) for one in line.engineers]
    if may(Role.MANAGER):
        nobody = {"give": t("oncall.nobody_gives"), "take": t("oncall.nobody_takes")}
        return {role: [("", words), *everybody] for role, words in nobody.items()}
    mine = own(line)
    if mine is None or not may_give(line, mine):
        return None
    return {
        "give": [one for one in everybody if one[0] == mine],
        "take": [one for one in everybody if one[0] != mine],
    }


def _fields(wish: Wish | None, found: Effect, form: Mapping[str, str]) -> dict[str, str]:
    """What the button sends: the same form, and what was looked at."""
    names = ("schedule", "start", "end", "give", "take", "back_start", "back_end")
    sent = {name: form.get(name, "") for name in names} if wish else {}
    return {name: value for name, value in sent.items() if value} | {"seen": found.seen}


def _named(line: Line, one: Override) -> tuple[str, str, Override]:
    give, take = (name_of(line, person) or person or "" for person in (one.remove, one.add))
    return give, take, one


def _told(line: Line, letters: Sequence[Letter]) -> list[tuple[str, Letter]]:
    """Each person once by each way, however many letters a trade makes of it."""
    found = {(one.reader, one.channel): (name_of(line, one.reader), one) for one in letters}
    return list(found.values())


def _at_once(letter: Letter) -> bool:
    return letter.at <= desk().clock()
