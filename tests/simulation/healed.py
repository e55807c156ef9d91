"""Mistakes made on purpose that cost nobody a call, by the other safety that makes up for each."""

from __future__ import annotations

from routing import desk
from routing.engineer import keys, legs
from routing.hunting import placing, ringing, taking
from tests.mistakes import Mistake
from tests.simulation.bugs import never, skips, stops
from workers import paging, sweep

HEALED: dict[str, Mistake] = {
    "without the bell, the clock finds each errand that is due in the database": skips(
        desk.Desk.save, "self.bell.ring(due)"
    ),
    "a bell that does not take the jobs says so, and the clock does them": (
        sweep._keep_in_line,
        "if in_line is None:\n        return False",
        "if in_line is None:\n        return True",
    ),
    "whoever was busy is rung in the next pass, or when the row is looked at": skips(
        legs.ended, "draft = draft.do(Freed(draft.the_incident.line, leg.holds))"
    ),
    "asked after the caller, the line sees that nobody has or seeks them, and asks again": never(
        legs.after_the_winner, "call.holds and not call.bridged"
    ),
    "the carrier stops ringing by itself; who answers before that hears that it is taken": stops(
        placing.placed, "draft.do(Silence(leg.id))"
    ),
    "whoever still listens hears that it is taken when they press their key": stops(
        ringing.stop, "draft.do(Tell(leg.id))"
    ),
    "asked after the caller, the line sees that the conversation is over": never(
        taking.met, "draft.call.stage is Stage.RETURNING"
    ),
    "the carrier says by itself that it has stopped ringing, or is asked": skips(
        paging.silence, "bench.desk.happen(ev.LegHeard(leg.id, heard))"
    ),
    "whoever passes on what they have loses it all the same: they press no key for it": skips(
        keys.keyed, "draft = promise.given_back(draft, leg)"
    ),
}
