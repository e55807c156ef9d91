"""Ringing people: a row before a request, and a look before a second request."""

from __future__ import annotations

import datetime as dt
import math

from carrier.client import OutgoingCall, RefusedError
from routing import events, incident_events, jobs
from routing.call import Stage
from routing.decision import Case
from routing.escalation.desk_queue import free_now
from routing.incident import Incident
from routing.line import Channel, Line
from routing.page import LegState, Page
from routing.voice_document import Next
from service.logging import unreached
from store.work.jobs import CarrierPace
from workers.context import JobContext

CLOCKS_DIFFER = dt.timedelta(seconds=5)
LEAST_SECONDS = 5
"""The carrier rings no shorter; the line's own clock ends the ring before that."""

ALIVE = (events.Heard.RINGING, events.Heard.ANSWERED)


def leg_of(
    deed: jobs.Ring | jobs.Silence | jobs.Tell | jobs.SettleLeg, bench: JobContext
) -> tuple[Case, Page]:
    """The leg of an errand, with what it belongs to."""
    matter = bench.desk.leg(deed.leg)
    page = matter.incident.page(deed.leg) if matter.incident is not None else None
    if page is None:
        raise LookupError("this leg is not in its incident")
    return matter, page


def ring(deed: jobs.Ring, bench: JobContext, attempt: int) -> None:
    """Place the call of a leg, once: from the second attempt on, look for the first one's call."""
    matter, leg = leg_of(deed, bench)
    if leg.state is LegState.STOPPING and leg.sid is None:
        bench.desk.happen(events.LegHeard(leg.id, events.Heard.CANCELED))
    if leg.state is not LegState.PLACING:
        return
    line = bench.desk.line_of(matter)
    try:
        sid = None
        if attempt > 1:
            sid = bench.telephone.placed_since(leg.to, line.number, leg.at - CLOCKS_DIFFER)
            bench.hold_on()  # the look took its time, and the request must not outlast our lease
        if sid is None:
            if bench.pace is not None and matter.incident is not None:
                wait_turn(bench.pace, line, matter.incident, leg, bench.desk.clock())
            sid = bench.telephone.place(placing(leg, line.number, bench))
    except NotYet:
        bench.desk.happen(events.LegPutOff(leg.id))
        raise
    except RefusedError as refusal:
        unreached(Channel.CALL, refusal.code)
        bench.desk.happen(events.LegRefused(leg.id, refusal.code))
        return
    bench.desk.happen(events.LegPlaced(leg.id, sid))


def placing(leg: Page, from_: str, bench: JobContext) -> OutgoingCall:
    """The request for this leg; our own id stands in each address."""
    return OutgoingCall(
        to=leg.to,
        from_=from_,
        url=bench.addresses.of_leg(leg.id),
        fallback_url=bench.addresses.of_leg_fallback(leg.id),
        status_url=bench.addresses.of_leg_status(leg.id),
        seconds=max(LEAST_SECONDS, math.ceil(leg.ring_for.total_seconds())),
    )


def silence(deed: jobs.Silence, bench: JobContext, attempt: int) -> None:
    """Stop a leg that rings; one not yet placed is dropped by the errand that would place it."""
    _, leg = leg_of(deed, bench)
    if leg.state is not LegState.STOPPING or leg.sid is None:
        return
    try:
        heard = bench.telephone.silence(leg.sid)
    except RefusedError:
        heard = events.Heard.CANCELED
    bench.desk.happen(events.LegHeard(leg.id, heard))


def tell(deed: jobs.Tell, bench: JobContext, attempt: int) -> None:
    """Have an answered leg ask again; one that is over, or talks by now, need not know."""
    _, leg = leg_of(deed, bench)
    if leg.state not in (LegState.LISTENING, LegState.CONNECTING) or leg.sid is None:
        return
    try:
        bench.telephone.redirect(leg.sid, bench.addresses.of_leg(leg.id))
    except RefusedError:
        return


def end_message(deed: jobs.EndMessage, bench: JobContext, attempt: int) -> None:
    """Have the caller's call ask for the queue; a message that is over by itself needs nothing."""
    call = bench.desk.call(deed.call).call
    if call is None or call.stage is not Stage.MESSAGE or call.turn != deed.turn:
        return
    try:
        to = bench.addresses.of(Next("call.cut", call.id, call.turn))
        bench.telephone.redirect(call.sid, to)
    except RefusedError:
        return


def settle_leg(deed: jobs.SettleLeg, bench: JobContext, attempt: int) -> None:
    """Ask the carrier where a leg is, in case its word was lost."""
    _, leg = leg_of(deed, bench)
    if not leg.live:
        return
    heard = None
    if leg.sid is not None:
        try:
            heard = bench.telephone.heard(leg.sid)
        except RefusedError:
            heard = events.Heard.FAILED
    bench.desk.happen(events.LegChecked(leg.id, heard))


def settle_call(deed: jobs.SettleCall, bench: JobContext, attempt: int) -> None:
    """Ask the carrier whether a caller is still there; of who has gone only the count is left."""
    call = bench.desk.call(deed.call).call
    if call is None:
        return
    try:
        live = call.live and bench.telephone.heard(call.sid) in ALIVE
    except RefusedError:
        live = False
    bench.desk.happen(events.CallChecked(call.id, live))


def drop_queue(deed: jobs.DropQueue, bench: JobContext, attempt: int) -> None:
    """Delete the queue of a call that is over."""
    try:
        bench.telephone.drop_queue(deed.queue)
    except RefusedError:
        return


# Whose call is placed next: level 1 first, and none that waits is forgotten. The carrier places
# one call a second for an account by default and queues the rest, in the order in which they
# came. What is asked of it beyond that rate cannot be overtaken any more; so it is asked for
# little more, and the others wait here.


SECOND = dt.timedelta(seconds=1)
AHEAD = SECOND
"""Any level may ask for one second's calls at once."""

URGENT_AHEAD = 3 * SECOND
"""Level 1 may ask for so many seconds' calls at once: a step rings all its people together."""

PATIENCE = 5 * SECOND
"""Whoever has waited for so long waits no longer behind level 1."""

BLINK = dt.timedelta(milliseconds=50)
"""The clock looks no more often."""


class NotYet(Exception):  # noqa: N818 - it is an answer, not a failure
    """Nothing went wrong: this is to be done at ``at``."""

    def __init__(self, at: dt.datetime) -> None:
        super().__init__(f"not before {at}")
        self.at = at


def wait_turn(
    pace: CarrierPace, line: Line, incident: Incident, leg: Page, now: dt.datetime
) -> None:
    """Go on if the call of this leg may be placed now; raises NotYet with the moment if not."""
    each = SECOND / line.carrier.calls_per_second
    urgent = incident.urgency == 1 or now - leg.at >= PATIENCE
    at = pace.turn(now, each, (URGENT_AHEAD if urgent else AHEAD) - each)
    if at is not None:
        raise NotYet(max(at, now + BLINK))


# The desks' rows are served: in their common order, until nobody at a desk is free.


def serve(deed: jobs.ServeDesk, bench: JobContext, attempt: int) -> None:
    """Serve everybody who waits on the line, at the desk or for the specialists: somebody who
    does both goes to the first of them all."""
    line = bench.desk.people.line(deed.line)
    if line is not None:
        _serve(line, bench)


def _serve(line: Line, bench: JobContext) -> None:
    """Offer the free people to the first of those who wait, then to the next they may serve."""
    tried: set[str] = set()
    free = free_now(bench.desk.facts(line))
    while free:
        waiting = [key for key in bench.desk.book.row(line.id, None) if key not in tried]
        if not waiting:
            return
        tried.add(waiting[0])
        bench.desk.happen(incident_events.DeskTurn(waiting[0], free))
        still = free_now(bench.desk.facts(line))
        free = tuple(person for person in free if person in still)
