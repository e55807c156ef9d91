"""Mistakes made on purpose, each of which the simulation must find by itself."""

from __future__ import annotations

from routing import desk, facts, flow, question
from routing.caller import leaving, reception, waitingroom
from routing.course import clock
from routing.engineer import keys, legs
from routing.hunting import hunt, later, pauses, placing, reach, ringing, taking
from routing.written import paging as written
from store.memory import rows
from workers import errands, paging, recordings

BUGS = [
    # the three of every run
    (keys.keyed, "event.key == leg.take_key", "event.key == leg.pass_key"),
    (pauses.pause, "mark=mark,", "mark=mark - 1,"),
    (legs.ended, "return hunt.advance(draft)", "return draft"),
    # who takes it, and who has it
    (leaving.stayed_on, "taking.reopen(draft, engineer,", "draft.note(engineer,"),
    (taking.take, "hunt.end(premium.count(draft), but=leg)", "premium.count(draft)"),
    (hunt.end, "draft = stop(draft, leg)", "pass"),
    (taking.take, "result=Result.ACCEPTED, ", ""),
    (taking.taken_by_other, "return winner.id != leg.id", "return False"),
    (reach.overdue, "incident.winner() is not None", "False"),
    (reach.overdue, "or incident.reached", ""),
    (
        taking.reopen,
        'return seek(draft.note("reopened", f"{engineer} {why}"), first=engineer)',
        "return draft",
    ),
    # the hunt goes on
    (flow.about_incident, "mark == draft.the_incident.hunt.mark", "True"),
    (hunt.wait_is_over, "hunt.mark != mark or not later", "True"),
    (ringing.wait_once, "c.until is None or c.wait_left(now)", "True"),
    (hunt.end_pass, "hunt.pass_ >= escalation.repeat", "False"),
    (
        hunt.go_on,
        'return begin(draft.note("round", "the pause is over: everybody is tried again"))',
        "return draft",
    ),
    (facts.FactsOfNow.busy, "return self.book.busy(self.line.id, but)", "return frozenset()"),
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
    (
        leaving.call_ended,
        "draft = draft.do(DropQueue(call.queue), dt.timedelta(seconds=2))",
        "pass",
    ),
    (waitingroom.waiting_document, "acts = (Leave(),)", "acts = (HangUp(),)"),
    # whoever must be told, and what was promised
    (
        later.look_after,
        "return draft.do(HuntOn(incident.key, incident.hunt.mark), after)",
        "return draft",
    ),
    (clock._run, "draft = draft.do(Strike(incident.key, mark, share), at - facts.now)", "pass"),
    (clock.broken, "incident.breached_at or incident.respond_by", "incident.breached_at"),
    (written.tell, "draft = how(draft, engineer, when(draft, engineer, rule))", "pass"),
    # the book and the errands
    (recordings.drop, "bench.telephone.drop_recording(recording.sid)", "pass"),
    (desk.Desk.happen, "continue", "return before"),
    (rows.Rows.next_call, "seen.version != (kept.version if kept else 0)", "False"),
    (paging.settle_call, "in ALIVE", "is not None"),
    (paging.settle_leg, "bench.desk.happen(ev.LegChecked(leg.id, heard))", "pass"),
    (paging.ring, "bench.desk.happen(ev.LegRefused(leg.id, refusal.code))", "pass"),
    (rows.Rows.next_incident, "seen.version != (kept.version if kept else 0)", "False"),
    (rows.Rows.post, "in posted.items():", "in list(posted.items())[:3]:"),
    (
        errands._failed,
        "context.due.retry(lease, now + pause_after(lease.attempt), reason)",
        "context.due.give_up(lease, now, reason)",
    ),
]
