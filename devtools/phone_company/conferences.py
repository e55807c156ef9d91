"""Conference rooms and who is in them."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from devtools.phone_company.calls import Call, StatusCallback, new_sid
from devtools.phone_company.post.webhook import Webhook

if TYPE_CHECKING:
    from devtools.phone_company.company import Company


@dataclass(eq=False, kw_only=True)
class Participant:
    """A leg in a conference."""

    call: Call
    joined: datetime
    label: str = ""
    muted: bool = False
    hold: bool = False
    coaching: bool = False
    starts: bool = True
    ends: bool = False
    out: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False, kw_only=True)
class Conference:
    """One conference, from the first who joins to the last who leaves."""

    name: str
    created: datetime
    sid: str = field(default_factory=lambda: new_sid("CF"))
    status: str = "init"
    callback: StatusCallback = field(default_factory=StatusCallback)
    people: dict[str, Participant] = field(default_factory=dict)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    sequence: int = 0
    ended_why: str | None = None
    ended_by: str | None = None


class ConferenceRooms:
    """The account's conferences, oldest first."""

    def __init__(self, company: "Company") -> None:
        """Start with none."""
        self._company = company
        self.all: dict[str, Conference] = {}

    def live(self, name: str) -> Conference | None:
        """Return the conference of that name or identifier that is not over."""
        rooms = (room for room in self.all.values() if name in (room.name, room.sid))
        return next((room for room in rooms if room.status != "completed"), None)

    def join(self, name: str, person: Participant, callback: StatusCallback) -> Conference:
        """Enter a conference; whoever is first decides who is told about it."""
        room = self.live(name)
        if room is None:
            room = Conference(name=name, created=self._company.clock.now(), callback=callback)
            self.all[room.sid] = room
        room.people[person.call.sid] = person
        self.tell(room, "participant-join", person)
        ready = len(room.people) > 1 and any(one.starts for one in room.people.values())
        if ready and not room.started.is_set():
            room.status = "in-progress"
            room.started.set()
            self.tell(room, "conference-start")
        return room

    def leave(self, room: Conference, person: Participant, why: str) -> None:
        """Take somebody out; the last one, or one who ends the conference, ends it."""
        if room.people.pop(person.call.sid, None) is None:
            return
        kicked = person.out.is_set()
        person.out.set()
        self.tell(room, "participant-leave", person, {"ReasonParticipantLeft": why})
        how = "kicked" if kicked else "left"
        if person.ends:
            self.end(room, f"participant-with-end-conference-on-exit-{how}", person.call.sid)
        elif not room.people:
            self.end(room, f"last-participant-{how}", person.call.sid)

    def end(self, room: Conference, why: str, by: str | None = None) -> None:
        """End a conference for everybody."""
        if room.status == "completed":
            return
        room.status, room.ended_why, room.ended_by = "completed", why, by
        for person in tuple(room.people.values()):
            person.ends = False
            person.out.set()
        reason = {"ReasonConferenceEnded": why, "Reason": why}
        self.tell(
            room, "conference-end", extra=reason | ({"CallSidEndingConference": by} if by else {})
        )

    def tell(
        self,
        room: Conference,
        event: str,
        person: Participant | None = None,
        extra: dict[str, str] | None = None,
    ) -> None:
        """Tell whoever asked to hear of this event."""
        self._company.feed.publish(event, call=person.call.sid if person else "", room=room.name)
        word = event.partition("-")[2].removeprefix("un")
        if not room.callback.url or word not in room.callback.events:
            return
        room.sequence += 1
        params = {
            "StatusCallbackEvent": event,
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "AccountSid": self._company.account.sid,
            "SequenceNumber": str(room.sequence),
            "Timestamp": format_datetime(self._company.clock.now()),
            **(_about(person) if person else {}),
            **(extra or {}),
        }
        self._company.post.tell(
            Webhook(room.callback.url, params, room.callback.method, "status", call=room.sid)
        )


def _about(person: Participant) -> dict[str, str]:
    facts = {
        "Muted": person.muted,
        "Hold": person.hold,
        "Coaching": person.coaching,
        "StartConferenceOnEnter": person.starts,
        "EndConferenceOnExit": person.ends,
    }
    about = {name: str(fact).lower() for name, fact in facts.items()}
    label = {"ParticipantLabel": person.label} if person.label else {}
    return {"CallSid": person.call.sid, **about, **label}
