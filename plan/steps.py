"""Whom a call rings and in which order: escalation, desk, routes and notices."""

from __future__ import annotations

import datetime as dt
from typing import Any

from plan import times, words
from plan.answers import sent_to, yes_or_no
from plan.forms import fields, many, one_or_many, record, some
from plan.reading import Wrong, then
from routing.contract import Plan
from routing.line import (
    PROMISED,
    Channel,
    Condition,
    DrillTimes,
    Escalation,
    HandoverRules,
    OfficeTime,
    Paging,
    Route,
    SignatureDesk,
    Step,
)

_HALF_A_MINUTE = dt.timedelta(seconds=30)
_KINDS = ("incident", "signature_request")


def _step(ring: tuple[str, ...], for_: dt.timedelta = _HALF_A_MINUTE) -> Step:
    return Step(ring, for_)


def _specialists(
    ring: tuple[str, ...], for_: dt.timedelta = _HALF_A_MINUTE, samples_to: str | None = None
) -> SignatureDesk:
    return SignatureDesk(ring, for_, samples_to)


def _condition(found: dict[str, tuple[Any, ...]]) -> Condition:
    return Condition(
        languages=found.get("language", ()),
        plans=found.get("plan", ()),
        contracts=found.get("contracts", ()),
        urgencies=found.get("urgency", ()),
        kinds=found.get("kind", ()),
    )


def _route(
    when: Condition, escalation: Escalation | None = None, desk: Step | None = None
) -> Route:
    if escalation is None and desk is None:
        raise Wrong("must have an escalation or a desk, which it puts in place of the line's")
    return Route(when, escalation, desk)


def _promises(found: dict[str, dict[str, OfficeTime]]) -> tuple[tuple[int, OfficeTime], ...]:
    given = {int(level): each["respond_within"] for level, each in found.items() if each}
    return tuple(sorted((dict(PROMISED) | given).items()))


step = record(_step, ring=some(many(words.ringable)), for_=times.length)
signature_desk = record(
    _specialists,
    ring=some(many(words.ringable)),
    for_=times.length,
    samples_to=sent_to,
)
escalation = record(Escalation, steps=some(many(step)), repeat=words.whole(1, 100))
paging = record(
    Paging,
    channels=many(words.choice(Channel)),
    again_after=times.length,
    reach_within=times.length,
    daily_cap=words.whole(1, 1000),
)
handover = record(
    HandoverRules,
    tell=yes_or_no,
    confirm_within=times.length,
)
drill = record(DrillTimes, at=times.time, days=some(many(times.weekday)))
routes = many(
    record(
        _route,
        when=then(
            fields(
                frozenset(),
                language=some(one_or_many(words.language)),
                plan=some(one_or_many(words.among(*Plan))),
                contracts=some(one_or_many(words.keyed)),
                urgency=some(one_or_many(words.whole(1, 4))),
                kind=some(one_or_many(words.among(*_KINDS))),
            ),
            _condition,
        ),
        escalation=escalation,
        desk=step,
    )
)
_promise = fields(frozenset(), respond_within=times.office_time)
promises = then(
    fields(frozenset(), **{str(urgency): _promise for urgency in range(1, 5)}),
    _promises,
)
