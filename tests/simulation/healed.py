"""Mistakes made on purpose that cost nobody a call, by the other safety that makes up for each."""

from __future__ import annotations

from routing import call_service
from routing.engineer import leg
from routing.escalation import ringing, taking
from tests.mistakes import Mistake
from tests.simulation.bugs import never, skips, stops
from workers import calls

HEALED: dict[str, Mistake] = {
    "without the bell, a worker finds each errand that is due in the database": skips(
        call_service.CallService.save, "self.notifier.notify(due)"
    ),
    "whoever was busy is rung in the next pass, or when the row is looked at": skips(
        leg.end, "draft = draft.do(jobs.OfferEngineer(draft.the_incident.line, leg.holds))"
    ),
    "asked after the caller, the line sees that nobody has or seeks them, and asks again": never(
        leg.continue_after_winner, "call.holds and not call.bridged"
    ),
    "the carrier stops ringing by itself; who answers before that hears that it is taken": stops(
        ringing.confirm_placed, "draft.do(jobs.StopRinging(leg.id))"
    ),
    "whoever still listens hears that it is taken when they press their key": stops(
        ringing.stop, "draft.do(jobs.RefreshDocument(leg.id))"
    ),
    "asked after the caller, the line sees that the conversation is over": never(
        taking.begin_talk, "draft.call.stage is Stage.RETURNING"
    ),
    "the carrier says by itself that it has stopped ringing, or is asked": skips(
        calls.cancel_leg, "return events.LegHeard(leg.id, heard)"
    ),
    "whoever passes on what they have loses it all the same: they press no key for it": skips(
        leg.pass_on, "draft = taking.pass_back(draft, leg)"
    ),
}
