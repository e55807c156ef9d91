"""Anything in any order at the desk: levels 2 to 4, while the office opens and closes."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from routing import events
from routing.call import Stage
from routing.incident import EscalationPhase, IncidentKind, IncidentState
from routing.line import Step
from tests.routing.floor import PIETER, STRANGER, Floor
from tests.routing.test_desk_queue import reports
from tests.routing.test_storm import Storm, ago, pick

BRIEFLY = dt.timedelta(seconds=20)
DESKS = (
    {"desk": Step(("joris",), BRIEFLY)},
    {"desk": Step(("sanne", "joris"), BRIEFLY)},
    {"desk": Step(("empty",), BRIEFLY)},
    {"desk": None},
)


class StormAtTheDesk(Storm):
    """As the storm, with a desk whose office opens and closes."""

    def __init__(self) -> None:
        super().__init__()
        self.floor = Floor(desk=Step(("sanne", "joris"), BRIEFLY))
        self.begun: set[str] = set()

    @initialize(hours=st.sampled_from([0, 0, 6, 12]))
    def two_have_called(self, hours: int) -> None:
        self.floor.now += dt.timedelta(hours=hours)
        for shown in (PIETER, "+31612345682"):
            reports(self.floor, 3, shown)

    @precondition(lambda self: len(self.floor.book.rows.calls) < 6)
    @rule(
        shown=st.sampled_from([PIETER, STRANGER, "anonymous", "+31612345680", "+31612345682"]),
        level=st.sampled_from([2, 3, 4]),
    )
    def reports_to_the_desk(self, shown: str, level: int) -> None:
        reports(self.floor, level, shown)

    @precondition(Storm.any_calls)
    @rule(n=pick, back=ago, key=st.sampled_from(["8", "8", "7", "3", "3"]))
    def presses_in_the_row(self, n: int, back: int, key: str) -> None:
        call = self.a_call(n)
        self.floor.desk.happen(events.WaitingKey(call, self.turn(call, back), key))

    @precondition(Storm.any_incidents)
    @rule(n=pick, free=st.sampled_from([("joris",), ("sanne",), ("sanne", "joris"), ("milan",)]))
    def a_turn_comes_late(self, n: int, free: tuple[str, ...]) -> None:
        found = list(self.floor.book.rows.incidents)
        self.floor.desk.happen(events.DeskTurn(found[n % len(found)], free))

    @rule(hours=st.sampled_from([1, 7, 15]), at_work=st.booleans())
    def hours_pass(self, hours: int, at_work: bool) -> None:
        self.floor.now += dt.timedelta(hours=hours)
        if at_work:
            self.floor.work()

    @rule(desk=st.sampled_from(DESKS))
    def the_desk_changes(self, desk: dict[str, object]) -> None:
        self.floor.apply(**desk)

    @invariant()
    def whoever_waits_is_in_the_row_or_sought_or_taken(self) -> None:
        for call in self.floor.book.rows.calls.values():
            if not call.live or call.stage is not Stage.WAITING or call.parked_at is None:
                continue
            incident = self.floor.incident(call.id)
            had = incident.winner() is not None or incident.state is not IncidentState.OPEN
            doing = incident.escalation.phase
            assert doing is EscalationPhase.ROW or doing.seeking or had or call.bridged, doing

    @invariant()
    def the_row_holds_exactly_those_who_wait_for_the_desk(self) -> None:
        known = self.floor.book.rows.incidents.values()
        row = {
            key
            for kind in IncidentKind
            for key in self.floor.book.desk_queue.find_waiting("main", kind)
        }
        assert row == {i.key for i in known if i.escalation.phase is EscalationPhase.ROW}
        for incident in known:
            if incident.escalation.phase in (EscalationPhase.ROW, EscalationPhase.LATER):
                assert self.deeds(
                    "continue_escalation", incident=incident.key, mark=incident.escalation.mark
                )
                assert incident.escalation.phase is EscalationPhase.LATER or incident.urgency > 1

    @invariant()
    def the_desk_is_rung_in_office_hours_only(self) -> None:
        rows, office = self.floor.book.rows, self.floor.desk.facts(self.floor.line).office
        for leg in self.floor.legs():
            if leg.id in self.begun:
                continue
            self.begun.add(leg.id)
            incident = rows.incidents[self.of(leg.id)]
            assert incident.urgency == 1 or office.is_open(leg.at)

    def of(self, leg: str) -> str:
        """The incident that a leg was rung for."""
        matter = self.floor.desk.leg(leg)
        assert matter.incident is not None
        return matter.incident.key


class TestStormAtTheDesk(StormAtTheDesk.TestCase):  # type: ignore[misc,valid-type]
    """The storm as a test."""


TestStormAtTheDesk.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # shrinking 30 steps takes minutes
    suppress_health_check=list(HealthCheck),
)
