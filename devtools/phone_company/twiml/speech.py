"""Say, Play and Pause."""

import struct
from xml.etree.ElementTree import Element

from devtools.phone_company.calls import Jump
from devtools.phone_company.post.webhook import DeliveryError, Webhook
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.stage import Stage

_FOR_EVER = 1000  # loop="0"
_UNKNOWN_LENGTH = 5.0  # seconds taken by audio that is no wav


async def say(stage: Stage, element: Element) -> Jump | None:
    """Read a text aloud."""
    text = attributes.text(element)
    if not text:
        stage.note("warning", code=13520, text="nothing to say")
        return None
    stage.note("say", text=text, language=element.get("language"), voice=element.get("voice"))
    for _ in range(_loops(element)):
        await stage.speak(text)
    return None


async def play(stage: Stage, element: Element) -> Jump | None:
    """Play a recording; one that cannot be had is a warning and silence."""
    if element.get("digits") is not None:
        stage.note("play", digits=element.get("digits"))
        return None
    url = stage.page.resolve(attributes.text(element))
    seconds = await _length(stage, url)
    stage.note("play", url=url, seconds=seconds)
    for _ in range(_loops(element)):
        await stage.company.clock.sleep(seconds * stage.company.account.speech)
    return None


async def pause(stage: Stage, element: Element) -> Jump | None:
    """Stay silent."""
    seconds = attributes.number(element, "length", 1)
    stage.note("pause", seconds=seconds)
    await stage.company.clock.sleep(seconds)
    return None


def _loops(element: Element) -> int:
    return attributes.number(element, "loop", 1) or _FOR_EVER


async def _length(stage: Stage, url: str) -> float:
    request = Webhook(url, {}, "GET", "media", call=stage.call.sid, cookies=stage.call.cookies)
    try:
        answer = await stage.company.post.ask(request)
        if answer.status >= 400:
            raise DeliveryError(11200, f"HTTP {answer.status}")
        if not answer.content_type.startswith("audio/"):
            raise DeliveryError(12300, f"content type {answer.content_type}")
    except DeliveryError as failure:
        stage.note("warning", code=failure.code, url=url, text="cannot be played")
        return 0.0
    return _measure_wav(answer.body)


def _measure_wav(body: bytes) -> float:
    """The length of a wav file in seconds, whatever its samples are. Python's own reader refuses
    the sound of telephones, which has eight bits a sample, as logarithms."""
    bytes_a_second, at = 0, 12
    while body.startswith(b"RIFF") and at + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        if name == b"fmt " and at + 20 <= len(body):
            (bytes_a_second,) = struct.unpack_from("<I", body, at + 16)
        if name == b"data" and bytes_a_second:
            return float(min(size, len(body) - at - 8) / bytes_a_second)
        at += 8 + size + size % 2
    return _UNKNOWN_LENGTH
