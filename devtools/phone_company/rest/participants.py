"""Participants: who is in a conference."""

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, tostring

from aiohttp import web

from devtools.phone_company.calls import Call, Jump
from devtools.phone_company.conferences import Conference, Participant
from devtools.phone_company.rest.conferences import find_room
from devtools.phone_company.rest.errors import not_found
from devtools.phone_company.rest.form import Form, callee, caller_id, flag, form_of, status_callback
from devtools.phone_company.rest.listing import page_of, stamp, whole

if TYPE_CHECKING:
    from devtools.phone_company.company import Company

_NOUN = {  # form field -> attribute of the noun that the new leg is given
    "Label": "participantLabel",
    "Muted": "muted",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
    "WaitUrl": "waitUrl",
    "ConferenceStatusCallback": "statusCallback",
    "ConferenceStatusCallbackEvent": "statusCallbackEvent",
}


class ParticipantsResource:
    """`/Conferences/{Sid}/Participants.json` and one of them."""

    def __init__(self, company: "Company") -> None:
        """Serve the conferences of this company."""
        self._company = company

    def routes(self, root: str) -> list[web.RouteDef]:
        """Return the routes below the account."""
        people = f"{root}/Conferences/{{sid}}/Participants"
        return [
            web.get(f"{people}.json", self.people),
            web.post(f"{people}.json", self.invite),
            web.get(f"{people}/{{call}}.json", self.person),
            web.post(f"{people}/{{call}}.json", self.change),
            web.delete(f"{people}/{{call}}.json", self.kick),
        ]

    async def people(self, request: web.Request) -> web.Response:
        """List who is in a conference."""
        room = self._find(request)
        return page_of(
            request,
            "participants",
            room.people.values(),
            lambda person: self._show_person(room.sid, person),
        )

    async def person(self, request: web.Request) -> web.Response:
        """Show a participant."""
        room = self._find(request)
        return web.json_response(self._show_person(room.sid, self._find_person(request, room)))

    async def change(self, request: web.Request) -> web.Response:
        """Mute, hold, or let leaving end the conference."""
        room, form = self._find(request), await form_of(request)
        person = self._find_person(request, room)
        person.ends = flag(form, "EndConferenceOnExit", default=person.ends)
        for name in ("muted", "hold"):
            wish = flag(form, name.capitalize(), default=getattr(person, name))
            if wish != getattr(person, name):
                setattr(person, name, wish)
                verb = {"muted": "mute", "hold": "hold"}[name]
                event = f"participant-{verb if wish else 'un' + verb}"
                self._company.conferences.tell(room, event, person)
        return web.json_response(self._show_person(room.sid, person))

    async def kick(self, request: web.Request) -> web.Response:
        """Put somebody out."""
        room = self._find(request)
        self._find_person(request, room).out.set()
        return web.Response(status=204)

    async def invite(self, request: web.Request) -> web.Response:
        """Call a phone into a conference, named by identifier or by any new name."""
        form, name = await form_of(request), request.match_info["sid"]
        room = self._company.conferences.live(name)
        if room is None and name.startswith("CF"):
            raise not_found(request.path)
        call = Call(
            from_=caller_id(form, self._company.numbers),
            to=callee(form),
            direction="outbound-api",
            created=self._company.clock.now(),
            callback=status_callback(form),
            first_page=Jump(twiml=_page(room.name if room else name, form)),
        )
        timeout = min(600, max(5, whole(form.get("Timeout"), 60)))
        self._company.exchange.call_out(call, timeout)
        person = Participant(
            call=call, joined=call.created, label=form.get("Label", ""), muted=flag(form, "Muted")
        )
        shown = self._show_person(room.sid if room else None, person) | {"status": "queued"}
        return web.json_response(shown, status=201)

    def _find(self, request: web.Request) -> Conference:
        return find_room(self._company, request)

    def _find_person(self, request: web.Request, room: Conference) -> Participant:
        if request.match_info["call"] not in room.people:
            raise not_found(request.path)
        return room.people[request.match_info["call"]]

    def _show_person(self, room: str | None, person: Participant) -> dict[str, Any]:
        account = self._company.account.sid
        return {
            "account_sid": account,
            "call_sid": person.call.sid,
            "conference_sid": room,
            "label": person.label or None,
            "call_sid_to_coach": None,
            "coaching": person.coaching,
            "muted": person.muted,
            "hold": person.hold,
            "start_conference_on_enter": person.starts,
            "end_conference_on_exit": person.ends,
            "status": "connected",
            "queue_time": str(person.call.queue_ms),
            "date_created": stamp(person.joined),
            "date_updated": stamp(person.joined),
            "uri": f"/2010-04-01/Accounts/{account}/Conferences/{room}"
            f"/Participants/{person.call.sid}.json",
        }


def _page(room: str, form: Form) -> str:
    response = Element("Response")
    noun = SubElement(SubElement(response, "Dial"), "Conference")
    noun.text = room
    for field, attribute in _NOUN.items():
        if field in form:
            noun.set(attribute, " ".join(form.getall(field)))
    return tostring(response, encoding="unicode")
