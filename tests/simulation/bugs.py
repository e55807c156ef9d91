"""Mistakes made on purpose, each of which the simulation must find by itself.

By what then goes wrong: where the mistake is, what is right, and what stands there instead. The
four at the top are made in every run of the tests.
"""

from __future__ import annotations

from typing import Any

from routing import call_service, draft, flow
from routing.caller import (
    call_me_now,
    hold,
    leaving,
    open_incidents,
    opening,
    questions,
    reception,
    waiting,
)
from routing.engineer import leg
from routing.engineer import menus as leg_menus
from routing.escalation import desk_queue, queue_position, recall, ringing, steps, taking
from routing.incidents import (
    correspondence,
    lifecycle,
    merging,
    response_clock,
    text_commands,
)
from routing.notify import paging as written
from store.memory import state
from store.memory.call_repository import MemoryCallRepository
from tests.mistakes import Mistake
from workers import calls, jobs, messages, recordings


def never(function: Any, condition: str) -> Mistake:
    """The condition is taken for false."""
    return function, condition, "False"


def always(function: Any, condition: str) -> Mistake:
    """The condition is taken for true."""
    return function, condition, "True"


def skips(function: Any, statement: str) -> Mistake:
    """The statement is left out."""
    return function, statement, "pass"


def reports_nothing(handler: Any, event: str) -> Mistake:
    """What the handler of a job found is not reported."""
    return handler, f"return {event}", "return None"


def forgets(function: Any, errand: str) -> Mistake:
    """The errand is not written down."""
    return function, f"draft.do({errand})", "draft"


def stops(function: Any, step: str) -> Mistake:
    """Nothing follows."""
    return function, f"return {step}", "return draft"


SETTLE_CALL = "jobs.CheckCall(call.id), jobs.CHECK_CALL_AFTER"

BUGS: dict[str, Mistake] = {
    "the key that passes it on takes it": (
        leg_menus.whisper_keys,
        "MenuKey(leg.take_key, legs.take, prompt)",
        "MenuKey(leg.pass_key, legs.take, prompt)",
    ),
    "a pause ends by no timer": (steps.pause, "mark=mark,", "mark=mark - 1,"),
    "who ends a leg ends the hunt": stops(leg.end, "steps.advance(draft)"),
    "a wrong key for ever is asked again for ever": never(
        questions.ask_again, "silences + slips >= most_misses"
    ),
    # what is asked while telephones ring
    "who is asked meanwhile is not held": (
        opening.hold_caller,
        "held = draft.with_call(parked_at=parked_at)",
        "held = draft",
    ),
    "the contract of a number counts as proven": (
        opening.open_incident,
        "entitlement=call.entitlement",
        "entitlement=call.entitlement.ENTITLED",
    ),
    # who takes it, and who has it
    "who stays on is not sought for": (
        leaving.stay_on,
        "taking.reopen_for_caller(draft, engineer,",
        "draft.note(engineer,",
    ),
    "a key ends no hunt": (
        taking.take,
        "end(premium.count(draft), but=leg.id)",
        "count(draft)",
    ),
    "the others ring on": skips(steps.end, "draft = ringing.stop(draft, leg)"),
    "a key wins nothing": (taking.take, "result=PageResult.ACCEPTED, ", ""),
    "a second key wins, too": never(taking.is_taken_by_other, "winner.id != leg.id"),
    "a key takes what is over": never(
        taking.is_taken_by_other, "over and incident.acknowledged_by != leg.engineer"
    ),
    "who is on the line is overdue": never(
        recall.escalate_overdue, "incident.winner() is not None"
    ),
    "who has reached the customer is overdue": (recall.escalate_overdue, "or incident.reached", ""),
    "reopened, it is nobody's": stops(
        taking.reopen_for_caller,
        "start(draft, first=engineer)",
    ),
    "a promise is kept by nobody, and by no key": (
        taking.end_key_deadline,
        "incident.state is not IncidentState.ACKNOWLEDGED or not theirs",
        "True",
    ),
    "a caller who waits is owed no key": (
        taking.acknowledge,
        "set_key_deadline(include(draft, engineer, asked=True), engineer)",
        "include(draft, engineer)",
    ),
    "whoever texts back takes it from the others": never(
        taking.acknowledge, "incident.state is not IncidentState.OPEN"
    ),
    "a forged text ends a level 1": never(
        lifecycle.respond, "text_codes.lacks_proof(draft.the_incident, event.by, event.how)"
    ),
    "a wrong key at the closing menu is asked again for ever": never(
        leg.has_given_up, "leg.rounds + leg.slips >= MISSES"
    ),
    "a question is repeated for ever": never(
        questions.repeat, "call.repeats + call.strays >= REPEATS"
    ),
    # the hunt goes on
    "of two rings that end together, one ends the step for both": never(
        ringing.holds_up, "leg.state in RINGS and not leg.ring_left(now)"
    ),
    "a step begins with the first phone again": (
        ringing.make_candidate,
        "dict(draft.the_incident.escalation.left).get(person, 0)",
        "0",
    ),
    "a free engineer goes to the oldest call, whatever its plan": (
        queue_position._sort_key,
        'f"{incident.rank:03}"',
        '"0"',
    ),
    "nobody gives way to a caller who comes first": never(
        ringing._must_give_way,
        "candidate.engineer in draft.facts.held(draft.the_incident).wanted",
    ),
    "the last resort is rung for all at once": always(
        ringing._find_free_phone, "held_by(person, phone) not in busy"
    ),
    "an older timer counts": never(
        flow.step_incident, "mark != draft.the_incident.escalation.mark"
    ),
    "a wait ends too early, and for good": never(
        steps.end_wait, "draft.the_incident.escalation.mark == mark"
    ),
    "who is busy is waited for again": always(
        ringing.end_long_waits, "c.until is None or c.wait_left(now)"
    ),
    "no pass is the last": never(steps.end_pass, "escalation.pass_ >= policy.repeat"),
    "no round is the next": stops(
        steps.end_pause,
        'begin(draft.note(JournalEvent.ROUND, "the pause is over: everybody is tried again"))',
    ),
    "nobody is busy": (
        MemoryCallRepository.find_busy,
        "frozenset(page.holds for i, page in live if i.key != but)",
        "frozenset()",
    ),
    "no pass is the next": stops(steps.end_pass, "begin_pass(draft)"),
    "who took it may take for ever": always(steps.watch_contact, "not promised"),
    "a leg is asked after once": forgets(leg.check, "jobs.CheckLeg(leg.id), ringing.SETTLE_AFTER"),
    "a leg is never asked after": forgets(ringing.place_leg, "jobs.CheckLeg(leg_id), SETTLE_AFTER"),
    "no pause ends": stops(recall.handle_timer, "steps.end_pause(draft)"),
    # the caller
    "a caller is never asked after": forgets(reception.begin, SETTLE_CALL),
    "a caller is asked after once": forgets(
        leaving.check_call, "jobs.CheckCall(call.id), jobs.CHECK_CALL_AFTER"
    ),
    "who is to wait is let go": (draft.park, "Stage.WAITING", "Stage.FAREWELL"),
    "a queue stays at the carrier": skips(
        leaving.end_call, "draft = draft.do(jobs.DeleteQueue(call.queue), dt.timedelta(seconds=2))"
    ),
    "who waits is hung up on": (hold.build_hold_document, "(LeaveQueue(),)", "(HangUp(),)"),
    "a message that ends by hanging up is lost": stops(
        waiting.take_message, "take_late_message(draft, event.recording)"
    ),
    "called about again, it is nobody's": (
        open_incidents.return_to_desk,
        'leave_desk_queue(draft, "the file names no desk")',
        "draft",
    ),
    "a second engineer calls the customer who is on the telephone": never(
        text_commands.why_no_call, "is_other_talking(incident, engineer)"
    ),
    # a customer who asked to be called
    "a mailbox is joined": always(call_me_now.press_key, "event.key in (CONNECT_KEY, HUMAN)"),
    "a customer on the line is called all the same": (
        call_me_now._is_needless,
        "on_line or draft.the_incident.state is IncidentState.CLOSED",
        "draft.the_incident.state is IncidentState.CLOSED",
    ),
    "whoever asks twice is called twice": never(
        call_me_now.why_not_called, "_is_rung(facts, incident, by)"
    ),
    "a customer is called as often as they like": never(
        call_me_now.why_not_called,
        "len(_list_lately(incident, facts.now)) >= CALLS_AN_HOUR",
    ),
    "a customer's leg is never asked after": forgets(
        call_me_now.ring_customer,
        "jobs.CheckCustomerLeg(incident.key, leg.number), ringing.SETTLE_AFTER",
    ),
    "a call that was asked for is never asked after": forgets(call_me_now.begin_call, SETTLE_CALL),
    "what the carrier says of a customer's leg is lost": (
        calls.check_customer_leg,
        "return events.CustomerLegChecked(command.incident, command.number, heard)",
        "return None",
    ),
    "a customer's refusal is lost": (
        calls.ring_customer,
        "return report_customer_leg(command, events.Heard.FAILED, why=why)",
        "return None",
    ),
    # what customers write, and two reports of one matter
    "what a customer writes is not kept": skips(
        correspondence.take_message, "draft = _keep_message(draft, event)"
    ),
    "what a customer writes again is taken again": never(
        correspondence.take_message, "draft.facts.message_exists(event.message_id)"
    ),
    "the words of a report are lost": (
        opening._open_lodged,
        "return _keep_first_message(draft, event)",
        "return draft",
    ),
    "the file of a message stays behind": (
        draft.DecisionDraft.decision.fget,
        "tuple(file for one in self.customer_messages for file in one.files)",
        "()",
    ),
    "a mail rings somebody": never(opening.lodge, "not event.rings"),
    "the portal rings nobody": always(opening.lodge, "not event.rings"),
    "a telephone rings on for a merged incident": skips(
        merging.merge, "draft = lifecycle.end_escalation(draft)"
    ),
    "a caller stays with a merged incident": skips(
        merging.merge, "survivor = _move_call(survivor, moved)"
    ),
    "an escalation that goes on for another incident has no timer": (
        merging._move_escalation,
        "return draft, _set_timers(survivor)",
        "return draft, survivor",
    ),
    "one matter counts twice": skips(
        merging.merge, "draft, survivor = _move_premium(draft, survivor)"
    ),
    "of two clocks the later one goes on": skips(
        merging.merge, "survivor = _merge_clocks(survivor, incident)"
    ),
    "a merged incident stays open": (
        merging._close,
        "state=IncidentState.CLOSED",
        "state=draft.the_incident.state",
    ),
    "what is said of a merged incident is done to that one": never(
        call_service.find_case, "isinstance(event, events.ByPeople)"
    ),
    # whoever must be told, and what was promised
    "a caller beyond the limit is forgotten": forgets(
        steps.notify_quietly, "jobs.ReportUnrung(incident.key), wait"
    ),
    "what is for later is forgotten": forgets(
        desk_queue.check_after,
        "jobs.ContinueEscalation(incident.key, incident.escalation.mark), after",
    ),
    "the desk is not told": skips(desk_queue.notify_desk, "draft = page_engineer(draft, engineer)"),
    "the clock does not strike": skips(
        response_clock._set_timer,
        "draft = draft.do(jobs.CheckResponseTime(incident.key, clock.mark, share), at - now)",
    ),
    "a broken promise is not written down": (
        response_clock.record_breach,
        "incident.breached_at or incident.respond_by",
        "incident.breached_at",
    ),
    "nobody is told": skips(
        written.page_engineer,
        "draft = page_on("
        "draft, engineer, channels.CHANNELS[rule.by], find_page_time(draft, engineer, rule))",
    ),
    "a text is never sent": forgets(written._add_page, "job, at - facts.now"),
    "everybody is told again and again": (written._add_page, "if any(", "if False and any("),
    "nobody knows of a text that went out": reports_nothing(
        messages.send_page, "events.PageSent(page.id, done.result, done.sid, why=done.why)"
    ),
    # the book and the errands
    "a recording stays at the carrier": skips(
        recordings.delete_recording, "context.carrier.drop_recording(recording.sid)"
    ),
    "a lost race is a lost event": (
        call_service.CallService.handle,
        "return retry_lost_races(attempt, type(event).__name__)",
        "try:\n        return attempt()\n"
        "    except LostRaceError:\n        case = self._known(find_case(self.calls, event))\n"
        "        return CaseOnLine(case, self.line_of(case))",
    ),
    "a call is overwritten": skips(state.MemoryRows.next_call, "_refuse_changed(seen, kept)"),
    "an incident is overwritten": skips(
        state.MemoryRows.next_incident, "_refuse_changed(seen, self.incidents.get(seen.key))"
    ),
    "who has gone is still there": (calls.check_call, "in LIVE_STATES", "is not None"),
    "what the carrier says of a leg is lost": reports_nothing(
        calls.check_leg, "events.LegChecked(leg.id, heard)"
    ),
    "a refusal is lost": reports_nothing(
        calls.place_call, "events.LegRefused(leg.id, refusal.code)"
    ),
    "nobody knows which call a leg is": reports_nothing(
        calls.place_call, "events.LegPlaced(leg.id, sid)"
    ),
    "what was stopped before it was placed lives on": reports_nothing(
        calls.place_call,
        "events.LegHeard(leg.id, events.Heard.CANCELED)",
    ),
    "of many errands three are written down": (
        state.MemoryRows.write_jobs,
        "in written.items():",
        "in list(written.items())[:3]:",
    ),
    "what failed once is given up": (
        jobs._retry_or_give_up,
        "context.queue.retry(lease, now + retry_delay(lease.attempt), reason)",
        "context.queue.give_up(lease, now, reason)",
    ),
}
