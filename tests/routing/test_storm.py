"""Anything in any order, late, twice or never: what must hold for the line whatever happens."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from routing import events
from routing.call import Call, CallOutcome, Stage
from routing.caller.hold import build_hold_document
from routing.caller.leaving import build_rescue_document, make_rescue_key
from routing.caller.prompts import build_caller_document
from routing.caller.questions import CallerView
from routing.engineer.menus import build_leg_document
from routing.escalation.desk_queue import estimate_wait
from routing.incident import EscalationPhase, Incident, IncidentState
from routing.line import LAST_RESORT, Channel
from routing.page import PageResult
from routing.voice_document import Document
from tests.routing.floor import (
    ENGINEERS,
    LINE,
    NUMBER,
    PIETER,
    PIN,
    STRANGER,
    WRONG_PIN,
    Floor,
    stepping,
)
from tests.true_sentences import Moment, find_untrue, say_texts

WRONG_CONTRACT = "777001777001"
KEYED = (PIN, WRONG_PIN, WRONG_CONTRACT)
FILES = (
    {"escalation": stepping(("primary",), ("joris",), repeat=2), "engineers": ENGINEERS},
    {"escalation": stepping(("primary", "secondary"), seconds=1)},
    {"escalation": stepping(("empty",))},
    {"escalation": stepping(("joris",), seconds=5, repeat=3)},
    {"engineers": ENGINEERS[1:]},
    {"engineers": (replace(ENGINEERS[0], languages=("en",)), ENGINEERS[1])},
    {"last_resort": ("+31201111111", "+31202222222")},
    {"whisper": "brief"},
)
CORRECTIONS = {
    (CallOutcome.CONNECTED, CallOutcome.ABANDONED),  # nobody was joined after all
    (CallOutcome.CONNECTED, CallOutcome.MESSAGE),
    (CallOutcome.CONNECTED, CallOutcome.CALLBACK),
    (CallOutcome.ABANDONED, CallOutcome.CONNECTED),  # the conversation was told of last
    (CallOutcome.ABANDONED, CallOutcome.MESSAGE),  # so was the message that ended by hanging up
    (CallOutcome.MESSAGE, CallOutcome.CONNECTED),
    (CallOutcome.CALLBACK, CallOutcome.CONNECTED),
    (CallOutcome.FAILED, CallOutcome.CONNECTED),
}
pick = st.integers(0, 10**6)
ago = st.sampled_from([0, 0, 0, 0, 1, 2, 5])
keys = st.sampled_from(["1", "1", "2", "3", "7", "9", "0", "#", "*", None])


class Storm(RuleBasedStateMachine):
    """Callers, engineers, the carrier and the workers, none of whom keeps to an order."""

    def __init__(self) -> None:
        super().__init__()
        self.floor = Floor()
        self.outcomes: dict[str, CallOutcome] = {}
        self.rendered: set[tuple[object, ...]] = set()
        self.searched: set[tuple[str, int]] = set()
        self.looked = 0

    # What there is to choose from

    def a_call(self, n: int) -> str:
        calls = list(self.floor.book.rows.calls)
        return calls[n % len(calls)]

    def a_leg(self, n: int):
        legs = self.floor.legs()
        live = [leg for leg in legs if leg.live]
        return (live or legs)[n % len(live or legs)] if n % 4 else legs[n % len(legs)]

    def any_calls(self) -> bool:
        return bool(self.floor.book.rows.calls)

    def any_legs(self) -> bool:
        return bool(self.floor.legs())

    def any_incidents(self) -> bool:
        return bool(self.floor.book.rows.incidents)

    def turn(self, call: str, back: int) -> int:
        return self.floor.call(call).turn - back

    # The callers

    @precondition(lambda self: len(self.floor.book.rows.calls) < 4)
    @rule(shown=st.sampled_from([PIETER, PIETER, STRANGER, "anonymous", "+31612345680"]))
    def dials(self, shown: str) -> None:
        self.floor.dial(shown)

    @precondition(lambda self: len(self.floor.book.rows.calls) < 4)
    @rule(shown=st.sampled_from([PIETER, STRANGER, "anonymous", "+31612345680"]))
    def calls_at_level_1(self, shown: str) -> None:
        self.floor.critical(shown)

    @precondition(lambda self: 0 < len(self.floor.book.rows.calls) < 6)
    @rule(shown=st.sampled_from([PIETER, PIETER, "+31612345680"]), key=keys)
    def calls_again(self, shown: str, key: str | None) -> None:
        call = self.floor.dial(shown)
        self.floor.pin(call, PIN)
        self.floor.press(call, key)

    @precondition(any_calls)
    @rule(n=pick)
    def dials_twice(self, n: int) -> None:
        call = self.floor.call(self.a_call(n))
        assert self.floor.desk.answer(call.sid, NUMBER, "+31600000000").case.call == call

    @precondition(any_calls)
    @rule(n=pick, back=ago, key=keys)
    def presses(self, n: int, back: int, key: str | None) -> None:
        call = self.a_call(n)
        self.floor.press(call, key, self.turn(call, back))

    @precondition(any_calls)
    @rule(n=pick, back=ago, digits=st.sampled_from(["100234", WRONG_CONTRACT, "0", None, "9*"]))
    def keys_a_contract(self, n: int, back: int, digits: str | None) -> None:
        call = self.a_call(n)
        self.floor.desk.contract_keyed(call, self.turn(call, back), digits)

    @precondition(any_calls)
    @rule(n=pick, back=ago, digits=st.sampled_from([PIN, PIN, WRONG_PIN, "0", None]))
    def keys_a_pin(self, n: int, back: int, digits: str | None) -> None:
        call = self.a_call(n)
        self.floor.desk.pin_keyed(call, self.turn(call, back), digits)

    @precondition(any_calls)
    @rule(n=pick, back=ago, spoken=st.booleans(), name=st.booleans())
    def speaks(self, n: int, back: int, spoken: bool, name: bool) -> None:
        call = self.a_call(n)
        turn = self.turn(call, back)
        kind = events.Introduced if name else events.MessageLeft
        recording = f"http://spoken/{kind.__name__}-{call}-{turn}" if spoken else None
        self.floor.desk.happen(kind(call, turn, recording))

    @precondition(any_calls)
    @rule(n=pick, back=ago, key=st.sampled_from(["7", "8", "1", "#", "*"]))
    def presses_while_waiting(self, n: int, back: int, key: str) -> None:
        call = self.a_call(n)
        self.floor.desk.happen(events.WaitingKey(call, self.turn(call, back), key))

    @precondition(any_calls)
    @rule(n=pick, back=ago, how=st.sampled_from(events.Left), told=st.booleans())
    def leaves_the_queue(self, n: int, back: int, how: events.Left, told: bool) -> None:
        call = self.a_call(n)
        turn = self.floor.call(call).queued - back if told else None
        self.floor.desk.happen(events.LeftQueue(call, how, turn))

    @precondition(any_calls)
    @rule(n=pick, back=ago)
    def stays_on(self, n: int, back: int) -> None:
        call = self.a_call(n)
        self.floor.desk.happen(events.StayedOn(call, self.turn(call, back)))

    @precondition(any_calls)
    @rule(n=pick, failed=st.booleans())
    def hangs_up(self, n: int, failed: bool) -> None:
        call = self.a_call(n)
        self.floor.exchange.heards[self.floor.call(call).sid] = events.Heard.COMPLETED
        self.floor.desk.happen(events.CallEnded(call, failed))

    @precondition(any_calls)
    @rule(n=pick)
    def hears_the_waiting_room(self, n: int) -> None:
        call = self.a_call(n)
        if self.floor.call(call).incident is not None:
            self.floor.room(call)

    @precondition(any_calls)
    @rule(n=pick, right=st.booleans(), back=ago, over=st.booleans())
    def is_rescued(self, n: int, right: bool, back: int, over: bool) -> None:
        call = self.a_call(n)
        key = make_rescue_key(self.floor.call(call)) if right else "0"
        turn = self.turn(call, back)
        self.floor.desk.happen(
            events.RescueOver(call, turn) if over else events.RescueTaken(call, key)
        )

    # The engineers and the carrier

    @precondition(any_legs)
    @rule(n=pick, back=ago, key=st.sampled_from(["take", "take", "pass", "1", "0", None]))
    def a_leg_keys(self, n: int, back: int, key: str | None) -> None:
        leg = self.a_leg(n)
        key = {"take": leg.take_key, "pass": leg.pass_key}.get(key or "", key)
        self.floor.desk.happen(events.LegKeyed(leg.id, leg.turn - back, key, leg.sid))

    @precondition(any_legs)
    @rule(n=pick)
    def a_leg_answers_and_takes(self, n: int) -> None:
        leg = self.a_leg(n)
        self.floor.desk.happen(events.LegListens(leg.id, leg.sid))
        self.floor.desk.happen(events.LegKeyed(leg.id, 1, leg.take_key, leg.sid))

    @precondition(any_legs)
    @rule(n=pick, back=ago, bridged=st.booleans(), what=st.integers(0, 7))
    def a_leg_is_told_of(self, n: int, back: int, bridged: bool, what: int) -> None:
        leg = self.a_leg(n)
        turn = leg.turn - back
        event = (
            events.LegPlaced(leg.id, leg.sid or "CLearly"),
            events.LegRefused(leg.id, "21211"),
            events.LegListens(leg.id, leg.sid),
            events.LegConnected(leg.id),
            events.LegConnected(leg.id),
            events.LegParted(leg.id, turn, bridged),
            events.CustomerRung(leg.id, turn, bridged),
            events.RangLongEnough(leg.id),
        )[what]
        self.floor.desk.happen(event)

    @precondition(any_legs)
    @rule(n=pick, heard=st.sampled_from(events.Heard), asked=st.booleans())
    def the_carrier_says(self, n: int, heard: events.Heard, asked: bool) -> None:
        leg = self.a_leg(n)
        kind = events.LegChecked if asked else events.LegHeard
        if leg.sid is not None:
            self.floor.exchange.heards[leg.sid] = heard
        self.floor.desk.happen(kind(leg.id, heard))

    @precondition(any_incidents)
    @rule(n=pick, who=st.sampled_from(["sanne", "joris", "milan"]), texts=st.booleans())
    def somebody_texts_or_is_free(self, n: int, who: str, texts: bool) -> None:
        found = list(self.floor.book.rows.incidents)
        kind = events.AcknowledgedWithoutKey if texts else events.EngineerFree
        self.floor.desk.happen(kind(found[n % len(found)], who))

    @precondition(any_incidents)
    @rule(
        n=pick, result=st.sampled_from([PageResult.SENT, PageResult.DELIVERED, PageResult.FAILED])
    )
    def a_text_is_told_of(self, n: int, result: PageResult) -> None:
        pages = [p for _, p in self.floor.book.rows.pages.values() if p.channel == "sms"]
        if pages:
            self.floor.desk.happen(events.PageSent(pages[n % len(pages)].id, result))

    # The workers, the clock, the duty manager, and the past

    @rule(seconds=st.sampled_from([1, 5, 12, 31, 70, 400]))
    def time_passes(self, seconds: int) -> None:
        self.floor.advance(seconds)

    @rule(seconds=st.sampled_from([1, 20, 100]))
    def time_passes_without_workers(self, seconds: int) -> None:
        self.floor.now += dt.timedelta(seconds=seconds)

    @rule(n=pick, attempt=st.integers(1, 2))
    def an_overdue_errand_is_done(self, n: int, attempt: int) -> None:
        due = [k for k, e in self.floor.pending().items() if e.due_at <= self.floor.now]
        if due:
            self.floor.do(due[n % len(due)], attempt)

    @precondition(lambda self: self.floor.done)
    @rule(n=pick)
    def an_errand_is_done_twice(self, n: int) -> None:
        done = sorted(self.floor.done)
        self.floor.do(done[n % len(done)], attempt=2)

    @rule(file=st.sampled_from(FILES))
    def the_file_changes(self, file: dict[str, object]) -> None:
        self.floor.apply(**file)

    @precondition(lambda self: self.floor.desk.seen)
    @rule(n=pick)
    def something_is_told_again(self, n: int) -> None:
        seen = self.floor.desk.seen
        event = seen[n % len(seen)]
        if not isinstance(
            event, events.CallChecked | events.LegChecked
        ):  # nobody repeats an answer
            self.floor.desk.happen(event)

    # What must hold

    def deeds(self, kind: str, **named: object) -> bool:
        deeds = [errand.command for errand in self.floor.pending().values()]
        return any(
            deed.kind == kind and all(getattr(deed, k) == v for k, v in named.items())
            for deed in deeds
        )

    def pursued(self, incident: Incident) -> bool:
        """Something is still to come that moves the hunt on."""
        mark = incident.escalation.mark
        timer = self.deeds("continue_escalation", incident=incident.key, mark=mark)
        return timer or any(self.deeds("check_leg", leg=leg.id) for leg in incident.legs())

    @invariant()
    def one_has_it_and_nobody_has_two_telephones(self) -> None:
        live: list[str] = []
        for key in self.floor.book.rows.incidents:
            legs = self.floor.book.rows.with_pages(key).legs()
            assert sum(leg.won for leg in legs) <= 1
            live += [leg.engineer for leg in legs if leg.engineer != LAST_RESORT]
        assert len(live) == len(set(live))

    @invariant()
    def nobody_waits_in_vain(self) -> None:
        for call in self.floor.book.rows.calls.values():
            if not call.live:
                continue
            assert self.deeds("check_call", call=call.id)
            if call.stage not in (Stage.WAITING, Stage.MESSAGE) or call.parked_at is None:
                continue
            incident = self.floor.incident(call.id)
            if call.stage is Stage.MESSAGE and self.says_goodbye(call, incident):
                continue
            alone = incident.escalation.phase is EscalationPhase.OVER and incident.winner() is None
            assert self.pursued(incident) or (alone and call.bridged)

    def says_goodbye(self, call: Call, incident: Incident) -> bool:
        """The message is the last thing asked of this caller: they wait for nobody any more."""
        hunt = incident.escalation.phase
        sought = hunt is EscalationPhase.ROW or hunt.seeking or incident.winner() is not None
        return call.told_later or (incident.urgency > 1 and not sought)

    @invariant()
    def an_open_matter_is_never_left_lying(self) -> None:
        for incident in self.floor.book.find_open("main"):
            if (
                incident.state is IncidentState.OPEN
                and incident.escalation.phase is not EscalationPhase.QUIET
            ):
                assert self.pursued(incident)
            call = self.floor.book.rows.calls[incident.call or ""]
            if incident.state is IncidentState.ACKNOWLEDGED and not call.live:
                assert incident.escalation.phase is EscalationPhase.OVER

    @invariant()
    def a_matter_has_one_caller_who_waits_and_knows_all_its_calls(self) -> None:
        for call in self.floor.book.rows.calls.values():
            if call.incident is None:
                continue
            incident = self.floor.book.rows.incidents[call.incident]
            assert incident.calls.count(call.sid) == 1
            if call.live and (call.parked_at is not None or call.bridged):
                assert incident.call == call.id

    @invariant()
    def what_is_over_stays_over(self) -> None:
        for call in self.floor.book.rows.calls.values():
            if call.id in self.outcomes:
                before, now = self.outcomes[call.id], call.outcome
                assert not call.live
                assert before is now or (before, now) in CORRECTIONS
            if call.outcome is not None:
                self.outcomes[call.id] = call.outcome

    @invariant()
    def whatever_the_state_there_is_something_to_hear_in_both_languages(self) -> None:
        floor = self.floor
        for call in floor.book.rows.calls.values():
            incident = floor.incident(call.id) if call.incident else None
            state = (call.id, call.version, incident.version if incident else 0, id(floor.line))
            if state in self.rendered:
                continue
            self.rendered.add(state)
            for language in LINE.languages:
                view = CallerView(replace(call, language=language), incident, floor.line)
                self.same_twice(lambda v=view: build_caller_document(v))
                if incident is not None:
                    self.same_twice(lambda v=view: self.hold(v))
                    for leg in floor.book.rows.pages_of.get(incident.key, {}).values():
                        if leg.channel is Channel.CALL:
                            self.hears(replace(leg, language=language))
            self.same_twice(lambda c=call: build_rescue_document(floor.desk.call(c.id), floor.line))

    def hold(self, view: CallerView) -> Document:
        """The first loop of a caller who waits: whatever has happened, each sentence is true."""
        place = estimate_wait(self.floor.desk.facts(self.floor.line), view.incident)
        document = build_hold_document(view, self.floor.now, place)
        moment = Moment(view.call, view.incident, self.floor.now, document.language, place)
        assert list(find_untrue(say_texts(document), moment)) == []
        return document

    def hears(self, leg) -> None:
        floor = self.floor
        matter = floor.desk.leg(leg.id)
        self.same_twice(lambda: build_leg_document(leg, matter, floor.line, floor.now))

    def same_twice(self, document) -> None:
        first = document()
        assert first == document()
        assert first.acts
        self.floor.xml(first)

    @invariant()
    def whatever_was_said_has_its_incident_and_is_fetched(self) -> None:
        rows = self.floor.book.rows
        for recording in rows.recordings.values():
            assert recording.incident in rows.incidents
            assert recording.sound or self.deeds("fetch_recording", recording=recording.id)
        named = {i.message for i in rows.incidents.values()}
        named |= {i.introduction for i in rows.incidents.values()}
        assert named - {None} <= set(rows.recordings)

    @invariant()
    def nothing_keyed_is_kept(self) -> None:
        rows, seen = self.floor.book.rows, self.floor.desk.seen[self.looked :]
        self.looked = len(self.floor.desk.seen)
        values = {(c.id, c.version): c for c in rows.calls.values()}
        values |= {(i.key, i.version): i for i in rows.incidents.values()}
        fresh = [value for key, value in values.items() if key not in self.searched]
        self.searched |= values.keys()
        written = repr((fresh, rows.journal[-20:], seen))
        assert not any(digits in written for digits in KEYED)


TestStorm = Storm.TestCase
TestStorm.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
