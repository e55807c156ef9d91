"""The caller's telephone: each view turns a form into an event and the reply into TwiML."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response

from ivr_app.context import (
    call_is_over,
    current_call_service,
    empty_response,
    form_value,
    pressed_digits,
    pressed_key,
    recording_url,
    send_caller_document,
    send_document,
)
from ivr_app.webhooks import fallback
from routing import events
from routing.call_service import NoLineError
from routing.caller.leaving import rescue_document
from routing.caller.prompts import is_unattended, waiting_document
from routing.caller.questions import CallerView
from routing.decision import Case
from routing.escalation.desk_queue import estimate_wait
from service.counters import COUNTERS, UNKNOWN_NUMBERS

blueprint = Blueprint("voice", __name__, url_prefix="/voice")
post = blueprint.post
_log = structlog.get_logger("voice")

LEFT = {
    "bridged": events.Left.BRIDGED,
    "bridging-in-process": events.Left.BRIDGED,
    "redirected-from-bridged": events.Left.BRIDGED,
    "hangup": events.Left.HUNG_UP,
    "queue-full": events.Left.BROKEN,
    "error": events.Left.BROKEN,
    "system-error": events.Left.BROKEN,
}


@post("/incoming")
def incoming() -> Response:
    """A call comes in; one to a number that no line has is led to a human, and counted."""
    if not form_value("Digits") and current_call_service().lines.lines_of_texts(_caller_number()):
        return fallback.answer_own_number()
    try:
        return send_caller_document(
            current_call_service().answer(form_value("CallSid"), _called_number(), _caller_number())
        )
    except NoLineError:
        COUNTERS.count(UNKNOWN_NUMBERS)
        _log.error("a call to a number that no line has", sid=form_value("CallSid")[:64])
        return fallback.dial_a_human()


def _called_number() -> str:
    """The number that was called, whichever field the carrier names it in."""
    return form_value("To") or form_value("Called")


def _caller_number() -> str:
    """The number that calls, likewise."""
    return form_value("From") or form_value("Caller")


@post("/call/<call_id>/key/<int:turn>")
def keyed(call_id: str, turn: int) -> Response:
    """A key in a menu, or none."""
    return send_caller_document(
        current_call_service().happen(events.Chose(call_id, turn, pressed_key()))
    )


@post("/call/<call_id>/contract/<int:turn>")
def contract(call_id: str, turn: int) -> Response:
    """A contract number."""
    return send_caller_document(
        current_call_service().contract_keyed(call_id, turn, pressed_digits())
    )


@post("/call/<call_id>/pin/<int:turn>")
def pin(call_id: str, turn: int) -> Response:
    """A PIN."""
    return send_caller_document(current_call_service().pin_keyed(call_id, turn, pressed_digits()))


@post("/call/<call_id>/introduced/<int:turn>")
def introduced(call_id: str, turn: int) -> Response:
    """A spoken name, or silence."""
    return send_caller_document(
        current_call_service().happen(events.Introduced(call_id, turn, recording_url()))
    )


@post("/call/<call_id>/message/<int:turn>")
def message(call_id: str, turn: int) -> Response:
    """A spoken message, or silence."""
    return send_caller_document(
        current_call_service().happen(events.MessageLeft(call_id, turn, recording_url()))
    )


@post("/call/<call_id>/cut/<int:turn>")
def cut(call_id: str, turn: int) -> Response:
    """The message was ended from our side: somebody has taken the call."""
    return send_caller_document(current_call_service().happen(events.MessageCut(call_id, turn)))


@post("/call/<call_id>/wait/<int:turn>")
def wait(call_id: str, turn: int) -> Response:
    """One turn of the waiting room; when nobody seems to act, the caller is led out of it."""
    matter = current_call_service().call(call_id)
    if matter.incident is not None and is_unattended(
        matter.incident, current_call_service().clock()
    ):
        matter = current_call_service().happen(events.Unattended(call_id))
    return _send_waiting_room(matter)


@post("/call/<call_id>/wait_key/<int:turn>")
def wait_key(call_id: str, turn: int) -> Response:
    """A key in the waiting room."""
    matter = current_call_service().happen(events.WaitingKey(call_id, turn, pressed_key() or ""))
    return _send_waiting_room(matter, answered_key=True)


def _send_waiting_room(matter: Case, *, answered_key: bool = False) -> Response:
    if matter.call is None or matter.incident is None:
        return send_caller_document(matter)
    line = current_call_service().line_of(matter)
    facts = current_call_service().facts(line)
    estimate = estimate_wait(facts, matter.incident)
    view = CallerView(matter.call, matter.incident, line)
    return send_document(waiting_document(view, facts.now, estimate, answered_key=answered_key))


@post("/call/<call_id>/left/<int:turn>")
def left(call_id: str, turn: int) -> Response:
    """The caller is out of the queue."""
    how = (
        events.Left.HUNG_UP
        if call_is_over()
        else LEFT.get(form_value("QueueResult"), events.Left.LEFT)
    )
    return send_caller_document(current_call_service().happen(events.LeftQueue(call_id, how, turn)))


@post("/call/<call_id>/stayed/<int:turn>")
def stayed(call_id: str, turn: int) -> Response:
    """Still there after the other side left."""
    return send_caller_document(current_call_service().happen(events.StayedOn(call_id, turn)))


@post("/call/<call_id>/rescue/<int:turn>")
def rescue(call_id: str, turn: int) -> Response:
    """Somebody dialled straight from the document picked up; a key is asked of them too."""
    matter = current_call_service().call(call_id)
    return send_document(rescue_document(matter, current_call_service().line_of(matter)))


@post("/call/<call_id>/rescue_key/<int:turn>")
def rescue_key(call_id: str, turn: int) -> Response:
    """Their key: the right one joins them with the caller."""
    matter = current_call_service().happen(events.RescueTaken(call_id, pressed_key() or ""))
    return send_document(
        rescue_document(matter, current_call_service().line_of(matter), answered_key=True)
    )


@post("/call/<call_id>/rescued/<int:turn>")
def rescued(call_id: str, turn: int) -> Response:
    """That dialling is over."""
    if call_is_over():
        return send_caller_document(current_call_service().happen(events.CallEnded(call_id)))
    return send_caller_document(current_call_service().happen(events.RescueOver(call_id, turn)))


@post("/status")
def status() -> Response:
    """The carrier says that an inbound call is over."""
    matter = current_call_service().calls.find_by_sid(form_value("CallSid"))
    if matter is not None and matter.call is not None and call_is_over():
        current_call_service().happen(
            events.CallEnded(matter.call.id, failed=form_value("CallStatus") == "failed")
        )
    return empty_response()
