"""The door of calls that the line has placed: each line stands for a view of ``ivr_app``."""

from __future__ import annotations

from devtools.simulation.phone import Side
from devtools.simulation.said import Said
from routing import events
from routing.call_service import CallService, UnknownError
from routing.caller.call_me_now import build_customer_document
from routing.caller.prompts import build_caller_document
from routing.caller.questions import CallerView
from routing.decision import Case
from routing.engineer.menus import build_leg_document
from routing.engineer.sentences import build_surplus_document
from routing.page import PageResult
from routing.voice_document import Document, HangUp, Next, say


class LegDoor:
    """Answers the telephone of an engineer, and of a customer who asked to be called."""

    desk: CallService

    def _leg(self, to: Next, said: Said) -> Document:
        desk, sid = self.desk, said.sid or None
        match to.name:
            case "leg.listens":
                return self._to_leg(to, desk.happen(events.LegListens(to.id, sid)), said)
            case "leg.connected":
                matter = desk.happen(events.LegConnected(to.id))
                return Document(matter.call.language if matter.call else "nl", (say("joined"),))
            case "leg.parted":
                matter = desk.happen(events.LegParted(to.id, to.turn, said.joined))
            case "leg.rang":
                matter = desk.happen(events.CustomerRung(to.id, to.turn, said.joined))
            case _:
                matter = desk.happen(events.LegKeyed(to.id, to.turn, said.key, sid))
        return self._to_leg(to, matter, said)

    def _customer(self, to: Next, said: Said) -> Document:
        desk, sid = self.desk, said.sid or None
        key, _, number = to.id.partition("/")
        event: events.CustomerListens | events.CustomerKeyed
        event = events.CustomerListens(key, int(number), sid)
        if to.name != "customer.listens":
            event = events.CustomerKeyed(key, int(number), to.turn, said.key, sid)
        matter = desk.happen(event)
        leg = matter.incident.customer_leg if matter.incident is not None else None
        if leg is None or leg.number != event.number or leg.sid != said.sid:
            return Document("nl", (say("goodbye"), HangUp()))
        known = desk.calls.find_by_sid(said.sid)
        if leg.result is not PageResult.ACCEPTED or known is None or known.call is None:
            return build_customer_document(matter, desk.line_of(matter))
        view = CallerView(known.call, known.incident, desk.line_of(known))
        return build_caller_document(view)

    def customer_heard(self, side: Side, heard: events.Heard) -> None:
        """The carrier says where the call of a customer is who asked for it."""
        key, _, number = side.asked_for.partition("/")
        matter = self.desk.calls.find_by_sid(side.sid)
        if matter is None or matter.call is None:
            self.desk.happen(events.CustomerLegHeard(key, int(number), heard, side.sid))
        elif not side.live:
            self.desk.happen(events.CallEnded(matter.call.id))

    def _to_leg(self, to: Next, matter: Case, said: Said) -> Document:
        leg = matter.incident.page(to.id) if matter.incident is not None else None
        if leg is None:
            matter = self.desk.leg(to.id)
            leg = matter.incident.page(to.id) if matter.incident is not None else None
        if leg is None:
            raise UnknownError("there is no leg to answer")
        if leg.sid and said.sid not in ("", leg.sid):
            line = self.desk.line_of(matter)
            return build_surplus_document(leg, matter, line, self.desk.clock())
        return build_leg_document(leg, matter, self.desk.line_of(matter), self.desk.clock())
