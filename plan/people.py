"""The people of a line, as ``line.yaml`` writes them: their telephones, rules and quiet hours."""

from __future__ import annotations

import datetime as dt

from plan import duty, times, words
from plan.forms import distinct, many, one_or_many, record, some
from plan.reading import Reading, Wrong, then
from plan.sheet import Entry, Fields
from routing.line import EVERY_DAY, Channel, ContactRule, DutyManager, Engineer, Hours
from routing.schedule.quiet import LONGEST, quiet_until

_ANY_MONDAY = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


def _rule(by: str, after: dt.timedelta = dt.timedelta(0)) -> ContactRule:
    return ContactRule(Channel(by), after)


def _each_way_once(rules: tuple[ContactRule, ...]) -> tuple[ContactRule, ...]:
    if len({rule.by for rule in rules}) < len(rules):
        raise Wrong("names a way twice; `again_after` says when a notice is repeated")
    return rules


def _quiet_hours(entry: Entry, reading: Reading) -> Hours:
    """Hours of every day as one word, or with days as office hours are written."""
    if isinstance(entry, Fields):
        return duty.weekly(entry, reading)
    return Hours(EVERY_DAY, *times.hours(entry, reading))


def _some_peace(quiet: tuple[Hours, ...]) -> tuple[Hours, ...]:
    somebody = Engineer("", "", (), quiet=quiet)
    if quiet_until(somebody, _ANY_MONDAY, "UTC") == _ANY_MONDAY + LONGEST:
        raise Wrong("leaves no hour of the week in which to tell them anything")
    return quiet


def _manager(
    phone: str | None = None, email: str | None = None, language: str | None = None
) -> DutyManager:
    if phone is None and email is None:
        raise Wrong("must have a phone or an email")
    return DutyManager(phone, email, language)


_rule_for_notices = record(_rule, by=words.among("sms", "email"), after=times.wait)
duty_manager = record(_manager, phone=words.other_phone, email=words.email, language=words.spoken)
engineers = some(
    distinct(
        "id",
        record(
            Engineer,
            id=words.identifier,
            name=words.name,
            phones=some(one_or_many(words.phone)),
            email=words.email,
            languages=some(many(words.language)),
            contact=then(some(one_or_many(_rule_for_notices)), _each_way_once),
            quiet=then(some(one_or_many(_quiet_hours)), _some_peace),
        ),
    )
)
