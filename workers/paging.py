"""Ringing people: a row before a request, and a look before a second request."""

from __future__ import annotations

import datetime as dt
import math

from carrier.request import RefusedError
from carrier.telephone import Placing
from routing import errands as er
from routing import events as ev
from routing.call import Stage
from routing.incident import LegState, Page
from routing.line import Channel
from routing.ports import Matter
from routing.speech import Next
from tally import unreached
from workers.bench import Bench
from workers.pace import NotYet, wait_turn

CLOCKS_DIFFER = dt.timedelta(seconds=5)
LEAST_SECONDS = 5
"""The carrier rings no shorter; the line's own clock ends the ring before that."""

ALIVE = (ev.Heard.RINGING, ev.Heard.ANSWERED)


def leg_of(
    deed: er.Ring | er.Silence | er.Tell | er.SettleLeg, bench: Bench
) -> tuple[Matter, Page]:
    """The leg of an errand, with what it belongs to."""
    matter = bench.desk.leg(deed.leg)
    page = matter.incident.page(deed.leg) if matter.incident is not None else None
    if page is None:
        raise LookupError("this leg is not in its incident")
    return matter, page


def ring(deed: er.Ring, bench: Bench, attempt: int) -> None:
    """Place the call of a leg, once: from the second attempt on, look for the first one's call."""
    matter, leg = leg_of(deed, bench)
    if leg.state is LegState.STOPPING and leg.sid is None:
        bench.desk.happen(ev.LegHeard(leg.id, ev.Heard.CANCELED))
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
        bench.desk.happen(ev.LegPutOff(leg.id))
        raise
    except RefusedError as refusal:
        unreached(Channel.CALL, refusal.code)
        bench.desk.happen(ev.LegRefused(leg.id, refusal.code))
        return
    bench.desk.happen(ev.LegPlaced(leg.id, sid))


def placing(leg: Page, from_: str, bench: Bench) -> Placing:
    """The request for this leg; our own id stands in each address."""
    return Placing(
        to=leg.to,
        from_=from_,
        url=bench.addresses.of_leg(leg.id),
        fallback_url=bench.addresses.of_leg_fallback(leg.id),
        status_url=bench.addresses.of_leg_status(leg.id),
        seconds=max(LEAST_SECONDS, math.ceil(leg.ring_for.total_seconds())),
    )


def silence(deed: er.Silence, bench: Bench, attempt: int) -> None:
    """Stop a leg that rings; one not yet placed is dropped by the errand that would place it."""
    _, leg = leg_of(deed, bench)
    if leg.state is not LegState.STOPPING or leg.sid is None:
        return
    try:
        heard = bench.telephone.silence(leg.sid)
    except RefusedError:
        heard = ev.Heard.CANCELED
    bench.desk.happen(ev.LegHeard(leg.id, heard))


def tell(deed: er.Tell, bench: Bench, attempt: int) -> None:
    """Have an answered leg ask again; one that is over, or talks by now, need not know."""
    _, leg = leg_of(deed, bench)
    if leg.state not in (LegState.LISTENING, LegState.CONNECTING) or leg.sid is None:
        return
    try:
        bench.telephone.redirect(leg.sid, bench.addresses.of_leg(leg.id))
    except RefusedError:
        return


def end_message(deed: er.EndMessage, bench: Bench, attempt: int) -> None:
    """Have the caller's call ask for the queue; a message that is over by itself needs nothing."""
    call = bench.desk.call(deed.call).call
    if call is None or call.stage is not Stage.MESSAGE or call.turn != deed.turn:
        return
    try:
        to = bench.addresses.of(Next("call.cut", call.id, call.turn))
        bench.telephone.redirect(call.sid, to)
    except RefusedError:
        return


def settle_leg(deed: er.SettleLeg, bench: Bench, attempt: int) -> None:
    """Ask the carrier where a leg is, in case its word was lost."""
    _, leg = leg_of(deed, bench)
    if not leg.live:
        return
    heard = None
    if leg.sid is not None:
        try:
            heard = bench.telephone.heard(leg.sid)
        except RefusedError:
            heard = ev.Heard.FAILED
    bench.desk.happen(ev.LegChecked(leg.id, heard))


def settle_call(deed: er.SettleCall, bench: Bench, attempt: int) -> None:
    """Ask the carrier whether a caller is still there; of who has gone only the count is left."""
    call = bench.desk.call(deed.call).call
    if call is None:
        return
    try:
        live = call.live and bench.telephone.heard(call.sid) in ALIVE
    except RefusedError:
        live = False
    bench.desk.happen(ev.CallChecked(call.id, live))


def drop_queue(deed: er.DropQueue, bench: Bench, attempt: int) -> None:
    """Delete the queue of a call that is over."""
    try:
        bench.telephone.drop_queue(deed.queue)
    except RefusedError:
        return
