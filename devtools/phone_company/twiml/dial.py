"""Dial: connects the call to numbers, to a queue or to a conference."""

import asyncio
from xml.etree.ElementTree import Element

from devtools.phone_company.calls import Jump
from devtools.phone_company.twiml import attributes, dial_conference, dial_number, dial_queue
from devtools.phone_company.twiml.dialling import Dialling
from devtools.phone_company.twiml.stage import Stage


async def dial(stage: Stage, element: Element) -> Jump | None:
    """Connect; the action is asked afterwards, else the next verb follows."""
    if not attributes.yes(element, "answerOnBridge"):
        stage.company.exchange.answer(stage.call)
    stage.note("dial", **element.attrib)
    dialling = Dialling(stage, element)
    queue, conference = element.find("Queue"), element.find("Conference")
    try:
        if queue is not None:
            await dial_queue.take_out(dialling, queue)
        elif conference is not None:
            await dial_conference.join(dialling, conference)
        else:
            await dial_number.ring_all(dialling)
    except asyncio.CancelledError:
        wanted = not stage.call.over or stage.company.switches.dial_action_on_hangup
        if wanted and (jump := dialling.action()):
            stage.ask_in_background(jump)
        raise
    return dialling.action()
