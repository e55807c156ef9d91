"""Record: takes down what the person says."""

import asyncio
import math
from xml.etree.ElementTree import Element

from devtools.phone_company.calls import Jump, StatusCallback
from devtools.phone_company.clock import first_of
from devtools.phone_company.recordings import Recording
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.stage import Stage

_ANY_KEY = "1234567890*#"


async def record(stage: Stage, element: Element) -> Jump | None:
    """Record until silence, a key, the limit or the end of the call; then ask the action."""
    call = stage.call
    recording = stage.company.recordings.begin(call.sid, "RecordVerb")
    call.asking = {"verb": "Record", **element.attrib}
    stage.note("record", recording=recording.sid, **element.attrib)
    call.voice.forget()
    call.keypad.forget()
    try:
        key = await _listen(stage, element, recording)
    except asyncio.CancelledError:
        recording.cut((stage.company.clock.now() - recording.created).total_seconds())
        if call.over:
            stage.ask_in_background(_action(stage, element, recording, "hangup"))
        raise
    finally:
        call.asking = None
        stage.company.recordings.finish(recording, _callback(stage, element))
        if attributes.yes(element, "transcribe") and recording.seconds:
            words = StatusCallback(stage.page.resolve(element.get("transcribeCallback")))
            stage.company.recordings.transcribe(recording, words)
    silent = not recording.text and recording.seconds == 0 and not key
    if silent and stage.company.switches.silent_record == "next":
        return None
    return _action(stage, element, recording, key)


async def _listen(stage: Stage, element: Element, recording: Recording) -> str:
    call, clock = stage.call, stage.company.clock
    began = clock.now()
    keys = element.get("finishOnKey", _ANY_KEY)
    silence = attributes.number(element, "timeout", 5) or math.inf
    most = attributes.number(element, "maxLength", 3600)
    patience = silence
    while (left := most - (clock.now() - began).total_seconds()) > 0:
        pause = min(patience, left)
        happened = await first_of(call.keypad.touched(), call.voice.touched(), clock.sleep(pause))
        if happened == 2:
            break
        if happened == 1:
            said = call.voice.take()
            recording.hear(said, since=began, now=clock.now(), most=most)
            # Silence is counted from the end of the words; a key may still end them early.
            patience = said.seconds + silence
        elif (key := call.keypad.take()) in keys:
            recording.cut((clock.now() - began).total_seconds())
            return key
    return ""


def _action(stage: Stage, element: Element, recording: Recording, digits: str) -> Jump:
    params = {
        "RecordingSid": recording.sid,
        "RecordingUrl": stage.company.recordings.url(recording),
        "RecordingDuration": str(recording.seconds),
    }
    if digits:
        params["Digits"] = digits
    url = stage.page.resolve(element.get("action"))
    return Jump(url, attributes.method(element), params)


def _callback(stage: Stage, element: Element) -> StatusCallback:
    url = element.get("recordingStatusCallback")
    events = element.get("recordingStatusCallbackEvent", "completed").split()
    return StatusCallback(
        stage.page.resolve(url) if url else "",
        attributes.method(element, "recordingStatusCallbackMethod"),
        frozenset(events),
    )
