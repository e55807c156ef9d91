"""Checks of the lines and their engineers: steps, numbers, texts and drills."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from config.holidays import build_office_hours
from config.staffing import LOOK_AHEAD, find_unattended_steps
from routing.call_service import CallService
from routing.contracts.plans import Door
from routing.drill import PERSON, drill_id
from routing.line import Channel, Line
from routing.notify.addresses import texts_left
from routing.oncall.local_time import format_local
from service.bootstrap import Services
from service.doctor.verdict import CheckResult, fail, ok, warn
from service.fallback import find_people_on_step
from settings import is_set
from store.log.callouts import find_last_reached
from store.people.contracts import count_mail_contacts, count_phone_contacts
from store.people.lines import SqlLineRepository
from store.people.phones import AddedPhones
from store.work.drills import find_last_drill


def check_people(lines: Sequence[Line], at: dt.datetime) -> Iterator[CheckResult]:
    """Check the steps of every line, now and in the next 90 days."""
    if not lines:
        yield fail("line", "no line is applied: run priority-line apply line.yaml")
    for line in lines:
        yield ok("line", f"{line.id} is applied: {line.name}, {line.number}")
        yield from _check_steps(line, at)
        yield from _check_next_weeks(line, at)


def _check_steps(line: Line, at: dt.datetime) -> Iterator[CheckResult]:
    found = [find_people_on_step(step, line, at) for step in line.escalation.steps]
    check = f"on call, {line.id}"
    if not any(found):
        yield fail(check, "no step rings anybody, only the last resort does: change the schedules")
        return
    for number, ids in enumerate(found, start=1):
        if ids:
            yield ok(check, f"step {number} rings {', '.join(ids)}")
        else:
            yield warn(check, f"step {number} rings nobody now: see oncall and change its schedule")


def _check_next_weeks(line: Line, at: dt.datetime) -> Iterator[CheckResult]:
    """Check the next 90 days, including swaps and absences."""
    check = f"next {LOOK_AHEAD.days} days, {line.id}"
    found = list(find_unattended_steps(line, build_office_hours(line), at))
    for field, text in found:
        yield warn(check, f"{field}: {text}; see oncall and change a schedule")
    if not found:
        yield ok(check, "every step rings somebody at every hour")


# Whether customers get the news of their incidents.


CUSTOMERS_CHECK = "customers' mail"


def check_customer_mail(services: Services, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Report contacts whose plan includes mail while the line sends none."""
    is_on = services.call_service.channels >= {Channel.EMAIL}
    is_read = services.settings.mailbox_address is not None
    for line in lines:
        plans = [plan.id for plan in line.plans if plan.allows(Door.EMAIL)]
        many = count_mail_contacts(services.engine, line.id, plans)
        if many and is_on and not is_read:
            yield warn(
                CUSTOMERS_CHECK,
                f"{line.id}: contacts are told by mail ({many}), and what they answer goes to the "
                "address of MAIL_FROM, which the line does not read: set MAILBOX_URL",
            )
        elif many and is_on:
            yield ok(CUSTOMERS_CHECK, f"{line.id}: contacts who are told by mail: {many}")
        elif many:
            yield warn(
                CUSTOMERS_CHECK,
                f"{line.id}: mail is off, and contacts who have an address ({many}) get texts "
                "without words, or nothing without a mobile number: set MAIL_URL",
            )


# Whether contacts can sign in to the portal.


PORTAL_CHECK = "portal"


def check_portal(services: Services, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Report whom the portal can send a code, and whether its OpenID providers can be asked."""
    by_mail = services.call_service.channels >= {Channel.EMAIL}
    for line in lines:
        plans = [plan.id for plan in line.plans if plan.allows(Door.PORTAL)]
        if plans:
            yield _check_codes(services, line, plans, by_mail=by_mail)
        for provider in line.openid:
            if not is_set(provider.client_secret):
                yield warn(
                    PORTAL_CHECK,
                    f"{line.id}, {provider.id}: nobody signs in with this OpenID provider: "
                    f"set {provider.client_secret}",
                )


def _check_codes(
    services: Services, line: Line, plans: Sequence[str], *, by_mail: bool
) -> CheckResult:
    mailed = count_mail_contacts(services.engine, line.id, plans)
    phoned = count_phone_contacts(services.engine, line.id, plans)
    if by_mail and mailed + phoned:
        said = f"codes go by mail or text; contacts with an address: {mailed}, a phone: {phoned}"
        return ok(PORTAL_CHECK, f"{line.id}: {said}")
    if phoned:
        said = f"codes go by text only, to contacts with a mobile phone, of {phoned} with a phone"
        return ok(PORTAL_CHECK, f"{line.id}: {said}; set MAIL_URL to send them by mail")
    if mailed:
        said = f"nobody can sign in: no contact has a phone, and mail is off ({mailed} have an"
        return warn(PORTAL_CHECK, f"{line.id}: {said} address): set MAIL_URL")
    return ok(PORTAL_CHECK, f"{line.id}: no contract with the portal has contacts yet")


# Whether engineers can be reached: untried numbers, and the daily cap of texts.


UNTRIED_CHECK = "numbers untried"
TEXTS_CHECK = "texts of today"
LOW_CAP_DIVISOR = 5
"""Warn when less than a fifth of the daily cap is left."""


def check_untried_numbers(engine: Engine, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Report numbers that nobody ever answered and that never got a text."""
    found = [verdict for line in lines for verdict in _find_untried_numbers(engine, line)]
    yield from found or [ok(UNTRIED_CHECK, "none")]


def check_text_caps(service: CallService, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Report engineers who have used up, or nearly used up, their texts of today."""
    found = [verdict for line in lines for verdict in _find_capped_engineers(service, line)]
    yield from found or [ok(TEXTS_CHECK, "nobody is near the daily cap")]


def _find_untried_numbers(engine: Engine, line: Line) -> Iterator[CheckResult]:
    tried = find_last_reached(engine, line)
    for engineer in line.engineers:
        for number in (n for n in engineer.phones if n not in tried):
            said = f"{number} of {engineer.id} was never answered and never got a text"
            yield warn(UNTRIED_CHECK, f"{said}: check that it works")


def _find_capped_engineers(service: CallService, line: Line) -> Iterator[CheckResult]:
    facts, cap = service.facts(line), line.paging.daily_cap
    for engineer in line.engineers:
        left = texts_left(facts, engineer.id)
        if left <= 0:
            how = "gets only mails and calls now: find out why there were so many"
            yield warn(TEXTS_CHECK, f"{engineer.id} has had all {cap} and {how}")
        elif left <= cap // LOW_CAP_DIVISOR:
            yield warn(TEXTS_CHECK, f"{engineer.id} has {left} of {cap} left")


# Stored numbers that the dial guard no longer allows.


MAX_NAMES = 10
"""Names that one result lists at most."""


def check_dial_guard(services: Services, lines: Sequence[Line]) -> Iterator[CheckResult]:
    """Report engineers and contracts with numbers that are not dialled, without the numbers."""
    for line in lines:
        check = f"numbers, {line.id}"
        added = AddedPhones(services.engine, services.settings.pin_pepper, line.id).all()
        people = [a.engineer for a in added if line.why_not_ordinary(a.number)]
        phones = SqlLineRepository(services.engine).list_unfiled_phones(line.id)
        contracts = [number for number, phone in phones if line.why_not_ordinary(phone)]
        if people:
            yield _report_undialled(check, "engineers", people)
        if contracts:
            yield _report_undialled(check, "contacts of the contracts", contracts)
        if not people and not contracts:
            yield ok(check, "all can be dialled")


def _report_undialled(check: str, whose: str, names: Sequence[str]) -> CheckResult:
    different = list(dict.fromkeys(names))
    named = ", ".join(different[:MAX_NAMES])
    if len(different) > MAX_NAMES:
        named += f" and {len(different) - MAX_NAMES} more"
    why = "is not dialled, because it is expensive or foreign"
    do = "add it to the line's file, or its country to dial_countries"
    return warn(check, f"a number of the {whose} {named} {why}: {do}")


# The last drill of each line.


DRILL_CHECK = "drill"
MAX_DRILL_AGE = dt.timedelta(days=31)
DRILL_COMMAND = "priority-line drill"


def check_drills(engine: Engine, lines: Sequence[Line], at: dt.datetime) -> Iterator[CheckResult]:
    """Report the last drill of each line; a line without one is no problem."""
    for line in lines:
        call = find_last_drill(engine, drill_id(line))
        if call is None:
            yield ok(DRILL_CHECK, f"{line.id} never had one: run {DRILL_COMMAND}")
            continue
        when = format_local(call.started_at, line.timezone, "minutes")
        if call.answered_by != PERSON:
            yield warn(
                DRILL_CHECK,
                f"{line.id} failed on {when}: see show {call.sid}, then run {DRILL_COMMAND}",
            )
        elif at - call.started_at > MAX_DRILL_AGE:
            yield warn(DRILL_CHECK, f"{line.id} passed on {when}, long ago: run {DRILL_COMMAND}")
        else:
            yield ok(DRILL_CHECK, f"{line.id} passed on {when}")
