"""The page of an engineer: shifts, handovers, phone numbers, contact rules and calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from flask import abort, flash, redirect, render_template, url_for
from pydantic import Field

from config.holidays import build_office_hours
from ivr_app.console import (
    SECOND_FACTOR_BACKOFF,
    ConsolePage,
    audit_entry,
    current_limits,
    current_line,
    find_own_engineer,
    needs,
    oncall,
    require_line,
)
from ivr_app.context import current_call_service, current_services
from ivr_app.web import Form, Mistakes, PageResponse, language, read_form, t, zone
from routing import call_service
from routing.line import EVERY_DAY, ContactRule, Engineer, Handover, HandoverState, Line
from routing.notify.channels import rules_of
from routing.oncall import handover, hours, policy
from service import calendar_feed, engineer_phones, refusals, signed_urls
from store.people import audit, calendar_links
from store.people.accounts import Role

Number = Annotated[str, Field(max_length=64)]
AHEAD = dt.timedelta(days=70)
"""How far ahead shifts are listed."""

SOON = dt.timedelta(days=1)
"""How far ahead handovers are listed."""


class NumberForm(Form):
    """A phone number in any spelling."""

    number: Number


class CodeForm(NumberForm):
    """A phone number and the code that was sent to it."""

    code: Annotated[str, Field(max_length=16)]


def is_on_rota() -> bool:
    """Return True if the account of the viewer belongs to an engineer of the line."""
    line = current_line()
    return line is not None and find_own_engineer(line) is not None


page = ConsolePage("my_duty", __name__, Role.ENGINEER, place=25)
page.when = is_on_rota


@page.get("/")
@needs(Role.ENGINEER)
def show() -> str:
    """The duty of the viewer, the most urgent first."""
    if not is_on_rota():
        return render_template("my_duty/nobody.html")
    return _render_page({}, {})


@page.post("/confirm/<handover_id>")
@needs(Role.ENGINEER)
def confirm(handover_id: str) -> PageResponse:
    """Confirm a handover."""
    line, engineer = _require_engineer()
    with audit.audit_writes(_build_audit_entry("my_duty.confirm", line, engineer)):
        found = call_service.accept_handover(current_call_service(), line, engineer.id, handover_id)
    if found is not None and found.state is HandoverState.CONFIRMED:
        flash(t("my_duty.confirmed"), "good")
    else:
        flash(t("my_duty.nothing_to_confirm"), "bad")
    return redirect(url_for("my_duty.show"))


@page.post("/numbers")
@needs(Role.ENGINEER)
def add() -> PageResponse:
    """Send a code to a new phone number of the viewer."""
    line, engineer = _require_engineer()
    counter = f"code {line.id} {engineer.id}"
    if current_limits().throttle.enter([(counter, SECOND_FACTOR_BACKOFF)]):
        return _render_page({"number": t("my_duty.too_often")}, {}), 429
    phones, now = _open_phones(line), current_call_service().clock()
    form, mistakes = read_form(NumberForm)
    if form is None:
        return _render_page(mistakes, {}), 422
    return _change_phones(form, lambda: phones.add(engineer, form.number, now), "my_duty.code_sent")


@page.post("/numbers/code")
@needs(Role.ENGINEER)
def verify() -> PageResponse:
    """Verify a phone number with its code."""
    line, engineer = _require_engineer()
    phones, now = _open_phones(line), current_call_service().clock()
    form, mistakes = read_form(CodeForm)
    if form is None:
        return _render_page(mistakes, {}), 422
    return _change_phones(
        form, lambda: phones.verify(engineer, form.number, form.code, now), "my_duty.verified"
    )


@page.post("/numbers/remove")
@needs(Role.ENGINEER)
def remove() -> PageResponse:
    """Remove a phone number that the viewer added."""
    line, engineer = _require_engineer()
    phones, now = _open_phones(line), current_call_service().clock()
    form, mistakes = read_form(NumberForm)
    if form is None:
        return _render_page(mistakes, {}), 422
    return _change_phones(
        form, lambda: phones.remove(engineer.id, form.number, now), "my_duty.removed"
    )


@page.post("/calendar")
@needs(Role.ENGINEER)
def withdraw() -> PageResponse:
    """Replace the link of the viewer's calendar by a new one."""
    line, engineer = _require_engineer()
    engine, now = current_services().engine, current_call_service().clock()
    with audit.audit_writes(_build_audit_entry("my_duty.calendar", line, engineer)):
        calendar_links.withdraw_link(engine, line.id, calendar_links.ENGINEER, engineer.id, now)
    flash(t("my_duty.withdrawn"), "good")
    return redirect(f"{url_for('my_duty.show')}#link")


def _require_engineer() -> tuple[Line, Engineer]:
    """Return the line and the engineer of the viewer; 403 if the viewer is none."""
    line = require_line()
    return line, line.engineer(find_own_engineer(line) or "") or abort(403)


def _build_audit_entry(action: str, line: Line, engineer: Engineer) -> audit.AuditEntry:
    return audit_entry(action).on("engineer", f"{line.id} {engineer.id}")


def _open_phones(line: Line) -> engineer_phones.EngineerPhones:
    return engineer_phones.EngineerPhones.of(current_services(), line, audit_entry("my_duty"))


def _change_phones(form: NumberForm, change: Callable[[], str], done: str) -> PageResponse:
    """Change the phone numbers, or show the form again with the reason of the refusal."""
    try:
        flash(t(done, number=change()), "good")
    except refusals.PhoneRefusedError as error:
        field = "number"
        if isinstance(form, CodeForm):
            field = "code"
        mistakes = {field: error.reason.render(language(), zone().key)}
        return _render_page(mistakes, form.model_dump()), 422
    return redirect(f"{url_for('my_duty.show')}#numbers")


def _render_page(mistakes: Mistakes, sent: dict[str, str]) -> str:
    """Render the page, with the mistakes in the form that was sent."""
    line, engineer = _require_engineer()
    numbers = engineer_phones.EngineerPhones.of(current_services(), line).entries()
    return render_template(
        "my_duty/show.html",
        duty=find_duty(line, engineer, current_call_service().clock()),
        numbers=[entry for entry in numbers if entry.engineer == engineer.id],
        calendar=_build_calendar_address(line, engineer),
        mistakes=mistakes,
        given=sent,
        day_of=lambda shift: shift.start.astimezone(zone()).date(),
        local=lambda at: f"{at.astimezone(zone()):%Y-%m-%dT%H:%M}",
        named=lambda people: ", ".join(policy.name_of(line, person) for person in people),
        days=_name_days,
        **oncall.TEMPLATE_HELPERS,
    )


def _build_calendar_address(line: Line, engineer: Engineer) -> str:
    settings = current_services().settings
    known = calendar_links.read_generations(current_services().engine)
    subject = signed_urls.build_subject(line, "engineer", engineer.id, known)
    token = signed_urls.build_feed_token(settings.secret_key, subject)
    return f"{settings.public_url}/calendar/{token}"


def _name_days(days: Sequence[str]) -> str:
    return ", ".join(oncall.list_weekdays()[EVERY_DAY.index(day)] for day in days)


@dataclass(frozen=True, slots=True)
class OwnShift:
    """A shift from now on; ``end`` is None if it is further ahead than the page shows."""

    schedule: str
    start: dt.datetime
    end: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OwnDuty:
    """The shifts of an engineer, the handovers to confirm, the next ones, and contact rules."""

    engineer: Engineer
    now: Sequence[OwnShift]
    next: Sequence[OwnShift]
    waiting: Sequence[Handover]
    coming: Sequence[handover.DutyChange]
    rules: Sequence[ContactRule]
    quiet_until: dt.datetime | None


def find_duty(line: Line, engineer: Engineer, now: dt.datetime) -> OwnDuty:
    """Return the duty of an engineer as it is now."""
    office = build_office_hours(line)
    shifts = sorted(
        _list_shifts(line, engineer.id, now, office), key=lambda one: (one.start, one.schedule)
    )
    handovers = current_call_service().calls.handovers.find_current(line.id, engineer.id, now)
    return OwnDuty(
        engineer,
        [shift for shift in shifts if shift.start <= now],
        [shift for shift in shifts if shift.start > now],
        [one for one in handovers if one.waits],
        _list_duty_changes(line, engineer.id, now, office),
        rules_of(line, engineer),
        hours.quiet_until(engineer, now, line.timezone),
    )


def _list_shifts(
    line: Line, person: str, now: dt.datetime, office: hours.OfficeHours
) -> Iterator[OwnShift]:
    last = now + AHEAD
    for schedule in line.schedules:
        for start, end in calendar_feed.find_oncall_spans(person, schedule, (now, last), office):
            if end < last:
                yield OwnShift(schedule.id, start, end)
            else:
                yield OwnShift(schedule.id, start, None)


def _list_duty_changes(
    line: Line, person: str, now: dt.datetime, office: hours.OfficeHours
) -> list[handover.DutyChange]:
    """Return the handovers to this person in the next day, of the schedules that level 1 rings."""
    found = (
        change
        for schedule in handover.rung_schedules(line)
        for change in handover.handovers(schedule, now, now + SOON, office)
        if person in change.on
    )
    return sorted(found, key=lambda change: (change.at, change.schedule))
