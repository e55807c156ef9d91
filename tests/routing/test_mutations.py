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

from routing import desk, facts, flow, place, question
from routing.caller import (
    about,
    guessing,
    identify,
    leaving,
    opening,
    reception,
    rescue,
    script,
    unrung,
    urgency,
    waiting,
    waitingroom,
)
from routing.engineer import callback, callin, closing, dictation, keys, legs, occasion, whisper
from routing.hunting import beside, hunt, pauses, placing, promise, ringing, taking
from routing.schedule import escalation
from tests.mistakes import mistaken
from tests.routing import (
    test_attended,
    test_comeback,
    test_documents,
    test_guessing,
    test_hunt,
    test_joining,
    test_opening,
    test_promises,
    test_reception,
    test_taking,
    test_ties,
    test_true_words,
    test_turns,
    test_waiting,
    test_wrong_keys,
)
from tests.routing.floor import Floor, stepping

pytestmark = pytest.mark.mistakes

MISTAKES = [
    # a key means something else
    (keys.keyed, "event.key == leg.take_key", "event.key == leg.pass_key"),
    (keys.keyed, "event.turn != leg.turn or", "False or"),
    (keys.keyed, "or taking.taken_by_other(draft.the_incident, leg)", ""),
    (keys.missed_key, "if slips > 1 or", "if slips > 0 or"),
    (keys.missed_key, "rounds >= ROUNDS", "rounds > ROUNDS"),
    (placing.place, 'but=last.take_key if last else ""', 'but=""'),
    (placing.place, 'f"pass {leg_id}", but=take', 'f"take {leg_id}", but=""'),
    (waiting.waiting_key, "event.key == MESSAGE_KEY", "event.key == CALLBACK_KEY"),
    (waiting.waiting_key, "event.turn != call.turn or", ""),
    (urgency.choose_urgency, 'key == "1" else', 'key in "12" else'),
    (urgency.confirm, "key == YES_KEY", "key in (YES_KEY, NO_KEY)"),
    (callback.offered_key, "key != CALL_BACK_KEY or", ""),
    # silence and proof
    (question.ask_again, "silences >= SILENCES", "silences > SILENCES"),
    (question.ask_again, "silences + slips >= MISSES", "False"),
    (question.ask_again, "call.silences + (key is None)", "call.silences + 1"),
    (question.ask, "call.slips if same", "0 if same"),
    (question.ask, "call.slips if same else 0", "call.slips"),
    (question.go_round, "rounds > ROUNDS", "False"),
    (urgency.undecided, "call.standing.verified or call.pressed", "True"),
    (urgency.confirm, "again or confirmed", "False or confirmed"),
    (urgency.not_confirmed, "if around is None", "if False"),
    (closing.given_up, "or leg.rounds + leg.slips >= MISSES", ""),
    (closing.missed, "leg.slips + (key is not None)", "leg.slips"),
    (rescue.rescue_document, "call.slips >= ASKED", "False"),
    (dictation.note_spoken, "leg.rounds + 1 if", "leg.rounds if"),
    (about.about_key, "slips=MISSES - 1", "slips=0"),
    (urgency.introduced, "event.recording is None", "False"),
    (reception.wrong, "call.tries + 1 >=", "call.tries >="),
    (reception.unidentified, "selected=None", "pressed=True"),
    (reception.chose, "event.turn != call.turn", "False"),
    (reception.pin_checked, "event.turn != call.turn or", ""),
    (reception.choose_language, "enumerate(languages, start=1)", "enumerate(languages, start=0)"),
    (reception.begin, "draft.do(SettleCall(call.id), SETTLE_CALL_AFTER)", "draft"),
    (identify.standing, "today > contract.until", "False"),
    (identify.standing, "today < contract.since", "False"),
    (identify._pause, "min(slips - 1, 3)", "min(slips - 1, 2)"),
    (identify._pause, "if slips else 0", "if slips > 1 else 0"),
    (identify.earned_pause, "_slips(book, subjects, now)", "0"),
    (desk.Desk.contract_keyed, "0 if own or call.tries else", "0 if call.tries else"),
    (desk.Desk.contract_keyed, "0 if own or call.tries else", "0 if own else"),
    (desk.Desk.contract_keyed, "if contract else unknown", "if contract else None"),
    (guessing.watch, "WrongPins(call.line, tried)", "WrongPins(call.line)"),
    (guessing._reached, ">= rate.count", "> rate.count"),
    (identify.read_keys, 'rsplit("*", 1)[-1]', 'replace("*", "")'),
    (desk.Desk.pin_keyed, "*subjects, ", ""),
    # entitlement and limits
    (opening.barred, "is not Standing.ENTITLED and", "is Standing.UNVERIFIED and"),
    (opening.barred, "not standing.verified and", ""),
    (facts.FactsOfNow.unverified_allowed, "by_caller < ", "by_caller <= "),
    (facts.FactsOfNow.unverified_allowed, "by_line < ", "by_line <= "),
    (unrung.tell_quietly, "last is not None", "False"),
    # the hunt
    (hunt.end_pass, "hunt.pass_ >= escalation.repeat", "hunt.pass_ > escalation.repeat"),
    (hunt.end_pass, "abs(took) < least", "False"),
    (hunt.enter, "range(number, len(steps) + 1)", "range(number, len(steps))"),
    (hunt.enter, "if people:", "if True:"),
    (hunt.go_on, "return next_pass(draft)", "return begin(draft)"),
    (pauses.pause, "mark=mark,", "mark=mark - 1,"),
    (hunt.next_pass, "resumes_at=None,", ""),
    (hunt.begin, "texted=(),", ""),
    (hunt.begin, "if first is None:", "if True:"),
    (hunt.end, "draft = stop(draft, leg)", "pass"),
    (beside.freed, "holder not in hunt.missed", "True"),
    (hunt.wait_is_over, "draft.the_incident.hunt.mark == mark", "False"),
    (flow.about_incident, "mark == draft.the_incident.hunt.mark", "True"),
    (escalation.people_of, "return speakers or tuple(found)", "return tuple(found)"),
    (escalation.people_of, "return speakers or tuple(found)", "return speakers"),
    # ringing
    (ringing.wait_for, "(*hunt.missed, *names)", "hunt.missed"),
    (ringing.wait_for, "if not hunt.doing.moving:", "if False:"),
    (ringing._free_phone, "held_by(person, phone) not in busy", "True"),
    (ringing.ring_next, "phones[candidate.tried : at]", "()"),
    (
        ringing._gives_way,
        "candidate.engineer in draft.facts.wanted(turn_of(draft.the_incident))",
        "False",
    ),
    (ringing._gives_way, "candidate.asked or", ""),
    (ringing.give_way, ".do(Freed(draft.the_incident.line, candidate.engineer))", ""),
    (place._place, "_RANKS.get(incident.standing, 1)", "0"),
    (callin.offers_for, "waiting.sort(key=turn_of)", "pass"),
    (ringing.wait_once, "c.until is None or c.wait_left(now)", "True"),
    (ringing.ring_next, "tried=at + 1", "tried=at + 2"),
    (ringing.ring_next, "if m != held_by(person, phone)", ""),
    (ringing.holds_up, "bool(leg.ring_left(now))", "True"),
    (ringing.holds_up, "leg.state in RINGS and not leg.ring_left(now)", "False"),
    (ringing.candidate_for, "tried if tried <", "0 if tried <"),
    (ringing._leave_off, "if spent(draft, candidate):", "if True:"),
    (ringing.stop, "draft.do(Silence(leg.id)).note", "draft.note"),
    (ringing.stop, "draft.do(Tell(leg.id))", "draft"),
    (ringing.text, "or person in hunt.texted", ""),
    (ringing.passed, "passed=True", "passed=False"),
    (legs.ended, "draft.do(Freed(draft.the_incident.line, leg.holds))", "draft"),
    (legs.ended, "return hunt.advance(draft)", "return draft"),
    (legs.rang_long_enough, ".do(Silence(leg.id))", ""),
    (legs.rang_long_enough, "return draft.do(RingOver(leg.id), left)", "return draft"),
    (legs.rang_long_enough, "return hunt.advance(draft)", "return draft"),
    (legs.checked, "draft.do(SettleLeg(leg.id), SETTLE_AFTER)", "draft"),
    (legs.listens, "and not revived", ""),
    (legs.heard, "event.sid != leg.sid", "False"),
    (legs.refused, "leg.sid is not None", "False"),
    (legs.after_the_winner, "call.holds and not call.bridged", "False"),
    # taking, joining and leaving
    (taking.taken_by_other, "return winner.id != leg.id", "return False"),
    (taking.taken_by_other, "return over and", "return False and"),
    (taking.met, "draft.call.stage is Stage.RETURNING", "False"),
    (taking.not_met, "leg.rounds + 1 < CONNECT_TRIES", "leg.rounds < CONNECT_TRIES"),
    (taking.not_met, "leg.rounds + 1 < CONNECT_TRIES", "False"),
    (taking.not_met, "leg.rounds + 1 < CONNECT_TRIES", "True"),
    (taking.parted, "event.turn != leg.turn or", ""),
    (taking.not_met, "else tally.uncount(draft)", "else draft"),
    (taking.reopen, "is not Outcome.CONNECTED", "is not None"),
    (beside.acknowledged, "call is not None and call.holds", "False"),
    (leaving.left_queue, "event.turn < call.queued", "False"),
    (leaving.stayed_on, "if leg.won:", "if False:"),
    (leaving.stayed_on, "call.answered_by or LAST_RESORT", "LAST_RESORT"),
    (leaving.call_ended, "hunt.end(draft.with_incident(rowed_at=None))", "draft"),
    (leaving.call_ended, "if event.failed and", "if False and"),
    (leaving.call_ended, "if not call.live:", "if False:"),
    (
        leaving.call_checked,
        "return draft.do(SettleCall(call.id), SETTLE_CALL_AFTER)",
        "return draft",
    ),
    (leaving.call_checked, "call.stage in QUEUED and", "False and"),
    (question.park, "call.parked_at or draft.facts.now", "draft.facts.now"),
    (waiting.left_at_last, "abandoned = ", "abandoned = False and "),
    (rescue.rescue_taken, "event.key != rescue_key(call)", "False"),
    (rescue.rescue_number, "(call.rescues - 1)", "call.turn"),
    # promises
    (
        beside.acknowledged,
        "return promised(include(draft, engineer, asked=True), engineer)",
        "return draft",
    ),
    (promise.broken, "or not theirs", ""),
    (promise.broken, "call is None or not call.holds", "call is None"),
    (promise.given_back, "draft.the_incident.acknowledged_by != leg.engineer", "False"),
    (promise.given_back, ".with_page(leg, said=Said.HANDED_OVER)", ""),
    (promise.resume, "(Hunting.OVER, Hunting.RESTING)", "(Hunting.OVER,)"),
    (promise.resume, "(Hunting.OVER, Hunting.RESTING)", "tuple(Hunting)"),
    # whether anybody acts
    (waitingroom.unattended, "leg.put_off or leg.at", "leg.at"),
    (waitingroom.unattended, "and not legs else", "else"),
    (waitingroom.unattended, "[max(busy)] if", "[] if"),
    (placing.put_off, "leg.state is not LegState.PLACING or", ""),
    (placing.put_off, "if leg.put_off is None:", "if True:"),
    (placing.put_off, ", rings_until=now + leg.ring_for + GRACE", ""),
    (ringing.wait_for, " and not hunt.doing.moving", ""),
    # what is heard
    (script.remarks, "Hush(call.pause)", "Hush(1)"),
    (script.ask_digits, "if call.remark in PAUSES:", "if False:"),
    (waitingroom.in_the_room, "waited >= WORTH_SAYING", "False"),
    (waitingroom.news, "any(leg.retried for leg in legs)", "False"),
    (waitingroom.news, "people.issuperset(hunt.sought)", "True"),
    (taking.end_message, "if speaks else draft", "if False else draft"),
    (waiting.message_cut, "event.turn != call.turn or", ""),
    (question.ask, "is not None", "is None"),
    (waitingroom.news, 'if busy else "nobody_yet"', 'if True else "nobody_yet"'),
    (waitingroom.unattended, "incident.winner() is None and", ""),
    (whisper.prompt, 'line.whisper == "brief"', "False"),
    (occasion.who_calls, "not incident.standing.verified", "False"),
    (occasion.who_calls, "(who, say(mark)) if mark else (who,)", "(who,)"),
    (whisper.connect, 'line.whisper == "brief" and', "False and"),
    (whisper.offer, "given_up(leg)", "False"),
]
NOTICED_BY = {
    test_reception: (reception, urgency, identify, desk),
    test_opening: (opening, facts),
    test_hunt: (hunt, pauses, beside, escalation, ringing, flow),
    test_taking: (keys, legs, placing, taking, callback, whisper, ringing),
    test_waiting: (leaving, waiting, rescue, question, taking, hunt),
    test_promises: (promise, beside),
    test_guessing: (guessing,),
    test_wrong_keys: (about, closing, dictation),
    test_true_words: (question, waitingroom),
    test_attended: (waitingroom, placing),
    test_ties: (ringing,),
    test_turns: (ringing, place, callin),
    test_documents: (script, waitingroom, whisper, occasion),
}
"""Whose tests are asked first; the others follow."""

FLOORS: dict[str, Callable[[], Floor]] = {
    test_guessing.__name__: test_guessing.a_line_that_is_watched,
    test_taking.__name__: lambda: Floor(escalation=stepping(("primary", "secondary"))),
    test_joining.__name__: test_joining.the_bakerys_two,
    test_comeback.__name__: test_comeback.at_the_desk,
    test_turns.__name__: test_turns.only_joris,
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
    assert [test.__name__ for test in all_for(keys.keyed) if not holds(test)] == []


@pytest.mark.parametrize(
    ("function", "right", "wrong"),
    MISTAKES,
    ids=[f"{f.__qualname__}: {right[:40]}" for f, right, _ in MISTAKES],
)
def test_a_mistake_is_noticed(monkeypatch, function, right, wrong):
    monkeypatch.setattr(function, "__code__", mistaken(function, right, wrong))
    assert not all(holds(test) for test in all_for(function))
