"""The caller's telephone: each view turns a form into an event and the reply into TwiML."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request

from ivr_app.context import (
    build_empty_response,
    current_call_service,
    is_call_over,
    read_choice,
    read_digits,
    read_form_value,
    read_key,
    read_recording_url,
    render_caller_document,
    render_document,
)
from ivr_app.webhooks import fallback
from routing import call_service, events
from routing.call import Stage
from routing.call_service import CaseOnLine
from routing.caller import hold, leaving
from routing.caller.questions import CallerView
from routing.escalation.desk_queue import estimate_wait
from service.counters import COUNTERS, UNKNOWN_NUMBERS

blueprint = Blueprint("voice", __name__, url_prefix="/voice")
post = blueprint.post
_log = structlog.get_logger("voice")

LEFT = {
    "bridged": events.Left.BRIDGED,
    "bridging-in-process": events.Left.BRIDGED,
    "bridging-in-progress": events.Left.BRIDGED,  # SignalWire's word for it
    "redirected-from-bridged": events.Left.BRIDGED,
    "hangup": events.Left.HUNG_UP,
    "queue-full": events.Left.BROKEN,
    "error": events.Left.BROKEN,
    "system-error": events.Left.BROKEN,
}


@post("/incoming")
def incoming() -> Response:
    """A call comes in. A call to a number that no line has is led to a human, and counted."""
    sid = read_form_value("CallSid")
    try:
        found = current_call_service().answer(
            sid,
            _called_number(),
            _caller_number(),
            from_a_person=bool(read_form_value("Digits")),
        )
    except call_service.OwnNumberError:
        return fallback.answer_own_number()
    except call_service.NoLineError:
        COUNTERS.count(UNKNOWN_NUMBERS)
        _log.error("a call to a number that no line has", sid=sid[:64])
        return fallback.dial_a_human()
    return render_caller_document(found)


def _called_number() -> str:
    """The called number. Carriers name it in one field or another."""
    return read_form_value("To") or read_form_value("Called")


def _caller_number() -> str:
    """The calling number, likewise."""
    return read_form_value("From") or read_form_value("Caller")


@post("/call/<call_id>/key/<int:turn>")
def keyed(call_id: str, turn: int) -> Response:
    """A key in a menu, words for one, or silence."""
    return _follow(events.Chose(call_id, turn, read_choice()))


@post("/call/<call_id>/contract/<int:turn>")
def contract(call_id: str, turn: int) -> Response:
    """A contract number."""
    return render_caller_document(
        current_call_service().contract_keyed(call_id, turn, read_digits())
    )


@post("/call/<call_id>/pin/<int:turn>")
def pin(call_id: str, turn: int) -> Response:
    """A PIN."""
    return render_caller_document(current_call_service().pin_keyed(call_id, turn, read_digits()))


@post("/call/<call_id>/introduced/<int:turn>")
def introduced(call_id: str, turn: int) -> Response:
    """A spoken name, or silence."""
    return _follow(events.Introduced(call_id, turn, read_recording_url()))


@post("/call/<call_id>/matter/<int:turn>")
def matter(call_id: str, turn: int) -> Response:
    """What is wrong, spoken while people are rung, or silence."""
    return _follow(events.MatterSaid(call_id, turn, read_recording_url()))


@post("/call/<call_id>/message/<int:turn>")
def message(call_id: str, turn: int) -> Response:
    """A spoken message, or silence."""
    return _follow(events.MessageLeft(call_id, turn, read_recording_url()))


@post("/call/<call_id>/cut/<int:turn>")
def cut(call_id: str, turn: int) -> Response:
    """The line ended what the caller says, because somebody has taken the call."""
    return _follow(events.MessageCut(call_id, turn))


@post("/call/<call_id>/wait/<int:turn>")
def wait(call_id: str, turn: int) -> Response:
    """One turn of the hold document. A caller for whom no worker acts is led out of it."""
    service = current_call_service()
    found = service.read_call(call_id)
    incident = found.case.incident
    if incident is not None and hold.is_unattended(incident, service.clock()):
        found = service.handle(events.Unattended(call_id))
    return _send_hold_document(found)


@post("/call/<call_id>/wait_key/<int:turn>")
def wait_key(call_id: str, turn: int) -> Response:
    """A key of a caller who waits. The music goes on after one that changes nothing."""
    found = current_call_service().handle(events.WaitingKey(call_id, turn, read_key() or ""))
    call = found.case.call
    return _send_hold_document(found, answered_key=call is not None and call.turn != turn)


def _send_hold_document(found: CaseOnLine, *, answered_key: bool = False) -> Response:
    call, incident = found.case.call, found.case.incident
    if call is None or incident is None:
        return render_caller_document(found)
    facts = current_call_service().facts(found.line)
    estimate = estimate_wait(facts, incident)
    view = CallerView(call, incident, found.line)
    loop = hold.read_loop(request.args)
    document = hold.build_hold_document(view, facts.now, estimate, loop, answered_key=answered_key)
    return render_document(document, found.line)


@post("/call/<call_id>/left/<int:turn>")
def left(call_id: str, turn: int) -> Response:
    """The caller is out of the queue."""
    said = read_form_value("QueueResult")
    how = LEFT.get(said, events.Left.LEFT)
    if not said and _has_talked(call_id):
        how = events.Left.BRIDGED
    if is_call_over():
        how = events.Left.HUNG_UP
    return _follow(events.LeftQueue(call_id, how, turn))


def _has_talked(call_id: str) -> bool:
    """True if the caller was connected, for a carrier that does not say why the queue ended."""
    call = current_call_service().read_call(call_id).case.call
    return call is not None and call.stage is Stage.BRIDGED


@post("/call/<call_id>/stayed/<int:turn>")
def stayed(call_id: str, turn: int) -> Response:
    """Still there after the other side left."""
    return _follow(events.StayedOn(call_id, turn))


@post("/call/<call_id>/rescue/<int:turn>")
def rescue(call_id: str, turn: int) -> Response:
    """The last resort, dialled straight from the document, picked up. A key is asked of them."""
    return _send_rescue_document(current_call_service().read_call(call_id))


@post("/call/<call_id>/rescue_key/<int:turn>")
def rescue_key(call_id: str, turn: int) -> Response:
    """A key of the last resort. The right one connects them with the caller."""
    found = current_call_service().handle(events.RescueTaken(call_id, read_key() or ""))
    return _send_rescue_document(found, answered_key=True)


def _send_rescue_document(found: CaseOnLine, *, answered_key: bool = False) -> Response:
    document = leaving.build_rescue_document(found.case, found.line, answered_key=answered_key)
    return render_document(document, found.line)


@post("/call/<call_id>/rescued/<int:turn>")
def rescued(call_id: str, turn: int) -> Response:
    """The dialling of the last resort is over."""
    if is_call_over():
        return _follow(events.CallEnded(call_id))
    return _follow(events.RescueOver(call_id, turn))


@post("/status")
def status() -> Response:
    """The carrier says that an inbound call is over."""
    if is_call_over():
        failed = read_form_value("CallStatus") == "failed"
        current_call_service().end_call(read_form_value("CallSid"), failed=failed)
    return build_empty_response()


def _follow(event: events.CallEvent) -> Response:
    """Handle an event of a call, and answer with the caller's next document."""
    return render_caller_document(current_call_service().handle(event))
