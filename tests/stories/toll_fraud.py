"""Whom the line had the carrier call and text: nobody whom a caller could make it pay for."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import phonenumbers
from phonenumbers import PhoneNumberType
from sqlalchemy import select

from routing.line import Line
from store.db.engine import reading
from store.people.lines import SqlLineRepository
from store.tables.log import calls, incidents, pages
from store.tables.people import lines
from tests.stories.stage import Stage

DEAR = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UNKNOWN}


def strangers_paid_for(stage: Stage) -> Iterator[str]:
    """Numbers that were called or texted although they are in no file, and are no ordinary ones of
    the line's countries that a caller of that very incident has shown."""
    people = SqlLineRepository(stage.services.engine)
    countries = {country for line in people.list_lines() for country in dialled(line)}
    shown, everybody = shown_by_leg(stage), shown_by_anybody(stage)
    out = [leg for leg in stage.office.legs if leg.direction != "inbound"]
    asked = [(leg.to, shown.get(leg.parent or "", [])) for leg in out]
    asked += [(text.to, everybody) for text in stage.office.texts if text.direction != "inbound"]
    for to, theirs in asked:
        known = to in theirs or known_to_the_line(people, to)
        if not in_the_file(stage, to) and (not known or costs(to, countries)):
            yield to


def dialled(line: Line) -> Collection[str]:
    """The countries whose numbers the line dials."""
    return line.dial_countries or (line.country,)


def in_the_file(stage: Stage, number: str) -> bool:
    """True for a number that stands in the file of a line: not for one that somebody added, or that
    a manager, a program or a file of rows gave to a contact."""
    people = SqlLineRepository(stage.services.engine)
    with reading(stage.services.engine) as connection:
        files = connection.scalars(select(lines.c.value)).all()
    for line in files:
        managers = (line.duty_manager.phone,) if line.duty_manager else ()
        phones = (phone for engineer in line.engineers for phone in engineer.phones)
        if number in (*line.last_resort, *managers, *phones):
            return True
        if people.is_file_phone(line.id, number):
            return True
    return False


def known_to_the_line(people: SqlLineRepository, number: str) -> bool:
    """True for a number of an engineer or a contact, by whatever way it came in."""
    return any(
        number in engineer.phones for line in people.list_lines() for engineer in line.engineers
    ) or any(people.find_contracts_by_phone(line.id, number) for line in people.list_lines())


def costs(number: str, countries: Collection[str]) -> bool:
    """True for a number that may cost more than any other, or that is abroad."""
    parsed = phonenumbers.parse(number)
    abroad = phonenumbers.region_code_for_number(parsed) not in countries
    return abroad or phonenumbers.number_type(parsed) in DEAR


def shown_by_anybody(stage: Stage) -> list[str | None]:
    """Every number that a caller has shown."""
    with reading(stage.services.engine) as connection:
        return [call.caller for call in connection.scalars(select(calls.c.value))]


def shown_by_leg(stage: Stage) -> dict[str, list[str | None]]:
    """For each leg of the line, the numbers that the callers of its very incident have shown."""
    its_legs = pages.join(incidents, pages.c.incident == incidents.c.key)
    with reading(stage.services.engine) as connection:
        legs = connection.execute(select(pages.c.value, incidents.c.value).select_from(its_legs))
        legs_and_calls = [(leg.sid, incident.calls) for leg, incident in legs]
        called = {call.sid: call.caller for call in connection.scalars(select(calls.c.value))}
    return {sid: [called.get(one) for one in those] for sid, those in legs_and_calls if sid}
