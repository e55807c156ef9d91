"""Anything in any order once more, where the parts of the line meet: the row and the rounds,
texts and keys, what people say became of it and the caller who is still there."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from routing import call_service, events
from routing.call import Stage
from routing.caller.hold import is_unattended
from routing.engineer import texting
from routing.engineer.texting import IncomingText, TextSender
from routing.incident import ClockState, EscalationPhase, IncidentState
from routing.line import Step
from routing.message import Via
from routing.page import LegState
from tests.routing.floor import PIETER, PIN, STRANGER, Floor
from tests.routing.test_storm import Storm, ago, pick

BODIES = (
    "{n}", "JA {n}", "{n} klaar", "{n} wacht logbestand", "{n} verder", "{n} dicht", "ok",
    "klaar", "wacht", "verder", "dicht", "{n},{n}", "ok ok", "STOP", "JA 47", "{code}", "ja {code}",
    "", "   ", "\n", "😀", "x" * 1600, "\u202e{n}", "{n}\nklaar", "kan ik niet", "٤٧",
    "99999999999",
)  # fmt: skip
MOVES = (events.Responded, events.Closed, events.CustomerReplied)
SOUGHT = (
    EscalationPhase.STEPS,
    EscalationPhase.LAST_RESORT,
    EscalationPhase.BREATH,
    EscalationPhase.RESTING,
    EscalationPhase.ROW,
)
people = st.sampled_from(["sanne", "joris", "left"])
levels = st.sampled_from(["1", "2", "3", "4"])


class Seams(Storm):
    """The storm, with a desk whose hours end soon, and people who say what became of it."""

    def __init__(self) -> None:
        super().__init__()
        desk = Step(("joris", "secondary"), dt.timedelta(seconds=20))
        two_hours = dict(Floor().line.respond_within)[1]
        self.floor = Floor(desk=desk, respond_within=tuple((n, two_hours) for n in (1, 2)))
        self.floor.now = dt.datetime(2026, 3, 2, 16, 30, tzinfo=dt.UTC)
        self.floor.exchange.heards["CLearly"] = events.Heard.COMPLETED
        self.texts = 0

    def an_incident(self, n: int):
        found = list(self.floor.book.rows.incidents)
        return self.floor.book.rows.incidents[found[n % len(found)]]

    @precondition(lambda self: len(self.floor.book.rows.calls) < 5)
    @rule(shown=st.sampled_from([PIETER, PIETER, STRANGER, "+31612345682"]), level=levels)
    def reports(self, shown: str, level: str) -> None:
        floor = self.floor
        call = floor.dial(shown)
        if floor.call(call).stage is Stage.LANGUAGE:
            floor.press(call, "1")
        if floor.call(call).stage is Stage.CONTRACT:
            floor.contract(call, "0")
        else:
            floor.pin(call, PIN)
        floor.something_new(call)
        floor.press(call, level)
        if level == "1":
            floor.press(call, "1")

    @precondition(Storm.any_calls)
    @rule(n=pick)
    def says_that_it_is_level_1_by_now(self, n: int) -> None:
        call = self.a_call(n)
        self.floor.desk.happen(events.WaitingKey(call, self.turn(call, 0), "3"))
        self.floor.press(call, "1")
        self.floor.press(call, "1")

    @precondition(Storm.any_incidents)
    @rule(n=pick, who=people, kind=st.sampled_from(MOVES), how=st.sampled_from(Via))
    def somebody_says_what_became_of_it(self, n: int, who: str, kind, how: Via) -> None:
        self.floor.desk.happen(kind(self.an_incident(n).key, who, how))

    @precondition(Storm.any_incidents)
    @rule(n=pick, who=people, what=st.sampled_from(["", "logs"]), to=people, kind=st.integers(0, 3))
    def more_is_said_of_it(self, n: int, who: str, what: str, to: str, kind: int) -> None:
        key = self.an_incident(n).key
        memo = f"{key} {n % 5}"
        event = (
            events.WaitsForCustomer(key, who, Via.COMMAND, what, memo),
            events.Noted(key, who, Via.COMMAND, what, memo),
            events.Reassigned(key, to if to != "left" else "joris", who, Via.COMMAND),
            events.PremiumSet(key, n % 2 == 0, who, "because"),
        )[kind]
        self.floor.desk.happen(event)

    @precondition(Storm.any_incidents)
    @rule(n=pick, who=st.sampled_from(["sanne", "joris"]), body=st.sampled_from(BODIES))
    def texts_back(self, n: int, who: str, body: str) -> None:
        floor, incident = self.floor, self.an_incident(n)
        self.texts += 1
        theirs = floor.book.handovers.find_current("main", who, floor.now)
        code = theirs[0].code if theirs else 10
        said = body.format(n=incident.number, code=code)
        engineer = floor.line.engineer(who)
        words = IncomingText(f"SM{self.texts}", said)
        texting.receive(floor.desk, [TextSender(floor.line, engineer)], words)

    @precondition(Storm.any_legs)
    @rule(n=pick, key=st.sampled_from(["1", "2", "3", "4", "5", None]))
    def an_engineer_talks_and_says_what_became_of_it(self, n: int, key: str | None) -> None:
        leg = self.a_leg(n)
        self.floor.desk.happen(events.LegConnected(leg.id))
        leg = self.floor.book.find_by_page(leg.id).incident.page(leg.id)
        self.floor.desk.happen(events.LegParted(leg.id, leg.turn, n % 2 == 0))
        leg = self.floor.book.find_by_page(leg.id).incident.page(leg.id)
        self.floor.desk.happen(events.LegKeyed(leg.id, leg.turn, key, leg.sid))

    @rule(back=ago)
    def handovers_are_planned(self, back: int) -> None:
        since = self.floor.now - dt.timedelta(hours=back)
        call_service.plan_handovers(self.floor.desk, self.floor.line, since)

    @rule(minutes=st.sampled_from([7, 20]))
    def a_long_time_passes(self, minutes: int) -> None:
        self.floor.advance(minutes * 60)

    @rule()
    def a_night_passes_without_workers(self) -> None:
        self.floor.now += dt.timedelta(hours=14)

    @invariant()
    def what_is_over_for_good_rings_nobody(self) -> None:
        for incident in map(self.floor.book.rows.with_pages, self.floor.book.rows.incidents):
            if incident.state is IncidentState.OPEN:
                continue
            call = self.floor.book.rows.calls[incident.call or ""]
            if incident.state in (IncidentState.RESPONDED, IncidentState.CLOSED):
                assert incident.escalation.phase not in SOUGHT
                assert not any(
                    leg.state in (LegState.PLACING, LegState.RINGING) for leg in incident.legs()
                )
                assert not (call.live and call.stage is Stage.WAITING and not incident.winner())
                assert incident.clock.state in (ClockState.NONE, ClockState.STOPPED)

    @invariant()
    def what_is_open_is_sought_or_told_of(self) -> None:
        for incident in map(self.floor.book.rows.with_pages, self.floor.book.rows.incidents):
            if incident.state is not IncidentState.OPEN:
                continue
            assert incident.escalation.phase is not EscalationPhase.OVER
            if incident.escalation.phase is not EscalationPhase.QUIET:
                assert self.pursued(incident)

    @invariant()
    def a_clock_that_runs_strikes(self) -> None:
        for incident in self.floor.book.rows.incidents.values():
            clock = incident.clock
            assert (clock.state is ClockState.PAUSED) <= (incident.waiting_since is not None)
            if clock.state is ClockState.RUNNING:
                assert incident.respond_by is not None
                left = [share for share, _ in clock.strikes if share > clock.announced]
                for following in left[:1]:
                    assert self.deeds(
                        "check_response_time",
                        incident=incident.key,
                        mark=clock.mark,
                        share=following,
                    )

    @invariant()
    def who_waits_hears_something_and_is_looked_after(self) -> None:
        floor = self.floor
        late = any(e.due_at <= floor.now for e in floor.pending().values())
        for call in floor.book.rows.calls.values():
            if call.live and call.stage is Stage.WAITING:
                assert floor.xml(floor.room(call.id))
                if not late:
                    assert not is_unattended(floor.incident(call.id), floor.now)


TestSeams = Seams.TestCase
TestSeams.settings = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
