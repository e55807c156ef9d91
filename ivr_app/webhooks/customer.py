"""The telephone of a customer who asked in the portal to be called: rung, and asked for a key.

With the key it is a call like any other, and `voice.py` goes on with it. The status callback stays
here, because the carrier keeps the URL that the call was placed with.
"""

from __future__ import annotations

from flask import Blueprint, Response

from carrier.client import HEARD_BY_STATUS
from ivr_app.context import (
    build_empty_response,
    current_call_service,
    is_call_over,
    read_failure_reason,
    read_form_value,
    read_key,
    render_caller_document,
    render_document,
)
from routing import events
from routing.call_service import CaseOnLine
from routing.caller.call_me_now import build_customer_document
from routing.line import Line
from routing.page import PageResult
from routing.voice_document import Document, HangUp, say

blueprint = Blueprint("customer", __name__, url_prefix="/voice/customer/<incident>/<int:number>")
post = blueprint.post


@post("")
def answered(incident: str, number: int) -> Response:
    """Somebody or something picked up."""
    return _follow(events.CustomerListens(incident, number, read_form_value("CallSid") or None))


@post("/key/<int:turn>")
def keyed(incident: str, number: int, turn: int) -> Response:
    """A key."""
    sid = read_form_value("CallSid") or None
    return _follow(events.CustomerKeyed(incident, number, turn, read_key(), sid))


@post("/silence/<int:turn>")
def silent(incident: str, number: int, turn: int) -> Response:
    """No key in time: it has an address of its own, because a key says that somebody is there."""
    sid = read_form_value("CallSid") or None
    return _follow(events.CustomerKeyed(incident, number, turn, None, sid))


@post("/status")
def status(incident: str, number: int) -> Response:
    """The carrier reports the status of the leg, or of the call that it has become."""
    heard = HEARD_BY_STATUS.get(read_form_value("CallStatus"))
    if heard is None:
        return build_empty_response()
    service, sid = current_call_service(), read_form_value("CallSid")
    case = service.calls.find_by_sid(sid)
    if case is None or case.call is None:
        why = read_failure_reason()
        service.happen(events.CustomerLegHeard(incident, number, heard, sid or None, why))
    elif is_call_over():
        service.happen(events.CallEnded(case.call.id, failed=heard is events.Heard.FAILED))
    return build_empty_response()


def _follow(event: events.CustomerListens | events.CustomerKeyed) -> Response:
    """Handle an event of the leg, and answer with its next document or with that of its call."""
    service = current_call_service()
    found = service.handle(event)
    case, line = found.case, found.line
    leg = case.incident.customer_leg if case.incident is not None else None
    if leg is None or leg.number != event.number or (event.sid and leg.sid != event.sid):
        return _end(line)  # placed twice, or long over: not the one
    if leg.result is not PageResult.ACCEPTED:
        return render_document(build_customer_document(case, line), line)
    return render_caller_document(
        CaseOnLine(service.calls.find_by_sid(leg.sid or "") or case, line)
    )


def _end(line: Line) -> Response:
    return render_document(Document(line.languages[0], (say("goodbye"), HangUp())), line)
