"""Dial Queue: takes the first caller out of a queue and talks to them."""

from xml.etree.ElementTree import Element

from devtools.phone_company.bridge import Bridge
from devtools.phone_company.calls import Jump
from devtools.phone_company.queues import Claim
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.dialling import Dialling


async def take_out(dialling: Dialling, noun: Element) -> None:
    """Wait for a caller up to the Dial's timeout, then talk."""
    stage = dialling.stage
    company = stage.company
    queue = company.queues.named(attributes.text(noun))
    if queue is None:
        stage.note("warning", code=14211, text=f"no queue {attributes.text(noun)}")
        dialling.params["QueueResult"] = "error"
        return
    greeting = None
    if url := noun.get("url"):
        greeting = Jump(stage.page.resolve(url), attributes.method(noun))
    dialling.status = "no-answer"
    patience = dialling.timeout + company.switches.timeout_buffer
    member = await queue.front(company.clock, patience)
    if member is None:
        return
    dialling.status, dialling.other = "completed", member.call.sid
    dialling.params |= {
        "QueueResult": "bridged",
        "QueueSid": queue.sid,
        "QueueTime": str(member.waited(company.clock.now())),
    }
    bridge = Bridge(company.clock, company.feed, (stage.call, member.call))
    member.claimed.set_result(Claim(bridge, greeting))
    await dialling.talk(bridge)
