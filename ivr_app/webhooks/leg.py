"""An engineer's telephone: rung by the line, asked for a key, connected with the caller."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response

from carrier.client import HEARD_BY_STATUS
from ivr_app.context import (
    build_empty_response,
    current_call_service,
    read_failure_reason,
    read_form_value,
    read_key,
    read_recording_url,
    render_document,
)
from routing import call_service, events
from routing.decision import Case
from routing.engineer.menus import build_leg_document
from routing.engineer.sentences import build_surplus_document
from routing.line import Channel
from routing.page import Page
from routing.voice_document import Document, say
from service.counters import count_unreached

blueprint = Blueprint("leg", __name__, url_prefix="/voice/leg")
post = blueprint.post

UNREACHED = (events.Heard.BUSY, events.Heard.NO_ANSWER, events.Heard.FAILED)
TALKED = frozenset({"completed", "answered"})


@post("/<leg_id>")
def answered(leg_id: str) -> Response:
    """Somebody or something picked up."""
    return _follow(events.LegListens(leg_id, read_form_value("CallSid") or None))


@post("/<leg_id>/key/<int:turn>")
def keyed(leg_id: str, turn: int) -> Response:
    """A key, or none in time."""
    return _follow(events.LegKeyed(leg_id, turn, read_key(), read_form_value("CallSid") or None))


@post("/<leg_id>/connected/<int:turn>")
def connected(leg_id: str, turn: int) -> Response:
    """The caller's side asks as the two are connected."""
    found = current_call_service().handle(events.LegConnected(leg_id))
    language = found.line.languages[0]
    if found.case.call is not None:
        language = found.case.call.language
    return render_document(Document(language, (say("joined"),)), found.line)


@post("/<leg_id>/parted/<int:turn>")
def parted(leg_id: str, turn: int) -> Response:
    """The connection is over: they have talked, or the caller was not there."""
    bridged = read_form_value("DialBridged") == "true" or read_form_value("QueueResult").startswith(
        "bridged"
    )
    if not read_form_value("DialBridged") and not read_form_value("QueueResult"):
        bridged = read_form_value("DialCallStatus") in TALKED
    return _follow(events.LegParted(leg_id, turn, bridged))


@post("/<leg_id>/rang/<int:turn>")
def rang(leg_id: str, turn: int) -> Response:
    """The callback to the customer is over."""
    return _follow(events.CustomerRung(leg_id, turn, read_form_value("DialCallStatus") in TALKED))


@post("/<leg_id>/noted/<int:turn>")
def noted(leg_id: str, turn: int) -> Response:
    """The engineer spoke a note, or said nothing."""
    return _follow(events.NoteSpoken(leg_id, turn, read_recording_url()))


@post("/<leg_id>/status")
def status(leg_id: str) -> Response:
    """The carrier reports the status of the leg."""
    heard = HEARD_BY_STATUS.get(read_form_value("CallStatus"))
    if heard is not None:
        sid, why = read_form_value("CallSid") or None, read_failure_reason()
        if heard in UNREACHED:
            _count_unreached(leg_id, why)
        with suppress(call_service.UnknownError):
            current_call_service().happen(events.LegHeard(leg_id, heard, sid, why))
    return build_empty_response()


def _count_unreached(leg_id: str, why: str | None) -> None:
    """Count a leg that reached nobody, once."""
    case = current_call_service().calls.find_by_page(leg_id)
    leg = _find_leg(case, leg_id) if case is not None else None
    if leg is not None and leg.live:
        count_unreached(Channel.CALL, why)


def _find_leg(case: Case, leg_id: str) -> Page | None:
    if case.incident is None:
        return None
    return case.incident.page(leg_id)


def _follow(event: events.LegEvent) -> Response:
    """Handle an event of a leg, and answer with its next document."""
    service = current_call_service()
    found = service.handle(event)
    case = found.case
    leg = _find_leg(case, event.leg)
    if leg is None:
        case = service.leg(event.leg)
        leg = _find_leg(case, event.leg)
    if leg is None:
        # The carrier expects a document: an empty answer would be silence.
        raise call_service.UnknownError("there is no leg to answer")
    if leg.sid and read_form_value("CallSid") not in ("", leg.sid):  # placed twice: not the one
        document = build_surplus_document(leg, case, found.line, service.clock())
        return render_document(document, found.line)
    document = build_leg_document(leg, case, found.line, service.clock())
    return render_document(document, found.line)
