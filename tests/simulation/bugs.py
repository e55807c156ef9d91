"""Mistakes made on purpose, each of which the simulation must find by itself."""

from __future__ import annotations

from routing import question
from routing.caller import leaving, reception
from routing.engineer import legs
from routing.hunting import hunt, pauses, placing, reach, taking
from store.memory import rows
from workers import errands

BUGS = [
    # the three of every run
    (legs.keyed, "event.key == leg.take_key", "event.key == leg.pass_key"),
    (pauses.pause, "mark=mark,", "mark=mark - 1,"),
    (legs.ended, "return hunt.advance(draft)", "return draft"),
    # who takes it, and who has it
    (leaving.stayed_on, "taking.reopen(draft, engineer,", "draft.note(engineer,"),
    (taking.take, "hunt.end(premium.count(draft), but=leg)", "premium.count(draft)"),
    (hunt.end, "draft = stop(draft, leg)", "pass"),
    # the hunt goes on
    (hunt.end_pass, "return next_pass(draft)", "return draft"),
    (pauses.watch, "or not incident.hunt.round", "or True"),
    (legs.checked, "draft.do(SettleLeg(leg.id), SETTLE_AFTER)", "draft"),
    (placing.place, "draft.do(SettleLeg(leg_id), SETTLE_AFTER)", "draft"),
    (reach.hunt_due, "return hunt.go_on(draft)", "return draft"),
    # the caller
    (reception.begin, "draft.do(SettleCall(call.id), SETTLE_CALL_AFTER)", "draft"),
    (
        leaving.call_checked,
        "return draft.do(SettleCall(call.id), SETTLE_CALL_AFTER)",
        "return draft",
    ),
    (
        question.park,
        "draft = ask(draft, Stage.WAITING, remark)",
        "draft = ask(draft, Stage.FAREWELL, remark)",
    ),
    # the book and the errands
    (rows.Rows.next_incident, "seen.version != (kept.version if kept else 0)", "False"),
    (rows.Rows.post, "in posted.items():", "in list(posted.items())[:3]:"),
    (
        errands._failed,
        "context.due.retry(lease, now + pause_after(lease.attempt), reason)",
        "context.due.give_up(lease, now, reason)",
    ),
]
