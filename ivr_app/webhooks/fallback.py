"""What answers when we cannot: people from a file, asked for a key, without database and Redis."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import structlog
from flask import Blueprint, Response, request
from twilio.twiml.voice_response import VoiceResponse

from carrier import prompts
from carrier.fallback import UNKNOWN_LINE, FallbackLine, read_fallback
from ivr_app.context import (
    current_call_service,
    current_services,
    form_value,
    pressed_key,
    send_caller_document,
    twiml_response,
)
from routing.phone_numbers import reaches

blueprint = Blueprint("fallback", __name__, url_prefix="/voice/fallback")
post = blueprint.post

RING_SECONDS = 20
_log = structlog.get_logger("fallback")


@post("")
def fallback() -> Response:
    """Our answer failed: the carrier asks here what to do with the caller."""
    return dial_a_human()


@post("/next/<int:number>")
def next_person(number: int) -> Response:
    """One person was dialled: the next one, for as long as the caller holds.

    Only the carrier's word that the two were joined ends the call: a mailbox that listens to the
    whispers takes as long as a short talk.
    """
    if form_value("DialBridged") == "true":
        return _say_goodbye(find_dialled_line())
    return back_to_the_line() or dial_person(find_dialled_line(), number)


@post("/whisper")
def whisper() -> Response:
    """Somebody picked up: a key, because it may be a mailbox."""
    line, take = find_dialled_line(), secrets.choice("23456789")
    response = VoiceResponse()
    for _ in range(3):
        gather = response.gather(
            num_digits=1, timeout=5, method="POST", action=_fallback_url(f"key/{take}")
        )
        _add_sentence(gather, line, "rescue_whisper", line=line.name, take=take)
    response.hangup()
    return twiml_response(str(response))


@post("/key/<take>")
def keyed(take: str) -> Response:
    """The right key joins them with the caller; any other ends their call."""
    response = VoiceResponse()
    if pressed_key() != take:
        response.hangup()
    return twiml_response(str(response))


@post("/leg/<leg_id>")
def leg(leg_id: str) -> Response:
    """The document of an engineer's leg failed: they hear that we ring again."""
    return say_leg_failed()


def back_to_the_line() -> Response | None:
    """A caller whose call the line still knows goes on there, once it can answer again."""
    try:
        matter = current_call_service().calls.find_by_sid(form_value("CallSid"))
        known = matter is not None and matter.call is not None and matter.call.live
        return send_caller_document(matter) if known and matter is not None else None
    except Exception:
        return None


def dial_a_human() -> Response:
    """A sentence and then a human."""
    shown = form_value("From") or form_value("Caller")
    known = (*read_fallback(current_services().settings.fallback_file), find_dialled_line())
    if not form_value("Digits") and any(reaches(shown, line.number) for line in known):
        return answer_own_number()
    return dial_person(find_dialled_line(), 0)


def answer_own_number() -> Response:
    """The line seems to call itself, by a telephone that is forwarded to it: nobody is rung unless
    a key says that somebody is there, or each ring would call the line again."""
    _log.error("a call from our own number", sid=form_value("CallSid")[:64])
    response, line = VoiceResponse(), find_dialled_line()
    for _ in range(2):
        gather = response.gather(
            num_digits=1,
            timeout=5,
            method="POST",
            action=current_services().urls.at(request.path),
        )
        _add_sentence(gather, line, "own_number")
    _add_sentence(response, line, "goodbye")
    response.hangup()
    return twiml_response(str(response))


def dial_person(line: FallbackLine, number: int) -> Response:
    """Dial the people of the file one after the other, round and round."""
    response = VoiceResponse()
    _add_sentence(response, line, "sorry" if number == 0 else "rescue")
    if not line.phones:
        _add_sentence(response, line, "goodbye")
        response.hangup()
        return twiml_response(str(response))
    to_dial = response.dial(
        timeout=RING_SECONDS,
        action=_fallback_url(f"next/{number + 1}"),
        method="POST",
        **({"caller_id": line.number} if line.number else {}),
    )
    phone = line.phones[number % len(line.phones)]
    to_dial.number(phone, url=_fallback_url("whisper"), method="POST")
    return twiml_response(str(response))


def say_leg_failed() -> Response:
    """What an engineer hears when the document of the leg could not be made."""
    response = VoiceResponse()
    _add_sentence(response, find_dialled_line(), "leg_failed")
    response.hangup()
    return twiml_response(str(response))


def retry_waiting() -> Response:
    """The waiting room failed: music and one more try, then out of the queue to a human."""
    response = VoiceResponse()
    if "failed" in request.args:
        response.leave()
        return twiml_response(str(response))
    _add_sentence(response, find_dialled_line(), "sorry_wait")
    response.play(current_services().urls.music_url)
    response.redirect(current_services().urls.again(request.path), method="POST")
    return twiml_response(str(response))


def find_dialled_line() -> FallbackLine:
    """The line that this request is about, as the file knows it; of a number that it does not know
    the first one, so that somebody is dialled."""
    lines = read_fallback(current_services().settings.fallback_file)
    if list(lines) == [UNKNOWN_LINE]:
        lines = _read_from_database() or lines
    asked = [form_value(name) for name in ("To", "From", "Called", "Caller")]
    ours = (line for number in asked for line in lines if reaches(number, line.number))
    return next(ours, lines[0])


def _read_from_database() -> Sequence[FallbackLine]:
    """The last resort of each line, while nobody has written the file yet."""
    try:
        lines = current_services().lines.all_lines()
    except Exception:
        return ()
    return [FallbackLine(x.number, x.name, x.languages[0], x.last_resort) for x in lines]


def _say_goodbye(line: FallbackLine) -> Response:
    response = VoiceResponse()
    _add_sentence(response, line, "goodbye")
    response.hangup()
    return twiml_response(str(response))


def _add_sentence(into: VoiceResponse, by: FallbackLine, prompt: str, **values: str) -> None:
    language, voice = prompts.voice(by.language)
    into.say(prompts.sentence(by.language, prompt, values), language=language, voice=voice)


def _fallback_url(what: str) -> str:
    return current_services().urls.fallback(what)
