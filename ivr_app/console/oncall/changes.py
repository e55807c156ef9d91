"""What the page shows: the calendar with its form, and the effect of a change."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from flask import abort, render_template, request
from pydantic import AfterValidator
from sqlalchemy import Engine

from config.holidays import build_office_hours
from ivr_app.console import Form, Mistakes, find_viewer, language, may, read_form, t, zone
from ivr_app.console.oncall.month import TEMPLATE_HELPERS, build_grid
from ivr_app.console.oncall.timeline import (
    DAY,
    DayRange,
    draw_rota,
    enclosing_period,
    month_of,
    read_day,
    week_of,
)
from ivr_app.context import current_call_service, current_services
from routing.line import Engineer, Line, Override, Schedule
from routing.message import Message
from routing.oncall.local_time import instant
from routing.oncall.policy import name_of
from service.calendar_feed import Span
from service.refusals import ShiftRefusedError
from service.shifts.change import ShiftRequest
from service.shifts.effect import ShiftEffect
from service.shifts.exchange import ShiftExchange
from store.people.accounts import Role
from store.people.audit import AuditEntry, AuditLog
from store.people.overrides import StoredOverride, kept_beside

VIEWS = ("week", "month")
WEEKS_DRAWN = 16
"""So many days of an effect are drawn at most."""


def render_calendar(line: Line, values: Mapping[str, str], mistakes: Mistakes) -> str:
    """The week or month asked for, its gaps, the form, and what was changed."""
    view = request.values.get("view", VIEWS[0])
    view = view if view in VIEWS else VIEWS[0]
    now, here = current_call_service().clock(), zone()
    today = now.astimezone(here).date()
    day = read_day(request.values.get("day"), today)
    period = week_of(day, here) if view == VIEWS[0] else month_of(day, here)
    drawn = draw_rota(line, period, now)
    weeks = build_grid(line, period, build_office_hours(line)) if view != VIEWS[0] else []
    return render_template(
        "oncall/show.html",
        view=view,
        day=day,
        today=today,
        scene=drawn,
        weeks=weeks,
        near=_period_values(period),
        beside=list_overrides(current_services().engine, line, now),
        recent=list_changes(current_services().engine, line),
        people=_people_options(line),
        mistakes=mistakes,
        values=values,
        **TEMPLATE_HELPERS,
    )


def render_effect(
    line: Line, found: ShiftEffect, *, wish: ShiftRequest | None = None, undoing: str | None = None
) -> str:
    """The schedule before and after, and the button that saves it."""
    now, here = current_call_service().clock(), zone()
    fields = _form_values(wish, found, request.form)
    period = enclosing_period([(one.start, one.end) for one in found.given], here, WEEKS_DRAWN)
    return render_template(
        "oncall/effect.html",
        effect=found,
        before=draw_rota(replace(line, schedules=(found.before,)), period, now),
        after=draw_rota(replace(line, schedules=(found.after,)), period, now),
        remarks=[remark.said(language(), here.key) for remark in found.remarks],
        given=[_name_override(line, one) for one in found.given],
        letters=_name_recipients(line, found.letters),
        undoing=undoing,
        fields=fields,
        again={name: value for name, value in fields.items() if name != "seen"},
        at_once=_is_immediate,
        **TEMPLATE_HELPERS,
    )


def sign_request(wish: ShiftRequest, schedule: Schedule) -> str:
    """What was done, as a sentence."""
    give, take = (one.name if one else "" for one in (wish.give, wish.take))
    how = "trade" if wish.back else "swap" if give and take else "add" if take else "off"
    return t(f"oncall.agreed.{how}", give=give, take=take, schedule=schedule.id)


def _period_values(period: DayRange) -> dict[str, Any]:
    """A day of the period before, and of the one after."""
    return {"back": period.first - DAY, "on": period.after}


def _people_options(line: Line) -> dict[str, list[tuple[str, str]]] | None:
    """Who may give and who may take, as far as whoever looks may say so; None for viewers."""
    everybody = [(one.id, one.name) for one in line.engineers]
    if may(Role.MANAGER):
        nobody = {"give": t("oncall.nobody_gives"), "take": t("oncall.nobody_takes")}
        return {role: [("", words), *everybody] for role, words in nobody.items()}
    mine = own_engineer(line)
    if mine is None or not may_give(line, mine):
        return None
    return {
        "give": [one for one in everybody if one[0] == mine],
        "take": [one for one in everybody if one[0] != mine],
    }


def _form_values(
    wish: ShiftRequest | None, found: ShiftEffect, form: Mapping[str, str]
) -> dict[str, str]:
    """What the button sends: the same form, and what was looked at."""
    names = ("schedule", "start", "end", "give", "take", "back_start", "back_end")
    sent = {name: form.get(name, "") for name in names} if wish else {}
    return {name: value for name, value in sent.items() if value} | {"seen": found.seen}


def _name_override(line: Line, one: Override) -> tuple[str, str, Override]:
    give, take = (name_of(line, person) or person or "" for person in (one.remove, one.add))
    return give, take, one


def _name_recipients(line: Line, letters: Sequence[Message]) -> list[tuple[str, Message]]:
    """Each person once by each way, however many letters a trade makes of it."""
    found = {(one.reader, one.channel): (name_of(line, one.reader), one) for one in letters}
    return list(found.values())


def _is_immediate(letter: Message) -> bool:
    return letter.at <= current_call_service().clock()


# The form of a change: read into what is wanted, or into sentences beside its fields.


YEARS = range(1971, 2999)
FIELDS = ("schedule", "start", "end", "give", "take", "back_start", "back_end")
MISTAKE_FIELDS = {"order": "end", "over": "end", "long": "end", "already": "take", "same": "take"}
"""The fields beside which it is said why the shifts stay; most of it is about who gives."""


def _check_year(at: dt.datetime) -> dt.datetime:
    if at.year not in YEARS:
        raise ValueError("oncall.no_such_time")
    return at


Moment = Annotated[dt.datetime, AfterValidator(_check_year)]


class ShiftForm(Form):
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
class WantedChange:
    """A change of one schedule; ``seen`` is what whoever asks has looked at."""

    schedule: Schedule
    wish: ShiftRequest
    seen: str | None


def initial_values() -> dict[str, str]:
    """What stands in the form, to be shown again."""
    return {name: request.values.get(name, "") for name in FIELDS}


def read_request(line: Line, zone: ZoneInfo) -> tuple[WantedChange | None, Mistakes]:
    """What is asked for, or what is wrong with it."""
    asked, mistakes = read_form(ShiftForm)
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
    wish = _build_request(asked, people["give"], people["take"], zone)
    if not may_change(line, wish):
        return None, {"give": t("oncall.only_own")}
    return WantedChange(schedule, wish, asked.seen), {}


def explain_refusal(error: ShiftRefusedError, zone: ZoneInfo) -> Mistakes:
    """Why the shifts stay as they are, beside the field that it is about."""
    field = MISTAKE_FIELDS.get(error.remark.words, "give")
    return {field: error.remark.said(language(), zone.key)}


def _build_request(
    asked: ShiftForm, give: Engineer | None, take: Engineer | None, zone: ZoneInfo
) -> ShiftRequest:
    back: Span | None = None
    if asked.back_start is not None and asked.back_end is not None:
        back = instant(asked.back_start, zone.key), instant(asked.back_end, zone.key)
    span = instant(asked.start, zone.key), instant(asked.end, zone.key)
    return ShiftRequest(give, take, span, back)


# What stands beside the file, and what was changed of late, by whom.


PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class FileOverride:
    """Something that changes a schedule of the file for a time: who gives, who takes, and by what
    name it is taken back by whoever looks, if they may."""

    schedule: str
    start: dt.datetime
    end: dt.datetime
    give: str
    take: str
    origin: str
    uid: str | None


@dataclass(frozen=True, slots=True)
class PastChange:
    """Something that somebody did with the shifts."""

    deed: AuditEntry
    schedule: str
    give: str
    take: str
    start: dt.datetime | None
    end: dt.datetime | None


def list_overrides(engine: Engine, line: Line, now: dt.datetime) -> list[FileOverride]:
    """What is not over, in the order in which it begins."""
    found: list[FileOverride] = []
    for schedule, kept in kept_beside(engine, line.id).items():
        by_uid: dict[str, list[StoredOverride]] = defaultdict(list)
        for one in kept:
            by_uid[one.uid].append(one)
        found += [
            _describe_override(line, schedule, one, by_uid[one.uid])
            for one in kept
            if one.override.end > now
        ]
    return sorted(found, key=lambda one: (one.start, one.schedule))


def list_changes(engine: Engine, line: Line) -> list[PastChange]:
    """The latest changes, newest first."""
    entries = AuditLog(engine).page(thing=("rota", line.id), size=PAGE_SIZE)
    return [_describe_change(line, entry.deed) for entry in entries]


def _describe_override(
    line: Line, schedule: str, one: StoredOverride, all_of_it: Sequence[StoredOverride]
) -> FileOverride:
    override = one.override
    give, take = (_name_person(line, person) for person in (override.remove, override.add))
    mine = one.by_hand and may_undo(line, all_of_it)
    uid = one.uid if mine else None
    return FileOverride(schedule, override.start, override.end, give, take, one.origin, uid)


def _describe_change(line: Line, deed: AuditEntry) -> PastChange:
    told: Mapping[str, Any] = deed.after or deed.before or {}
    give, take = (_name_person(line, told.get(role)) for role in ("give", "take"))
    start, end = (_parse_moment(told.get(edge)) for edge in ("start", "end"))
    return PastChange(deed, told.get("schedule", ""), give, take, start, end)


def _name_person(line: Line, person: str | None) -> str:
    return name_of(line, person) or person or ""


def _parse_moment(written: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(written) if written else None


# Who may change which shifts: a manager any, an engineer gives away or trades their own.


def own_engineer(line: Line) -> str | None:
    """The engineer of this line whose account it is."""
    person = find_viewer()
    if person is None or person.account.line not in (None, line.id):
        return None
    engineer = line.engineer(person.account.engineer or "")
    return engineer.id if engineer else None


def may_change(line: Line, wish: ShiftRequest) -> bool:
    """True when whoever looks may have this."""
    if may(Role.MANAGER):
        return True
    mine = own_engineer(line)
    theirs = wish.give is not None and wish.take is not None and wish.give.id == mine
    return may(Role.ENGINEER) and theirs


def may_give(line: Line, person: str) -> bool:
    """True when whoever looks may give this person's shifts away."""
    return may(Role.MANAGER) or (may(Role.ENGINEER) and own_engineer(line) == person)


def may_undo(line: Line, kept: Sequence[StoredOverride]) -> bool:
    """True when whoever looks may take this change back: it is about them."""
    if may(Role.MANAGER):
        return True
    mine = own_engineer(line)
    about = any(mine in (one.override.add, one.override.remove) for one in kept)
    return may(Role.ENGINEER) and mine is not None and about


# The schedule at which somebody signed in stands, to change its shifts.


def open_exchange(line: Line, schedule: Schedule) -> ShiftExchange:
    """Where the shifts of this schedule change hands now."""
    return ShiftExchange(current_services(), line, schedule, current_call_service().clock())


def find_exchange(line: Line, uid: str) -> ShiftExchange:
    """Where the change of this name was made; no page where there is none, or it is not theirs."""
    beside = kept_beside(current_services().engine, line.id).items()
    ours = [(name, one) for name, kept in beside for one in kept if one.uid == uid and one.by_hand]
    schedule = line.schedule(ours[0][0]) if ours else None
    if schedule is None:
        abort(404)
    if not may_undo(line, [one for _, one in ours]):
        abort(403)
    return open_exchange(line, schedule)
