"""The caller's telephone: each view turns a form into an event and the reply into TwiML."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response

from ivr_app.context import (
    caller_gone,
    desk,
    digits,
    given,
    key,
    nothing,
    recording,
    speak,
    speak_to_caller,
)
from ivr_app.webhooks import fallback
from routing import events
from routing.call_service import NoLineError
from routing.caller.last_resort import rescue_document
from routing.caller.prompts import unattended, waiting_document
from routing.decision import Case
from routing.escalation.desk_queue import prospect_of
from service.logging import NO_LINE, TALLY

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
    if not given("Digits") and desk().people.lines_of_texts(_shown()):
        return fallback.own_number()
    try:
        return speak_to_caller(desk().answer(given("CallSid"), _called(), _shown()))
    except NoLineError:
        TALLY.count(NO_LINE)
        _log.error("a call to a number that no line has", sid=given("CallSid")[:64])
        return fallback.human()


def _called() -> str:
    """The number that was called, whichever field the carrier names it in."""
    return given("To") or given("Called")


def _shown() -> str:
    """The number that calls, likewise."""
    return given("From") or given("Caller")


@post("/call/<call_id>/key/<int:turn>")
def keyed(call_id: str, turn: int) -> Response:
    """A key in a menu, or none."""
    return speak_to_caller(desk().happen(events.Chose(call_id, turn, key())))


@post("/call/<call_id>/contract/<int:turn>")
def contract(call_id: str, turn: int) -> Response:
    """A contract number."""
    return speak_to_caller(desk().contract_keyed(call_id, turn, digits()))


@post("/call/<call_id>/pin/<int:turn>")
def pin(call_id: str, turn: int) -> Response:
    """A PIN."""
    return speak_to_caller(desk().pin_keyed(call_id, turn, digits()))


@post("/call/<call_id>/introduced/<int:turn>")
def introduced(call_id: str, turn: int) -> Response:
    """A spoken name, or silence."""
    return speak_to_caller(desk().happen(events.Introduced(call_id, turn, recording())))


@post("/call/<call_id>/message/<int:turn>")
def message(call_id: str, turn: int) -> Response:
    """A spoken message, or silence."""
    return speak_to_caller(desk().happen(events.MessageLeft(call_id, turn, recording())))


@post("/call/<call_id>/cut/<int:turn>")
def cut(call_id: str, turn: int) -> Response:
    """The message was ended from our side: somebody has taken the call."""
    return speak_to_caller(desk().happen(events.MessageCut(call_id, turn)))


@post("/call/<call_id>/wait/<int:turn>")
def wait(call_id: str, turn: int) -> Response:
    """One turn of the waiting room; when nobody seems to act, the caller is led out of it."""
    matter = desk().call(call_id)
    if matter.incident is not None and unattended(matter.incident, desk().clock()):
        matter = desk().happen(events.Unattended(call_id))
    return _room(matter)


@post("/call/<call_id>/wait_key/<int:turn>")
def wait_key(call_id: str, turn: int) -> Response:
    """A key in the waiting room."""
    matter = desk().happen(events.WaitingKey(call_id, turn, key() or ""))
    return _room(matter, answered_key=True)


def _room(matter: Case, *, answered_key: bool = False) -> Response:
    if matter.call is None or matter.incident is None:
        return speak_to_caller(matter)
    facts = desk().facts(desk().line_of(matter))
    place = prospect_of(facts, matter.incident)
    return speak(
        waiting_document(matter.call, matter.incident, facts.now, place, answered_key=answered_key)
    )


@post("/call/<call_id>/left/<int:turn>")
def left(call_id: str, turn: int) -> Response:
    """The caller is out of the queue."""
    how = events.Left.HUNG_UP if caller_gone() else LEFT.get(given("QueueResult"), events.Left.LEFT)
    return speak_to_caller(desk().happen(events.LeftQueue(call_id, how, turn)))


@post("/call/<call_id>/stayed/<int:turn>")
def stayed(call_id: str, turn: int) -> Response:
    """Still there after the other side left."""
    return speak_to_caller(desk().happen(events.StayedOn(call_id, turn)))


@post("/call/<call_id>/rescue/<int:turn>")
def rescue(call_id: str, turn: int) -> Response:
    """Somebody dialled straight from the document picked up; a key is asked of them too."""
    matter = desk().call(call_id)
    return speak(rescue_document(matter, desk().line_of(matter)))


@post("/call/<call_id>/rescue_key/<int:turn>")
def rescue_key(call_id: str, turn: int) -> Response:
    """Their key: the right one joins them with the caller."""
    matter = desk().happen(events.RescueTaken(call_id, key() or ""))
    return speak(rescue_document(matter, desk().line_of(matter), answered_key=True))


@post("/call/<call_id>/rescued/<int:turn>")
def rescued(call_id: str, turn: int) -> Response:
    """That dialling is over."""
    if caller_gone():
        return speak_to_caller(desk().happen(events.CallEnded(call_id)))
    return speak_to_caller(desk().happen(events.RescueOver(call_id, turn)))


@post("/status")
def status() -> Response:
    """The carrier says that an inbound call is over."""
    matter = desk().book.matter_of_sid(given("CallSid"))
    if matter is not None and matter.call is not None and caller_gone():
        desk().happen(events.CallEnded(matter.call.id, failed=given("CallStatus") == "failed"))
    return nothing()
