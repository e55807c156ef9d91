"""The front door without HTTP: what is asked becomes an event, and the reply a document.

Each line here stands for a view of ``ivr_app``; the stories try those.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from devtools.simulation.legdoor import LegDoor
from devtools.simulation.lobby import Lobby
from devtools.simulation.said import Said
from routing import events
from routing.call_service import CallService, UnknownError
from routing.caller.hold import build_hold_document, is_unattended, read_loop
from routing.caller.leaving import build_rescue_document
from routing.caller.prompts import build_caller_document
from routing.caller.questions import CallerView
from routing.decision import Case, LostRaceError
from routing.escalation.desk_queue import estimate_wait
from routing.voice_document import Document, Next


class Door(LegDoor):
    """Answers the carrier; whatever fails on our side is answered with a sentence and a human."""

    def __init__(self, desk: CallService, number: str, lobby: Lobby) -> None:
        """The line of this number."""
        self.desk, self.number, self.lobby = desk, number, lobby
        self.said: set[str] = set()
        self.rooms: dict[str, Callable[[Next, Said], Document]] = {
            "call": self._call,
            "leg": self._leg,
            "customer": self._customer,
            "fallback": self._fallback,
        }

    def answer(self, to: Next, said: Said) -> Document:
        """The document for this question."""
        room, _ = to.name.split(".")
        try:
            return self.rooms[room](to, said)
        except (SQLAlchemyError, UnknownError, LostRaceError):
            return self.lobby.spoken_failure(to)

    def ended(self, sid: str) -> None:
        """The carrier says that an inbound call is over."""
        matter = self.desk.calls.find_by_sid(sid)
        if matter is not None and matter.call is not None:
            self.desk.happen(events.CallEnded(matter.call.id))

    def _call(self, to: Next, said: Said) -> Document:
        desk, event = self.desk, self._event(to, said)
        match to.name:
            case "call.incoming":
                return self._to_caller(desk.answer(said.sid, self.number, said.number).case)
            case "call.contract":
                return self._to_caller(desk.contract_keyed(to.id, to.turn, said.key).case)
            case "call.pin":
                return self._to_caller(desk.pin_keyed(to.id, to.turn, said.key).case)
            case "call.wait" | "call.wait_again":
                return self._wait(to)
            case "call.wait_key":
                return self._wait_key(to, said)
            case "call.rescue":
                return self._rescue(desk.call(to.id), answered_key=False)
            case "call.rescue_key":
                return self._rescue(desk.happen(events.RescueTaken(to.id, said.key or "")), True)
        if event is None:
            return self.lobby.human(0)
        matter = desk.happen(event)
        if said.recording is not None:
            self.said.add(said.recording)
        return self._to_caller(matter)

    @staticmethod
    def _event(to: Next, said: Said) -> events.Event | None:
        match to.name:
            case "call.key":
                return events.Chose(to.id, to.turn, said.key)
            case "call.introduced":
                return events.Introduced(to.id, to.turn, said.recording)
            case "call.cut":
                return events.MessageCut(to.id, to.turn)
            case "call.matter":
                return events.MatterSaid(to.id, to.turn, said.recording)
            case "call.message":
                return events.MessageLeft(to.id, to.turn, said.recording)
            case "call.left":
                return events.LeftQueue(
                    to.id, events.Left.HUNG_UP if said.gone else said.left, to.turn
                )
            case "call.stayed":
                return events.StayedOn(to.id, to.turn)
            case "call.rescued" if said.gone:
                return events.CallEnded(to.id)
            case "call.rescued":
                return events.RescueOver(to.id, to.turn)
        return None

    def _fallback(self, to: Next, said: Said) -> Document:
        match to.name:
            case "fallback.next" if said.joined:
                return self.lobby.farewell()
            case "fallback.next":
                return self._back_to_the_line(said) or self.lobby.human(to.turn)
            case "fallback.whisper":
                return self.lobby.whisper()
            case "fallback.key":
                return self.lobby.keyed(said.key)
            case "fallback.leg":
                return self.lobby.leg_failed()
            case "fallback.customer":
                return self.lobby.customer_failed()
        return self.lobby.human(0)

    def _back_to_the_line(self, said: Said) -> Document | None:
        try:
            matter = self.desk.calls.find_by_sid(said.sid)
            known = matter is not None and matter.call is not None and matter.call.live
            return self._to_caller(matter) if known and matter is not None else None
        except SQLAlchemyError:
            return None

    def _to_caller(self, matter: Case) -> Document:
        if matter.call is None:
            raise UnknownError("there is no call to answer")
        return build_caller_document(
            CallerView(matter.call, matter.incident, self.desk.line_of(matter))
        )

    def _wait(self, to: Next) -> Document:
        matter = self.desk.call(to.id)
        if matter.incident is not None and is_unattended(matter.incident, self.desk.clock()):
            matter = self.desk.happen(events.Unattended(to.id))
        return self._room(matter, to)

    def _wait_key(self, to: Next, said: Said) -> Document:
        matter = self.desk.happen(events.WaitingKey(to.id, to.turn, said.key or ""))
        changed = matter.call is not None and matter.call.turn != to.turn
        return self._room(matter, to, answered_key=changed)

    def _room(self, matter: Case, to: Next, answered_key: bool = False) -> Document:
        if matter.call is None or matter.incident is None:
            return self._to_caller(matter)
        line = self.desk.line_of(matter)
        facts = self.desk.facts(line)
        place = estimate_wait(facts, matter.incident)
        view = CallerView(matter.call, matter.incident, line)
        loop = read_loop(dict(to.query))
        return build_hold_document(view, facts.now, place, loop, answered_key=answered_key)

    def _rescue(self, matter: Case, answered_key: bool) -> Document:
        return build_rescue_document(matter, self.desk.line_of(matter), answered_key=answered_key)
