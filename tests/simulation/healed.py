"""Mistakes made on purpose that cost nobody a call: another safety makes up for each."""

from __future__ import annotations

from routing import desk
from routing.engineer import legs
from routing.hunting import placing, ringing, taking
from workers import sweep

HEALED = [
    (
        desk.Desk.save,
        "self.bell.ring(due)",
        "pass",
        "without the bell, the clock finds each errand that is due in the database",
    ),
    (
        sweep._keep_in_line,
        "if in_line is None:\n        return False",
        "if in_line is None:\n        return True",
        "a bell that does not take the jobs says so, and the clock does them",
    ),
    (
        legs.ended,
        "draft = draft.do(Freed(draft.the_incident.line, leg.engineer))",
        "pass",
        "whoever was busy is rung in the next pass, or when the row is looked at",
    ),
    (
        legs.after_the_winner,
        "if call.holds and not call.bridged:",
        "if False:",
        "asked after the caller, the line sees that nobody has or seeks them, and asks again",
    ),
    (
        placing.placed,
        "return draft.do(Silence(leg.id))",
        "return draft",
        "the carrier stops ringing by itself; who answers before that hears that it is taken",
    ),
    (
        ringing.stop,
        "return draft.do(Tell(leg.id))",
        "return draft",
        "whoever still listens hears that it is taken when they press their key",
    ),
    (
        taking.met,
        "draft.call.stage is Stage.RETURNING",
        "False",
        "asked after the caller, the line sees that the conversation is over, and asks again",
    ),
]
