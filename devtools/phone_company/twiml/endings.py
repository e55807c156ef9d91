"""Redirect, Hangup, Reject and Leave: the verbs that end a page."""

from xml.etree.ElementTree import Element

from devtools.phone_company.calls import Jump
from devtools.phone_company.twiml import attributes
from devtools.phone_company.twiml.stage import HangUp, Leave, Stage


async def redirect(stage: Stage, element: Element) -> Jump | None:
    """Go on with another page."""
    return Jump(stage.page.resolve(attributes.text(element)), attributes.method(element))


async def hang_up(stage: Stage, element: Element) -> Jump | None:
    """End the call."""
    stage.note("hangup")
    raise HangUp


async def reject(stage: Stage, element: Element) -> Jump | None:
    """Refuse a call that was not answered yet."""
    if stage.call.status == "ringing":
        busy = element.get("reason") == "busy"
        stage.company.exchange.end(stage.call, "busy" if busy else "no-answer")
    raise HangUp


async def leave(stage: Stage, element: Element) -> Jump | None:
    """Leave the queue."""
    raise Leave
