"""An engineer's telephone: rung by the line, asked for a key, joined with the caller."""

from __future__ import annotations

from flask import Blueprint, Response

from carrier.client import HEARD
from ivr_app.context import desk, given, key, nothing, reason, recording, speak
from routing import events
from routing.call_service import UnknownError
from routing.decision import Case
from routing.engineer.whisper import leg_document
from routing.line import Channel
from routing.voice_document import Document, HangUp, say
from service.logging import unreached

blueprint = Blueprint("leg", __name__, url_prefix="/voice/leg")
post = blueprint.post

UNREACHED = (events.Heard.BUSY, events.Heard.NO_ANSWER, events.Heard.FAILED)
TALKED = frozenset({"completed", "answered"})


@post("/<leg_id>")
def answered(leg_id: str) -> Response:
    """Somebody or something picked up."""
    return _speak(leg_id, desk().happen(events.LegListens(leg_id, given("CallSid") or None)))


@post("/<leg_id>/key/<int:turn>")
def keyed(leg_id: str, turn: int) -> Response:
    """A key, or none in time."""
    event = events.LegKeyed(leg_id, turn, key(), given("CallSid") or None)
    return _speak(leg_id, desk().happen(event))


@post("/<leg_id>/met/<int:turn>")
def met(leg_id: str, turn: int) -> Response:
    """Asked by the caller's side as the two are joined."""
    matter = desk().happen(events.LegMet(leg_id))
    language = (
        matter.call.language if matter.call is not None else desk().line_of(matter).languages[0]
    )
    return speak(Document(language, (say("joined"),)))


@post("/<leg_id>/parted/<int:turn>")
def parted(leg_id: str, turn: int) -> Response:
    """Joining is over: they have talked, or the caller was not there."""
    bridged = given("DialBridged") == "true" or given("QueueResult").startswith("bridged")
    if not given("DialBridged") and not given("QueueResult"):
        bridged = given("DialCallStatus") in TALKED
    return _speak(leg_id, desk().happen(events.LegParted(leg_id, turn, bridged)))


@post("/<leg_id>/rang/<int:turn>")
def rang(leg_id: str, turn: int) -> Response:
    """The call back to the customer is over."""
    answered = given("DialCallStatus") in TALKED
    return _speak(leg_id, desk().happen(events.CustomerRung(leg_id, turn, answered)))


@post("/<leg_id>/noted/<int:turn>")
def noted(leg_id: str, turn: int) -> Response:
    """The engineer spoke a note, or said nothing."""
    return _speak(leg_id, desk().happen(events.NoteSpoken(leg_id, turn, recording())))


@post("/<leg_id>/status")
def status(leg_id: str) -> Response:
    """What the carrier says of the leg."""
    heard = HEARD.get(given("CallStatus"))
    matter = desk().book.matter_of_leg(leg_id)
    if heard is not None and matter is not None:
        leg = matter.incident.page(leg_id) if matter.incident is not None else None
        if heard in UNREACHED and leg is not None and leg.live:
            unreached(Channel.CALL, reason())
        desk().happen(events.LegHeard(leg_id, heard, given("CallSid") or None, reason()))
    return nothing()


def _speak(leg_id: str, matter: Case) -> Response:
    if matter.incident is None or (leg := matter.incident.page(leg_id)) is None:
        matter = desk().leg(leg_id)
        leg = matter.incident.page(leg_id) if matter.incident is not None else None
    if leg is None:
        raise UnknownError("there is no leg to answer")  # a document was asked for: 204 is silence
    if leg.sid and given("CallSid") not in ("", leg.sid):
        return speak(Document(leg.language, (say("over"), HangUp())))  # placed twice: not the one
    return speak(leg_document(leg, matter, desk().line_of(matter), desk().clock()))
