"""Previews of a change of shifts; nothing is saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from config.holidays import build_office_hours
from config.staffing import FREE_DAYS, REST_WINDOW, find_short_rest
from routing.line import Line, Override, Schedule
from routing.message import Message
from routing.oncall.hours import OfficeHours
from routing.oncall.local_time import instant
from routing.oncall.policy import name_of
from routing.oncall.rota import segments
from service.calendar_feed import Span, find_gaps
from service.refusals import RefusalText
from service.shifts.change import ShiftChange
from service.shifts.exchange import ShiftExchange, hash_schedule, undo_change
from store.people.overrides import StoredOverride, beside, with_overrides


@dataclass(frozen=True, slots=True)
class ShiftEffect:
    """The schedule before and after a change, with gaps, warnings and the messages to send.

    ``seen`` is the hash of the schedule that the preview was made from.
    """

    before: Schedule
    after: Schedule
    given: tuple[Override, ...]
    gaps: tuple[Span, ...]
    remarks: tuple[RefusalText, ...]
    letters: tuple[Message, ...]
    seen: str


def preview_changes(exchange: ShiftExchange, changes: Sequence[ShiftChange]) -> ShiftEffect:
    """Preview changes. Raises ShiftRefusedError, and LookupError without the schedule."""
    file, kept = beside(exchange.services.engine, exchange.line.id, exchange.schedule.id)
    outcome = exchange.outcome(changes, _find_schedule(file, exchange), kept)
    given = tuple(
        Override(*span, *(one.id if one else None for one in (change.give, change.take)))
        for change, handover in outcome.done
        for span in handover.given
    )
    found = _build_effect(exchange, file, kept, outcome.kept, given)
    return replace(found, remarks=(*outcome.remarks, *found.remarks), letters=outcome.letters)


def preview_undo(exchange: ShiftExchange, uid: str) -> ShiftEffect:
    """Preview the undo of a change. Raises ShiftRefusedError and LookupError."""
    file, kept = beside(exchange.services.engine, exchange.line.id, exchange.schedule.id)
    done = undo_change(
        uid, _find_schedule(file, exchange), kept, exchange.at, build_office_hours(exchange.line)
    )
    given = tuple(Override(one.start, one.end, one.add, one.remove) for one in done.back)
    found = _build_effect(exchange, file, kept, done.kept, given)
    odd = tuple(remark for remark in done.remarks if remark.words != "gap")
    letters = tuple(exchange.notices.undo_messages(uid, done.back))
    return replace(found, remarks=(*odd, *found.remarks), letters=letters)


def _build_effect(
    exchange: ShiftExchange,
    file: Line,
    kept: Sequence[StoredOverride],
    after: Sequence[StoredOverride],
    given: tuple[Override, ...],
) -> ShiftEffect:
    line, hours = exchange.line, build_office_hours(exchange.line)
    was, becomes = (
        _find_schedule(with_overrides(file, {exchange.schedule.id: rows}), exchange)
        for rows in (kept, after)
    )
    changed = _replace_schedule(line, becomes)
    return ShiftEffect(
        was,
        becomes,
        given,
        tuple(_find_new_gaps(was, becomes, given, hours)),
        tuple(_warn_of_rest_days(exchange, line, changed)),
        (),
        hash_schedule(_find_schedule(file, exchange), kept),
    )


def _find_schedule(line: Line, exchange: ShiftExchange) -> Schedule:
    found = line.schedule(exchange.schedule.id)
    if found is None:
        raise LookupError(exchange.schedule.id)
    return found


def _replace_schedule(line: Line, changed: Schedule) -> Line:
    schedules = (changed if one.id == changed.id else one for one in line.schedules)
    return replace(line, schedules=tuple(schedules))


def _find_new_gaps(
    before: Schedule, after: Schedule, given: Sequence[Override], hours: OfficeHours
) -> Iterator[Span]:
    """The spans that had somebody on call and will have nobody."""
    for one in given:
        for gap in find_gaps(after, (one.start, one.end), hours):
            for segment in segments(before, *gap, hours):
                if segment.on_call:
                    yield segment.start, segment.end


def _warn_of_rest_days(exchange: ShiftExchange, before: Line, after: Line) -> Iterator[RefusalText]:
    """Warn of engineers whom the change leaves with fewer free days than the law requires."""
    hours, at = build_office_hours(before), exchange.at
    known = {one.engineer: one.free for one in find_short_rest(before, hours, at)}
    for one in find_short_rest(after, hours, at):
        if one.free < known.get(one.engineer, FREE_DAYS):
            start, end = (instant(t, before.timezone) for t in (one.start, one.start + REST_WINDOW))
            name, free = name_of(before, one.engineer), one.free
            yield RefusalText.of(
                "labour", name=name, free=free, rule=FREE_DAYS, start=start, end=end
            )
