"""Would the tests notice? Each small mistake is made on purpose, and some test must object.

A mistake is an edit of one function's source, put in place of the function's code for as long as
the tests of the flow run; a mistake that no test notices is a test that is missing.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from typing import Any

import pytest

from routing import call_service, draft, facts, flow, voice_document
from routing.caller import (
    hold,
    identify,
    leaving,
    menus,
    news,
    open_incidents,
    opening,
    prompts,
    questions,
    reception,
    signature_request,
    urgency,
    waiting,
)
from routing.engineer import callin, leg, sentences
from routing.engineer import menus as leg_menus
from routing.escalation import queue_position, ringing, steps, taking
from routing.oncall import policy
from tests.mistakes import mistaken
from tests.routing import (
    test_attended,
    test_claim_deadline,
    test_correspondence,
    test_escalation,
    test_guessing,
    test_hold,
    test_joined_incidents,
    test_keys_everywhere,
    test_merging,
    test_opening,
    test_reception,
    test_repeat_calls,
    test_simultaneous_timers,
    test_taking,
    test_true_words,
    test_turns,
    test_voice_documents,
    test_waiting,
    test_whispers,
    test_wrong_keys,
)
from tests.routing.floor import Floor, stepping

pytestmark = pytest.mark.mistakes

MISTAKES = [
    # a key means something else
    (
        leg_menus.whisper_keys,
        "MenuKey(leg.take_key, legs.take, prompt)",
        "MenuKey(leg.pass_key, legs.take, prompt)",
    ),
    (leg_menus.press_key, "event.turn != leg.turn or", "False or"),
    (leg_menus.press_key, "taking.is_taken_by_other(draft.the_incident, leg)", "False"),
    (leg.miss_key, "slips >= WRONG_KEYS", "slips > WRONG_KEYS"),
    (leg.miss_key, "hears, said = Hears.KEYS,", "hears, said = Hears.WHISPER,"),
    (leg.repeat, "turn=leg.turn + 1,", "turn=leg.turn + 1, slips=leg.slips + 1,"),
    (leg.repeat, "leg.repeats >= REPEATS", "False"),
    (leg.hear_caller, "pressed=True", "pressed=False"),
    (leg_menus.press_key, "if event.key in REPEAT_KEYS:", "if False:"),
    (leg_menus.whisper_keys, "or is_speaking(view)", ""),
    (sentences.is_speaking, 'view.line.whisper == "brief"', "False"),
    (leg.miss_key, "rounds >= ROUNDS", "rounds > ROUNDS"),
    (ringing.place_leg, 'but="" if last is None else last.take_key', 'but=""'),
    (ringing.place_leg, 'f"pass {leg_id}", but=take', 'f"take {leg_id}", but=""'),
    (voice_document.find_handler, "key.digit == pressed and", ""),
    (menus.answer_while_waiting, "event.turn != call.turn or", ""),
    (urgency.follow_level, "if level == 1:", "if level in (1, 2):"),
    (voice_document.find_handler, "and key.offered(view)", ""),
    (leg_menus.press_key, "if handler is None:", "if event.key is None:"),
    # silence and proof
    (questions.ask_again, "silences >= most_silences", "silences > most_silences"),
    (questions.ask_again, "silences + slips >= most_misses", "False"),
    (questions.ask_again, "call.silences + (key is None)", "call.silences + 1"),
    (draft.ask, "call.slips if same", "0 if same"),
    (draft.ask, "call.slips if same else 0", "call.slips"),
    (questions.go_round, "rounds > ROUNDS", "False"),
    (questions.repeat, "call.repeats + call.strays >= REPEATS", "False"),
    (questions.repeat, "call.repeats + call.strays", "call.repeats"),
    (questions.repeat, "call.repeats > 0", "True"),
    (questions.repeat, "call.slow or", ""),
    (questions.repeat, "if key == HASH:", "if False:"),
    (questions.repeat, "if remark in ABOUT_LAST_ANSWER:", "if False:"),
    (questions.repeat, "remark or Preamble.REPEAT", "remark"),
    (questions.ask_again, "silences + slips > 1", "False"),
    (questions.CallerMenu.answer, "if key == HUMAN:", "if False:"),
    (questions.CallerMenu.answer, "(HASH, STAR, REPEAT)", "(HASH, STAR)"),
    (questions.CallerMenu.answer, "draft.with_call(pressed=True)", "draft"),
    (questions.CallerMenu.answer, "if not draft.the_call.pressed:", "if False:"),
    (questions.CallerMenu.answer, "if not draft.the_call.pressed:", "if True:"),
    (questions.CallerMenu.say, "if errors > 1:", "if False:"),
    (questions.CallerMenu.say, "or view.call.remark is Preamble.REPEAT", ""),
    (questions.CallerMenu.say, "if self.short is not None:", "if False:"),
    (menus.answer_menu, "(None, HASH)", "(None,)"),
    (menus.answer_while_waiting, 'or event.key in ("", HASH)', ""),
    (menus.answer_while_waiting, '("", HASH)', "(HASH,)"),
    (urgency.offer_help, "or view.call.unrung", ""),
    (urgency.offer_help, "view.call.silences + view.call.slips == 1 or", ""),
    (signature_request.ask_for_human, "if is_before_queue(draft):", "if False:"),
    (reception.ask_number_again, "and not draft.the_call.pressed", ""),
    (reception.ask_number_again, '"keyed no PIN", LATE_KEYS', '"keyed no PIN"'),
    (reception.repeat_number, "if keyed is events.Keyed.RESTART:", "if False:"),
    (reception.repeat_number, "if again is None:", "if False:"),
    (identify.read_keys, "star and len(keyed) == length", "False"),
    (identify.read_keys, "if star and not meant:", "if False:"),
    (identify.read_keys, "if not meant and rest:", "if False:"),
    (identify.read_pin, "restarted and", "False and"),
    (identify.read_pin, "restarted and", ""),
    (identify.read_pin, "len(pin) < length", "True"),
    (urgency.decide_level, "call.entitlement.verified or call.pressed", "True"),
    (questions.CallerMenu.answer, "if again is not None:", "if True:"),
    (urgency.take_back, "if around is None", "if False"),
    (leg.has_given_up, "or leg.rounds + leg.slips >= MISSES", ""),
    (leg.miss_wrap_up_key, "leg.slips + pressed", "leg.slips"),
    (leaving.build_rescue_document, "call.slips >= ASKED", "False"),
    (leg.take_note, "leg.rounds + 1", "leg.rounds"),
    (open_incidents.decide_after_wrong_keys, "slips=MISSES - 1", "slips=0"),
    (urgency.take_name, "event.recording is None", "False"),
    (reception.refuse_pin, "the_call.tries >=", "the_call.tries >"),
    (reception.continue_unidentified, "selected=None", "pressed=True"),
    (menus.answer_menu, "event.turn != call.turn", "False"),
    (reception.take_pin, "event.turn != call.turn or", ""),
    (reception.offer_languages, "start=1", "start=0"),
    (reception.begin, "draft.do(jobs.CheckCall(call.id), jobs.CHECK_CALL_AFTER)", "draft"),
    (identify.find_entitlement, "today > contract.valid_until", "False"),
    (identify.find_entitlement, "today < contract.valid_from", "False"),
    (identify._pause, "min(slips - 1, 3)", "min(slips - 1, 2)"),
    (identify._pause, "if not slips:", "if slips < 2:"),
    (identify.find_first_pause, "_slips(book, subjects, now)", "0"),
    (
        call_service.CallService.contract_keyed,
        "if not (own or call.tries):",
        "if not call.tries:",
    ),
    (call_service.CallService.contract_keyed, "if not (own or call.tries):", "if not own:"),
    (
        call_service.CallService.contract_keyed,
        'f"unknown {call.line} {self.pins.mark(number)}"',
        "None",
    ),
    (reception.watch_wrong_pins, "ReportWrongPins(call.line, tried)", "ReportWrongPins(call.line)"),
    (reception._exceeds, ">= rate.count", "> rate.count"),
    (identify.read_keys, 'keyed.rpartition("*")', '("", "", keyed.replace("*", ""))'),
    (call_service.CallService._compare_pin, "*subjects, ", ""),
    # entitlement and limits
    (draft.why_barred, "is not Entitlement.ENTITLED and", "is Entitlement.UNVERIFIED and"),
    (draft.why_barred, "not standing.verified and", ""),
    (facts.DecisionFacts.unverified_allowed, "by_caller < ", "by_caller <= "),
    (facts.DecisionFacts.unverified_allowed, "by_line < ", "by_line <= "),
    (steps.notify_quietly, "last is not None", "False"),
    # the hunt
    (steps.end_pass, "escalation.pass_ >= policy.repeat", "escalation.pass_ > policy.repeat"),
    (steps.end_pass, "abs(took) < least", "False"),
    (steps.enter_step, "range(number, len(steps) + 1)", "range(number, len(steps))"),
    (steps.enter_step, "if people:", "if True:"),
    (steps.end_pause, "return begin_pass(draft)", "return begin(draft)"),
    (steps.pause, "mark=mark,", "mark=mark - 1,"),
    (steps.begin_pass, "resumes_at=None,", ""),
    (steps.begin, "texted=(),", ""),
    (steps.begin, "if first is None:", "if True:"),
    (steps.end, "draft = ringing.stop(draft, leg)", "pass"),
    (taking.ring_freed, "holder not in escalation.missed", "True"),
    (steps.end_wait, "draft.the_incident.escalation.mark == mark", "False"),
    (flow.step_incident, "mark != draft.the_incident.escalation.mark", "False"),
    (policy.find_people, "return speakers or tuple(found)", "return tuple(found)"),
    (policy.find_people, "return speakers or tuple(found)", "return speakers"),
    # ringing
    (ringing.wait_for, "(*escalation.missed, *names)", "escalation.missed"),
    (ringing.wait_for, "if not escalation.phase.moving:", "if False:"),
    (ringing._find_free_phone, "held_by(person, phone) not in busy", "True"),
    (ringing.ring_next, "phones[candidate.tried : at]", "()"),
    (
        ringing._must_give_way,
        "candidate.engineer in draft.facts.held(draft.the_incident).wanted",
        "False",
    ),
    (ringing._must_give_way, "candidate.asked or", ""),
    (ringing.give_way, ".do(jobs.OfferEngineer(draft.the_incident.line, candidate.engineer))", ""),
    (queue_position._sort_key, 'f"{incident.rank:03}"', '"0"'),
    (callin.find_offers, "waiting.sort(key=queue_position.turn_key)", "pass"),
    (ringing.end_long_waits, "c.until is None or c.wait_left(now)", "True"),
    (ringing.ring_next, "tried=at + 1", "tried=at + 2"),
    (ringing.ring_next, "if m != held_by(person, phone)", ""),
    (ringing.holds_up, "bool(leg.ring_left(now))", "True"),
    (ringing.holds_up, "leg.state in RINGS and not leg.ring_left(now)", "False"),
    (ringing.make_candidate, "Candidate(person, tried)", "Candidate(person)"),
    (ringing._find_next_phones, "if is_spent(draft, candidate):", "if True:"),
    (ringing.stop, "draft.do(jobs.StopRinging(leg.id)).note", "draft.note"),
    (ringing.stop, "draft.do(jobs.RefreshDocument(leg.id))", "draft"),
    (ringing.text, "or person in escalation.texted", ""),
    (ringing.record_pass, "passed=True", "passed=False"),
    (leg.end, "draft.do(jobs.OfferEngineer(draft.the_incident.line, leg.holds))", "draft"),
    (leg.end, "return steps.advance(draft)", "return draft"),
    (leg.stop_ringing, ".do(jobs.StopRinging(leg.id))", ""),
    (leg.stop_ringing, "return draft.do(jobs.EndRing(leg.id), left)", "return draft"),
    (leg.stop_ringing, "return steps.advance(draft)", "return draft"),
    (leg.check, "draft.do(jobs.CheckLeg(leg.id), ringing.SETTLE_AFTER)", "draft"),
    (leg.listen, "and not revived", ""),
    (leg.apply_status, "event.sid != leg.sid", "False"),
    (leg.refuse, "leg.sid is not None", "False"),
    (leg.continue_after_winner, "call.holds and not call.bridged", "False"),
    # taking, joining and leaving
    (taking.is_taken_by_other, "return winner.id != leg.id", "return False"),
    (taking.is_taken_by_other, "return over and", "return False and"),
    (taking.begin_talk, "draft.call.stage is Stage.RETURNING", "False"),
    (taking.retry_connection, "leg.rounds + 1 < CONNECT_TRIES", "leg.rounds < CONNECT_TRIES"),
    (taking.retry_connection, "leg.rounds + 1 < CONNECT_TRIES", "False"),
    (taking.retry_connection, "leg.rounds + 1 < CONNECT_TRIES", "True"),
    (taking.end_talk, "event.turn != leg.turn or", ""),
    (taking.retry_connection, "return uncount_connected(draft)", "return draft"),
    (taking.reopen_for_caller, "is not CallOutcome.CONNECTED", "is not None"),
    (taking.acknowledge, "call is not None and call.holds", "False"),
    (leaving.leave_queue, "event.turn < call.queued", "False"),
    (leaving.stay_on, "if leg.won:", "if False:"),
    (leaving.stay_on, "call.answered_by or LAST_RESORT", "LAST_RESORT"),
    (leaving.continue_without_caller, "steps.end(draft.with_incident(queued_at=None))", "draft"),
    (leaving.find_outcome, "if failed:", "if False:"),
    (leaving.end_call, "if not call.live:", "if False:"),
    (
        leaving.check_call,
        "return draft.do(jobs.CheckCall(call.id), jobs.CHECK_CALL_AFTER)",
        "return draft",
    ),
    (leaving.check_call, "call.stage in QUEUED and", "False and"),
    (waiting.take_late_message, "if draft.the_call.outcome is CallOutcome.ABANDONED:", "if False:"),
    (leaving.take_rescue_key, "event.key == rescue_key(call)", "True"),
    (leaving.find_rescue_number, "(call.rescues - 1)", "call.turn"),
    # promises
    (
        taking.acknowledge,
        "return set_key_deadline(include(draft, engineer, asked=True), engineer)",
        "return draft",
    ),
    (taking.end_key_deadline, "or not theirs", ""),
    (taking.end_key_deadline, "call is None or not call.holds", "call is None"),
    (taking.pass_back, "draft.the_incident.acknowledged_by != leg.engineer", "False"),
    (taking.pass_back, "draft = draft.with_page(leg, said=WrapUpChoice.HANDED_OVER)", ""),
    (taking.resume, "(EscalationPhase.OVER, EscalationPhase.RESTING)", "(EscalationPhase.OVER,)"),
    (taking.resume, "(EscalationPhase.OVER, EscalationPhase.RESTING)", "tuple(EscalationPhase)"),
    # whether anybody acts
    (hold.is_unattended, "leg.put_off or leg.at", "leg.at"),
    (hold.is_unattended, "and not legs", ""),
    (hold.is_unattended, "due.append(max(busy))", "pass"),
    (ringing.delay_leg, "leg.state is not LegState.PLACING or", ""),
    (ringing.delay_leg, "if leg.put_off is None:", "if True:"),
    (ringing.delay_leg, ", rings_until=now + leg.ring_for + GRACE", ""),
    (ringing.wait_for, " and not escalation.phase.moving", ""),
    # what is heard
    (prompts.say_pause, "Pause(seconds))", "Pause(1))"),
    (prompts.say_pause, "seconds > LONGEST_PAUSE", "False"),
    (urgency.keep_level, "ask_once_more and", ""),
    (prompts.ask_digits, "if view.call.pause:", "if False:"),
    (prompts.ask_for_key, "if call.pause:", "if False:"),
    (prompts.needs_help, "+ call.tries", ""),
    (prompts.needs_help, "call.silences +", ""),
    (prompts.ask_pin, "say(asked), then, length)", "say(asked), then)"),
    (hold.LoopWriter.say_minute, "-EARLY <= off <= LATE", "True"),
    (hold.LoopWriter.say_minute, "minute > 60 and", "False and"),
    (hold.LoopWriter.may_repeat, "self.minute - before >= SAME_AFTER", "True"),
    (hold.LoopWriter.say_keys, "self.loop.number % KEYS_EVERY != 1", "False"),
    (hold.LoopWriter.say_changed, "changed and", ""),
    (hold.LoopWriter.say_place, "self.loop.last_of(kind) != name", "True"),
    (hold.LoopWriter.continue_at, "self.loop.number + 1", "self.loop.number"),
    (news.say_progress, "leg.state is LegState.RINGING", "True"),
    (news.say_who_rings, "if not leg.retried", ""),
    (news.say_who_rings, "people.issuperset(escalation.rung)", "True"),
    (news.say_busy, "awaited.issuperset(escalation.rung)", "True"),
    (news.say_busy, "if not awaited:", "if False:"),
    (news.say_who_rings, "or people == others & at_once", ""),
    (hold.LoopWriter.say_changed, "and not news.is_less(name, before)", ""),
    (draft.park, "call.parked_at or now,", "now,"),
    (draft.park, "parked_at = on_hold_since = now", "pass"),
    (taking.end_message, "return draft.do(jobs.EndMessage(call.id, call.turn))", "return draft"),
    (waiting.cut_message, "event.turn != call.turn or", ""),
    (draft.ask, "is not None", "is None"),
    (hold.is_unattended, "incident.winner() is None and", ""),
    (sentences.whisper, 'view.line.whisper == "brief"', "False"),
    (sentences.list_recordings, 'view.line.whisper == "brief"', "False"),
    (sentences.say_caller, "if incident.entitlement.verified:", "if True:"),
    (sentences.find_number_owner, "view.incident.entitlement.verified or", ""),
    (sentences._find_mark, "mark is None or", "True or"),
    (sentences.say_wait, "call.holds", "call.live"),
    (sentences.say_over, "incident.state is not IncidentState.OPEN and", ""),
    (sentences._say_rung, "leg.engineer != view.leg.engineer", "True"),
    (leg_menus.connect, 'view.line.whisper == "brief"', "False"),
    (leg_menus.ask_for_key, "legs.has_given_up(view.leg)", "False"),
]
NOTICED_BY = {
    test_reception: (reception, urgency, identify, call_service),
    test_opening: (opening, facts),
    test_escalation: (steps, steps, taking, policy, ringing, flow),
    test_taking: (leg, leg_menus, ringing, taking, ringing),
    test_waiting: (leaving, waiting, menus, draft, taking, steps),
    test_claim_deadline: (taking, taking),
    test_guessing: (reception,),
    test_wrong_keys: (open_incidents, questions, leg),
    test_keys_everywhere: (questions, menus, reception, urgency, signature_request, identify),
    test_true_words: (draft, prompts),
    test_attended: (hold, ringing),
    test_hold: (hold, news),
    test_simultaneous_timers: (ringing,),
    test_turns: (ringing, queue_position, callin),
    test_voice_documents: (prompts, leg_menus, news),
    test_whispers: (leg, leg_menus, sentences),
}
"""Whose tests are asked first; the others follow."""

FLOORS: dict[str, Callable[[], Floor]] = {
    test_guessing.__name__: test_guessing.a_line_that_is_watched,
    test_taking.__name__: lambda: Floor(escalation=stepping(("primary", "secondary"))),
    test_joined_incidents.__name__: test_joined_incidents.the_bakerys_two,
    test_repeat_calls.__name__: test_repeat_calls.at_the_desk,
    test_turns.__name__: test_turns.only_joris,
    test_correspondence.__name__: test_correspondence.staffed,
    test_merging.__name__: test_merging.promising,
}
"""Tests that stand on a floor of their own."""


def those_of(module: types.ModuleType) -> list[Any]:
    """The tests of a module, but for the slow ones."""
    return [
        test
        for name, test in vars(module).items()
        if name.startswith("test_") and "every_state" not in name and "whatever_is" not in name
    ]


def all_for(function: Any) -> list[Any]:
    """All tests, those first that should notice a mistake in this function."""

    def far(module: types.ModuleType) -> bool:
        return function.__module__ not in [room.__name__ for room in NOTICED_BY[module]]

    return [test for module in sorted(NOTICED_BY, key=far) for test in those_of(module)]


def tries(test: Any) -> list[dict[str, Any]]:
    """Each set of arguments with which a test is run."""
    rows: list[dict[str, Any]] = [{}]
    for mark in getattr(test, "pytestmark", []):
        names = mark.args[0]
        names = [n.strip() for n in names.split(",")] if isinstance(names, str) else names
        each = [value if len(names) > 1 else (value,) for value in mark.args[1]]
        rows = [row | dict(zip(names, v, strict=True)) for row in rows for v in each]
    return rows


def holds(test: Any) -> bool:
    """Run a test with each of its arguments, on a floor of its own."""
    names = inspect.signature(test).parameters
    for row in tries(test):
        given = dict(row)
        if "floor" in names:
            given["floor"] = FLOORS.get(test.__module__, Floor)()
        try:
            for caller in {"call", "first"} & set(names):
                given[caller] = given["floor"].critical()
            test(**given)
        except Exception:
            return False
    return True


def test_without_a_mistake_all_is_well():
    assert [test.__name__ for test in all_for(leg_menus.press_key) if not holds(test)] == []


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    MISTAKES,
    ids=[f"{f.__qualname__}: {right[:40]}" for f, right, _ in MISTAKES],
)
def test_a_mistake_is_noticed(monkeypatch, function, right, wrong):
    monkeypatch.setattr(function, "__code__", mistaken(function, right, wrong))
    assert not all(holds(test) for test in all_for(function))
