"""The engineers' door: each line stands for a view of ``ivr_app.leg``."""

from __future__ import annotations

from devtools.simulation.said import Said
from routing import events
from routing.call_service import CallService, UnknownError
from routing.decision import Case
from routing.engineer.menus import build_leg_document
from routing.voice_document import Document, HangUp, Next, say


class LegDoor:
    """Answers an engineer's telephone."""

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

    def _to_leg(self, to: Next, matter: Case, said: Said) -> Document:
        leg = matter.incident.page(to.id) if matter.incident is not None else None
        if leg is None:
            matter = self.desk.leg(to.id)
            leg = matter.incident.page(to.id) if matter.incident is not None else None
        if leg is None:
            raise UnknownError("there is no leg to answer")
        if leg.sid and said.sid not in ("", leg.sid):
            return Document(leg.language, (say("over"), HangUp()))
        return build_leg_document(leg, matter, self.desk.line_of(matter), self.desk.clock())
