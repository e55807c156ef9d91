"""An engineer's telephone: rung by the line, asked for a key, joined with the caller."""

from __future__ import annotations

from flask import Blueprint, Response

from carrier.client import HEARD_BY_STATUS
from ivr_app.context import (
    current_call_service,
    empty_response,
    failure_reason,
    form_value,
    pressed_key,
    recording_url,
    send_document,
)
from routing import events
from routing.call_service import UnknownError
from routing.decision import Case
from routing.engineer.menus import leg_document
from routing.line import Channel
from routing.voice_document import Document, HangUp, say
from service.counters import count_unreached

blueprint = Blueprint("leg", __name__, url_prefix="/voice/leg")
post = blueprint.post

UNREACHED = (events.Heard.BUSY, events.Heard.NO_ANSWER, events.Heard.FAILED)
TALKED = frozenset({"completed", "answered"})


@post("/<leg_id>")
def answered(leg_id: str) -> Response:
    """Somebody or something picked up."""
    return _send_leg_document(
        leg_id,
        current_call_service().happen(events.LegListens(leg_id, form_value("CallSid") or None)),
    )


@post("/<leg_id>/key/<int:turn>")
def keyed(leg_id: str, turn: int) -> Response:
    """A key, or none in time."""
    event = events.LegKeyed(leg_id, turn, pressed_key(), form_value("CallSid") or None)
    return _send_leg_document(leg_id, current_call_service().happen(event))


@post("/<leg_id>/met/<int:turn>")
def met(leg_id: str, turn: int) -> Response:
    """Asked by the caller's side as the two are joined."""
    matter = current_call_service().happen(events.LegMet(leg_id))
    language = (
        matter.call.language
        if matter.call is not None
        else current_call_service().line_of(matter).languages[0]
    )
    return send_document(Document(language, (say("joined"),)))


@post("/<leg_id>/parted/<int:turn>")
def parted(leg_id: str, turn: int) -> Response:
    """Joining is over: they have talked, or the caller was not there."""
    bridged = form_value("DialBridged") == "true" or form_value("QueueResult").startswith("bridged")
    if not form_value("DialBridged") and not form_value("QueueResult"):
        bridged = form_value("DialCallStatus") in TALKED
    return _send_leg_document(
        leg_id, current_call_service().happen(events.LegParted(leg_id, turn, bridged))
    )


@post("/<leg_id>/rang/<int:turn>")
def rang(leg_id: str, turn: int) -> Response:
    """The call back to the customer is over."""
    answered = form_value("DialCallStatus") in TALKED
    return _send_leg_document(
        leg_id, current_call_service().happen(events.CustomerRung(leg_id, turn, answered))
    )


@post("/<leg_id>/noted/<int:turn>")
def noted(leg_id: str, turn: int) -> Response:
    """The engineer spoke a note, or said nothing."""
    return _send_leg_document(
        leg_id, current_call_service().happen(events.NoteSpoken(leg_id, turn, recording_url()))
    )


@post("/<leg_id>/status")
def status(leg_id: str) -> Response:
    """What the carrier says of the leg."""
    heard = HEARD_BY_STATUS.get(form_value("CallStatus"))
    matter = current_call_service().calls.find_by_page(leg_id)
    if heard is not None and matter is not None:
        leg = matter.incident.page(leg_id) if matter.incident is not None else None
        if heard in UNREACHED and leg is not None and leg.live:
            count_unreached(Channel.CALL, failure_reason())
        current_call_service().happen(
            events.LegHeard(leg_id, heard, form_value("CallSid") or None, failure_reason())
        )
    return empty_response()


def _send_leg_document(leg_id: str, matter: Case) -> Response:
    if matter.incident is None or (leg := matter.incident.page(leg_id)) is None:
        matter = current_call_service().leg(leg_id)
        leg = matter.incident.page(leg_id) if matter.incident is not None else None
    if leg is None:
        raise UnknownError("there is no leg to answer")  # a document was asked for: 204 is silence
    if leg.sid and form_value("CallSid") not in ("", leg.sid):
        return send_document(
            Document(leg.language, (say("over"), HangUp()))
        )  # placed twice: not the one
    return send_document(
        leg_document(
            leg, matter, current_call_service().line_of(matter), current_call_service().clock()
        )
    )
