"""Enqueue: parks a caller until somebody takes them out of the queue."""

import asyncio
from xml.etree.ElementTree import Element

from devtools.phone_company.calls import Jump
from devtools.phone_company.clock import first_of
from devtools.phone_company.queues import Claim, Member, Queue
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.pages import PageError
from devtools.phone_company.twiml.stage import Leave, Stage

_WHILE_WAITING = ("Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather")
_BEFORE_BRIDGE = ("Play", "Say", "Pause", "Redirect")
_AT_LEAST = 1.0  # seconds between two requests of a wait document that takes no time


async def enqueue(stage: Stage, element: Element) -> Jump | None:
    """Wait in the queue; the action is asked once the caller is out of it and of any bridge."""
    company, call = stage.company, stage.call
    name = attributes.text(element)
    size = attributes.number(element, "maxQueueSize", company.switches.queue_size)
    queue = company.queues.named(name) or company.queues.create(name, size)
    if len(queue.members) >= queue.max_size:
        return _action(stage, element, {"QueueResult": "queue-full"})
    member = queue.join(call, company.clock.now())
    stage.note("enqueue", queue=name)
    try:
        result = await _wait(stage, element, queue, member)
    except asyncio.CancelledError:
        result = _broken_off(member)
        if jump := _action(stage, element, _result(stage, queue, member, result)):
            stage.ask_in_background(jump)
        raise
    finally:
        queue.leave(member)
        stage.note("dequeue", queue=name)
    return _action(stage, element, _result(stage, queue, member, result))


async def _wait(stage: Stage, element: Element, queue: Queue, member: Member) -> str:
    try:
        await first_of(_claimed(member), _listen(stage, element, queue, member))
    except Leave:
        return "leave"
    claim = member.claimed.result()
    try:
        await _hear_greeting(stage, queue, member, claim)
        await claim.bridge.talk(stage.call)
    finally:
        claim.bridge.end()
    return "bridged"


async def _claimed(member: Member) -> None:
    await asyncio.wait({member.claimed})


async def _listen(stage: Stage, element: Element, queue: Queue, member: Member) -> None:
    company = stage.company
    url = element.get("waitUrl")
    waiting = stage.within(*_WHILE_WAITING, standing=lambda: _waiting(stage, queue, member))
    while url:
        began = company.clock.now()
        jump = Jump(stage.page.resolve(url), attributes.method(element, "waitUrlMethod"))
        try:
            await waiting.run(jump)
        except PageError:
            if company.switches.failing_wait == "drop":
                raise
            break
        if (company.clock.now() - began).total_seconds() < _AT_LEAST:
            await company.clock.sleep(_AT_LEAST)
    await asyncio.Event().wait()


async def _hear_greeting(stage: Stage, queue: Queue, member: Member, claim: Claim) -> None:
    if claim.greeting is None:
        return
    params = _times(stage, queue, member)
    dequeuing = next(leg.sid for leg in claim.bridge.legs if leg is not stage.call)
    params["DequeingCallSid"] = dequeuing
    greeting = stage.within(*_BEFORE_BRIDGE, standing=lambda: params)
    try:
        await greeting.run(claim.greeting)
    except PageError:
        return


def _broken_off(member: Member) -> str:
    if member.claimed.done():
        return "bridged" if member.call.over else "redirected-from-bridged"
    return "hangup" if member.call.over else "redirected"


def _action(stage: Stage, element: Element, params: dict[str, str]) -> Jump | None:
    action = element.get("action")
    if not action:
        return None
    return Jump(stage.page.resolve(action), attributes.method(element), params)


def _times(stage: Stage, queue: Queue, member: Member) -> dict[str, str]:
    return {
        "QueueSid": queue.sid,
        "QueueTime": str(member.waited(stage.company.clock.now())),
    }


def _result(stage: Stage, queue: Queue, member: Member, result: str) -> dict[str, str]:
    return {"QueueResult": result, **_times(stage, queue, member)}


def _waiting(stage: Stage, queue: Queue, member: Member) -> dict[str, str]:
    return {
        "QueuePosition": str(queue.position(member)),
        "AvgQueueTime": str(queue.average_wait(stage.company.clock.now())),
        "CurrentQueueSize": str(len(queue.members)),
        "MaxQueueSize": str(queue.max_size),
        **_times(stage, queue, member),
    }
