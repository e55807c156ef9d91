"""The answers when the line cannot answer: dials the phones of a file, and asks them for a key.

Neither the database nor Redis is needed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import structlog
from flask import Blueprint, Response, request

from carrier import fallback as documents
from ivr_app.context import (
    build_twiml_response,
    current_call_service,
    current_services,
    read_form_value,
    read_key,
    render_caller_document,
)
from routing.call_service import CaseOnLine
from routing.phone_numbers import reaches

blueprint = Blueprint("fallback", __name__, url_prefix="/voice/fallback")
post = blueprint.post

_log = structlog.get_logger("fallback")


@post("")
def fallback() -> Response:
    """Our answer failed: the carrier asks here what to do with the caller."""
    return dial_a_human()


@post("/next/<int:number>")
def next_person(number: int) -> Response:
    """One person was dialled: dial the next one, for as long as the caller holds.

    The call ends only when the carrier says that the two were connected: a mailbox that listens to
    the whispers takes as long as a short talk.
    """
    if read_form_value("DialBridged") == "true":
        return build_twiml_response(documents.render_last_sentence(find_dialled_line(), "goodbye"))
    return back_to_the_line() or dial_person(find_dialled_line(), number)


@post("/whisper")
def whisper() -> Response:
    """Somebody picked up: ask for a key, because it may be a mailbox."""
    take = secrets.choice(documents.TAKE_DIGITS)
    url = _fallback_url(f"key/{take}")
    return build_twiml_response(documents.render_whisper(find_dialled_line(), take, url))


@post("/key/<take>")
def keyed(take: str) -> Response:
    """The right key connects the person with the caller; any other ends their call."""
    return build_twiml_response(documents.render_key_answer(taken=read_key() == take))


@post("/leg/<leg_id>")
def leg(leg_id: str) -> Response:
    """The document of an engineer's leg failed: they hear that we ring again."""
    return say_leg_failed()


@post("/customer")
def customer() -> Response:
    """A document failed for a customer who asked to be called; the carrier says which one."""
    if is_before_key(read_form_value("ErrorUrl")):
        return say_customer_failed()
    return back_to_the_line() or dial_a_human()


def is_before_key(address: str) -> bool:
    """True for the addresses at which a mailbox may listen, so that nobody is dialled for it."""
    return "/voice/customer/" in address and "/key/" not in address


def back_to_the_line() -> Response | None:
    """A caller whose call the line still knows goes on there, once it can answer again."""
    try:
        service = current_call_service()
        case = service.calls.find_by_sid(read_form_value("CallSid"))
        if case is None or case.call is None or not case.call.live:
            return None
        return render_caller_document(CaseOnLine(case, service.line_of(case)))
    except Exception:
        return None


def dial_a_human() -> Response:
    """A sentence and then a human."""
    shown = read_form_value("From") or read_form_value("Caller")
    lines = documents.read_fallback(current_services().settings.fallback_file)
    known = (*lines, find_dialled_line())
    ours = any(reaches(shown, line.number) for line in known) and not is_placed_by_line()
    if not read_form_value("Digits") and ours:
        return answer_own_number()
    return dial_person(find_dialled_line(), 0)


def is_placed_by_line() -> bool:
    """True for a call that the line has placed, which comes from its own number."""
    return read_form_value("Direction").startswith("outbound")


def answer_own_number() -> Response:
    """Answer a call from our own number, by a telephone that is forwarded to the line. Nobody is
    rung unless a key says that somebody is there, or each ring would call the line again."""
    _log.error("a call from our own number", sid=read_form_value("CallSid")[:64])
    url = current_services().urls.at(request.path)
    return build_twiml_response(documents.render_own_number(find_dialled_line(), url))


def dial_person(line: documents.FallbackLine, number: int) -> Response:
    """Dial the next phone of the file. ``number`` counts the phones that were dialled."""
    then, whisper_url = _fallback_url(f"next/{number + 1}"), _fallback_url("whisper")
    return build_twiml_response(documents.render_next_dial(line, number, then, whisper_url))


def say_leg_failed() -> Response:
    """Tell an engineer that the document of the leg could not be made."""
    return build_twiml_response(documents.render_last_sentence(find_dialled_line(), "leg_failed"))


def say_customer_failed() -> Response:
    """Tell a customer who asked to be called that it did not work, and what to do."""
    line = find_dialled_line()
    return build_twiml_response(documents.render_last_sentence(line, "call_me_failed"))


def retry_waiting() -> Response:
    """The hold document failed: play music and try once more, then lead the caller to a human."""
    if "failed" in request.args:
        return build_twiml_response(documents.render_leave_queue())
    urls = current_services().urls
    again = urls.again(request.path)
    return build_twiml_response(documents.render_hold(find_dialled_line(), urls.music_url(), again))


def find_dialled_line() -> documents.FallbackLine:
    """The line that this request is about, as the file knows it. For a number that the file does
    not know, the first line, so that somebody is dialled."""
    lines = documents.read_fallback(current_services().settings.fallback_file)
    if list(lines) == [documents.UNKNOWN_LINE]:
        lines = _read_from_database() or lines
    asked = [read_form_value(name) for name in ("To", "From", "Called", "Caller")]
    ours = (line for number in asked for line in lines if reaches(number, line.number))
    return next(ours, lines[0])


def _read_from_database() -> Sequence[documents.FallbackLine]:
    """The last resort of each line, while no process has written the file yet."""
    try:
        lines = current_services().lines.list_lines()
    except Exception:
        return ()
    return [
        documents.FallbackLine(
            x.number, x.name, x.languages[0], x.last_resort, x.voice_in(x.languages[0])
        )
        for x in lines
    ]


def _fallback_url(name: str) -> str:
    return current_services().urls.fallback(name)
