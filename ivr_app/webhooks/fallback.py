"""What answers when we cannot: people from a file, asked for a key, without database and Redis."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import structlog
from flask import Blueprint, Response, request
from twilio.twiml.voice_response import VoiceResponse

from carrier import prompts
from carrier.fallback import UNKNOWN, FallbackLine, read_fallback
from ivr_app.context import board, desk, given, key, speak_to_caller, xml
from routing.phone_numbers import reaches

blueprint = Blueprint("fallback", __name__, url_prefix="/voice/fallback")
post = blueprint.post

RING_SECONDS = 20
_log = structlog.get_logger("fallback")


@post("")
def fallback() -> Response:
    """Our answer failed: the carrier asks here what to do with the caller."""
    return human()


@post("/next/<int:number>")
def next_person(number: int) -> Response:
    """One person was dialled: the next one, for as long as the caller holds.

    Only the carrier's word that the two were joined ends the call: a mailbox that listens to the
    whispers takes as long as a short talk.
    """
    if given("DialBridged") == "true":
        return _farewell(line_dialled())
    return back_to_the_line() or dial(line_dialled(), number)


@post("/whisper")
def whisper() -> Response:
    """Somebody picked up: a key, because it may be a mailbox."""
    line, take = line_dialled(), secrets.choice("23456789")
    response = VoiceResponse()
    for _ in range(3):
        gather = response.gather(
            num_digits=1, timeout=5, method="POST", action=_address(f"key/{take}")
        )
        _say(gather, line, "rescue_whisper", line=line.name, take=take)
    response.hangup()
    return xml(str(response))


@post("/key/<take>")
def keyed(take: str) -> Response:
    """The right key joins them with the caller; any other ends their call."""
    response = VoiceResponse()
    if key() != take:
        response.hangup()
    return xml(str(response))


@post("/leg/<leg_id>")
def leg(leg_id: str) -> Response:
    """The document of an engineer's leg failed: they hear that we ring again."""
    return leg_failed()


def back_to_the_line() -> Response | None:
    """A caller whose call the line still knows goes on there, once it can answer again."""
    try:
        matter = desk().book.matter_of_sid(given("CallSid"))
        known = matter is not None and matter.call is not None and matter.call.live
        return speak_to_caller(matter) if known and matter is not None else None
    except Exception:
        return None


def human() -> Response:
    """A sentence and then a human."""
    shown = given("From") or given("Caller")
    known = (*read_fallback(board().settings.fallback_file), line_dialled())
    if not given("Digits") and any(reaches(shown, line.number) for line in known):
        return own_number()
    return dial(line_dialled(), 0)


def own_number() -> Response:
    """The line seems to call itself, by a telephone that is forwarded to it: nobody is rung unless
    a key says that somebody is there, or each ring would call the line again."""
    _log.error("a call from our own number", sid=given("CallSid")[:64])
    response, line = VoiceResponse(), line_dialled()
    for _ in range(2):
        gather = response.gather(
            num_digits=1, timeout=5, method="POST", action=board().addresses.at(request.path)
        )
        _say(gather, line, "own_number")
    _say(response, line, "goodbye")
    response.hangup()
    return xml(str(response))


def dial(line: FallbackLine, number: int) -> Response:
    """Dial the people of the file one after the other, round and round."""
    response = VoiceResponse()
    _say(response, line, "sorry" if number == 0 else "rescue")
    if not line.phones:
        _say(response, line, "goodbye")
        response.hangup()
        return xml(str(response))
    to_dial = response.dial(
        timeout=RING_SECONDS,
        action=_address(f"next/{number + 1}"),
        method="POST",
        **({"caller_id": line.number} if line.number else {}),
    )
    phone = line.phones[number % len(line.phones)]
    to_dial.number(phone, url=_address("whisper"), method="POST")
    return xml(str(response))


def leg_failed() -> Response:
    """What an engineer hears when the document of the leg could not be made."""
    response = VoiceResponse()
    _say(response, line_dialled(), "leg_failed")
    response.hangup()
    return xml(str(response))


def wait_again() -> Response:
    """The waiting room failed: music and one more try, then out of the queue to a human."""
    response = VoiceResponse()
    if "failed" in request.args:
        response.leave()
        return xml(str(response))
    _say(response, line_dialled(), "sorry_wait")
    response.play(board().addresses.music)
    response.redirect(board().addresses.again(request.path), method="POST")
    return xml(str(response))


def line_dialled() -> FallbackLine:
    """The line that this request is about, as the file knows it; of a number that it does not know
    the first one, so that somebody is dialled."""
    lines = read_fallback(board().settings.fallback_file)
    if list(lines) == [UNKNOWN]:
        lines = _of_the_database() or lines
    asked = [given(name) for name in ("To", "From", "Called", "Caller")]
    ours = (line for number in asked for line in lines if reaches(number, line.number))
    return next(ours, lines[0])


def _of_the_database() -> Sequence[FallbackLine]:
    """The last resort of each line, while nobody has written the file yet."""
    try:
        lines = board().people.all_lines()
    except Exception:
        return ()
    return [FallbackLine(x.number, x.name, x.languages[0], x.last_resort) for x in lines]


def _farewell(line: FallbackLine) -> Response:
    response = VoiceResponse()
    _say(response, line, "goodbye")
    response.hangup()
    return xml(str(response))


def _say(into: VoiceResponse, by: FallbackLine, prompt: str, **values: str) -> None:
    language, voice = prompts.voice(by.language)
    into.say(prompts.sentence(by.language, prompt, values), language=language, voice=voice)


def _address(what: str) -> str:
    return board().addresses.fallback(what)
